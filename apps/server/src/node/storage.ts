/** The log on disk, and what the system says where it cannot be used. */

import type { StoredLog } from '@raftkv/runtime';
import { FileLogStorage, StorageError, type FileStorageOptions } from '@raftkv/storage-file';
import { codeOf, DataDirectoryError } from '../errors.ts';

export class NodeStorage extends FileLogStorage {
  private readonly directory: string;

  constructor(options: FileStorageOptions) {
    super(options);
    this.directory = options.directory;
  }

  /** @throws {StorageError} or {DataDirectoryError} */
  override async load(): Promise<StoredLog> {
    try {
      return await super.load();
    } catch (error) {
      const isOfSystem =
        !(error instanceof StorageError) && codeOf(error) !== null && 'syscall' in Object(error);
      throw isOfSystem && error instanceof Error ? new DataDirectoryError(this.directory, error) : error;
    }
  }
}
