/** The log on disk, and what it says of who the members are. */

import { votersOf } from '@raftkv/core';
import type { NodeId } from '@raftkv/core';
import type { StoredLog } from '@raftkv/runtime';
import { FileLogStorage, StorageError, type FileStorageOptions } from '@raftkv/storage-file';
import { codeOf, DataDirectoryError } from '../errors.ts';

/** A node learns from its storage who the others are, before it connects to them. */
export class NodeStorage extends FileLogStorage {
  private readonly directory: string;
  private readonly onMembers: (members: readonly NodeId[]) => void;

  constructor(options: FileStorageOptions, onMembers: (members: readonly NodeId[]) => void) {
    super(options);
    this.directory = options.directory;
    this.onMembers = onMembers;
  }

  /** @throws {StorageError} or {DataDirectoryError} */
  override async load(): Promise<StoredLog> {
    try {
      const stored = await super.load();
      this.onMembers(votersOf(stored.record.base.configuration).map(({ id }) => id));
      return stored;
    } catch (error) {
      const isOfSystem =
        !(error instanceof StorageError) && codeOf(error) !== null && 'syscall' in Object(error);
      throw isOfSystem && error instanceof Error ? new DataDirectoryError(this.directory, error) : error;
    }
  }
}
