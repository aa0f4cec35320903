/** `@raftkv/storage-file/testing`: files in memory for tests of what a crash leaves. */

export type { Unsynced } from './memory-disk.ts';
export { MemoryFiles, systemError, type MemoryFilesOptions, type Operation } from './memory-files.ts';
