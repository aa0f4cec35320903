/** `@raftkv/storage-file`: the log of a Raft node in files. What this package promises, name by name. */

export { FileLogStorage, type FileStorageOptions, type StorageNotice } from './file-log-storage.ts';
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
