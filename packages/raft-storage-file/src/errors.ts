/** What can be wrong with a data directory. Every message says where, and what to do. */

export type StorageErrorCode =
  | 'STORAGE_LOCKED'
  | 'STORAGE_WRONG_DIRECTORY'
  | 'STORAGE_UNKNOWN_FORMAT'
  | 'STORAGE_DAMAGED'
  | 'STORAGE_FAILED'
  | 'STORAGE_CLOSED';

/** Why a storage cannot be used, or not any more. */
export abstract class StorageError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: StorageErrorCode;
}

/** Another process has the directory open. */
export class DirectoryLockedError extends StorageError {
  override readonly name = 'DirectoryLockedError';
  readonly code = 'STORAGE_LOCKED';

  constructor(directory: string) {
    super(
      `${directory} is in use by a running node: stop that one first, or give this one a directory of its own`,
    );
  }
}

/** The directory belongs to another node, or to another cluster. */
export class WrongDirectoryError extends StorageError {
  override readonly name = 'WrongDirectoryError';
  readonly code = 'STORAGE_WRONG_DIRECTORY';

  constructor(directory: string, what: 'node' | 'cluster', found: string, expected: string) {
    super(
      `${directory} belongs to ${what} ${JSON.stringify(found)}, not to ${JSON.stringify(expected)}: ` +
        `start with that ${what}'s name, or with another directory`,
    );
  }
}

/** A file of a version that this release does not read. */
export class UnknownFormatError extends StorageError {
  override readonly name = 'UnknownFormatError';
  readonly code = 'STORAGE_UNKNOWN_FORMAT';
  /** Its path. */
  readonly file: string;
  /** The version of the format that the file names. */
  readonly found: number;
  /** The one that this release reads and writes. */
  readonly known: number;

  constructor(file: string, found: number, known: number) {
    super(
      `${file} has format version ${found}, this release reads version ${known}: ` +
        'start the release that wrote it, or a later one',
    );
    this.file = file;
    this.found = found;
    this.known = known;
  }
}

/** Bytes that were once on disk are not what they were: a disk, a copy or a hand changed them. */
export class DamagedError extends StorageError {
  override readonly name = 'DamagedError';
  readonly code = 'STORAGE_DAMAGED';
  /** Its path. */
  readonly file: string;
  /** Where in the file, in bytes. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      `${file} is damaged at byte ${offset}: ${what}. Going on could lose acknowledged writes. Keep a copy of the ` +
        'directory, restore it from a backup of this member, or remove the member and add it again with an empty one',
      options,
    );
    this.file = file;
    this.offset = offset;
  }
}

/**
 * The disk refused a write or a sync. Nothing is written to the log any more, and what was under way may or may not be there;
 * where it is a snapshot that could not be written, there is nothing of it, and the log goes on.
 */
export class StorageFailedError extends StorageError {
  override readonly name = 'StorageFailedError';
  readonly code = 'STORAGE_FAILED';
  /** The path of what could not be written, read or synced. */
  readonly file: string;

  constructor(file: string, cause: Error, of: 'log' | 'snapshot' = 'log') {
    const whatNext = of === 'log' ? ', then start the node again' : '. The log goes on without this snapshot';
    super(`${file} could not be written: ${cause.message}. ${advice(cause)}${whatNext}`, { cause });
    this.file = file;
  }
}

/** The storage was closed. */
export class StorageClosedError extends StorageError {
  override readonly name = 'StorageClosedError';
  readonly code = 'STORAGE_CLOSED';

  constructor() {
    super('the storage is closed');
  }
}

function advice(cause: Error): string {
  const code = 'code' in cause ? cause.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room on the disk' : 'Look at the disk';
}
