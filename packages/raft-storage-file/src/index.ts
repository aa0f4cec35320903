/** `@raftkv/storage-file`: the log of a Raft node in files. What this package promises, name by name. */

export { FileLogStorage } from './file-log-storage.ts';
export type { FileStorageOptions, StorageNotice } from './options.ts';
export {
  DamagedError,
  DirectoryLockedError,
  StorageClosedError,
  StorageError,
  StorageFailedError,
  UnknownFormatError,
  WrongDirectoryError,
  type StorageErrorCode,
} from './errors.ts';
export { INVARIANTS, StorageInvariantViolation, type InvariantName } from './invariants.ts';
export type { Done, FileSystem, OpenFile } from './files/file-system.ts';
export { nodeFiles } from './files/node-files.ts';
