/** All that the storage asks of an operating system, so that a test can put another in its place. */

/** Called once, later than the call that it was given to. */
export type Done = (error: Error | null) => void;

/** A file that is open for reading and writing at any offset. */
export interface OpenFile {
  /** As it was opened. */
  readonly path: string;
  /** In bytes. */
  size(): Promise<number>;
  /** Up to `count` bytes from `offset`; fewer only at the end of the file. Memory of the caller's own. */
  read(offset: number, count: number): Promise<Buffer>;
  /** All of `bytes` at `offset`. Not on disk before `sync`; in which order parts of it get there is open. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** All of `bytes` at `offset`, done when they are on disk. The caller leaves `bytes` alone until then. */
  writeSynced(bytes: Uint8Array, offset: number, done: Done): void;
  /** What was written is on disk. After a failure nobody knows what is: the file is of no more use. */
  sync(): Promise<void>;
  /** Syncs nothing. */
  close(): Promise<void>;
}

/** Paths are joined with `/`. Errors are those of the system, with its `code`. */
export interface FileSystem {
  /** With its parents, each of which is synced where it has gained one. */
  makeDirectory(path: string): Promise<void>;
  /** Names, in no order. */
  list(directory: string): Promise<readonly string[]>;
  /** A new, empty file; replaces one of that name. */
  create(path: string): Promise<OpenFile>;
  /** A file that is there, to be read and written. */
  open(path: string): Promise<OpenFile>;
  /** Replaces `to`. Not on disk before `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** Not on disk before `syncDirectory`. */
  remove(path: string): Promise<void>;
  /** Files created, renamed and removed in it are so on disk. */
  syncDirectory(path: string): Promise<void>;
  /** Keeps others out as long as this process lives, or until the function is called. @throws {DirectoryLockedError} */
  lock(directory: string): Promise<() => Promise<void>>;
}
