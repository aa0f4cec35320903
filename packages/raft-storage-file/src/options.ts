/** What a log in files has to be told, and what it has to tell. */

import type { Configuration, NodeId } from '@raftkv/core';
import { INCARNATION_BYTES, type Incarnation } from '@raftkv/runtime';
import type { FileSystem } from './files/file-system.ts';
import { nodeFiles } from './files/node-files.ts';

/** What an operator should know, and nothing that stops the node. */
export type StorageNotice =
  /** A batch whose sync had not returned when the process ended was found in part, and cut. Nothing acknowledged. */
  | { readonly kind: 'torn-tail-cut'; readonly file: string; readonly offset: number }
  /** The directory has members of its own: those given to start a new cluster with are not used (R27). */
  | { readonly kind: 'configuration-ignored' }
  /** Files that nobody needs any more could not be removed. It is tried again when the next are, and at the next start. */
  | { readonly kind: 'not-removed'; readonly cause: Error };

/** Where the files are, and whose. */
export interface FileStorageOptions {
  /** Made where it is missing. */
  readonly directory: string;
  /** Whose log it is: another one's directory is refused. */
  readonly node: NodeId;
  /** The same for all members of a cluster, another for each cluster: a name, or a token. */
  readonly cluster: string;
  /** The members that a new cluster begins with; equal on all of them. */
  readonly configuration: Configuration;
  /** Of one file of the log, which is filled with zeros before it is used; 64 MiB. At least 4 KiB. */
  readonly segmentBytes?: number;
  /** Entries read into memory at the start, for the core; 1,024. */
  readonly tailEntriesMax?: number;
  /** The same in bytes; 4 MiB. */
  readonly tailBytesMax?: number;
  /** After so long without a write, the last one is vouched for; ms. `null`: only when closed. 100. */
  readonly sealAfterMs?: number | null;
  /** Calls `callback` once, `delayMs` from now, unless what it gives back is called; the machine's timers unless given. */
  readonly setTimer?: (delayMs: number, callback: () => void) => () => void;
  /** What an operator may want to know; nobody is told unless given. */
  readonly onNotice?: (notice: StorageNotice) => void;
  /** The operating system's, by default. */
  readonly files?: FileSystem;
  /** Sixteen random bytes for a new directory. */
  readonly newIncarnation?: () => Incarnation;
}

const DEFAULTS = {
  segmentBytes: 64 * 1024 * 1024,
  tailEntriesMax: 1024,
  tailBytesMax: 4 * 1024 * 1024,
  sealAfterMs: 100,
  setTimer: systemTimer,
  onNotice: () => {},
  files: nodeFiles,
  newIncarnation: () => crypto.getRandomValues(new Uint8Array(INCARNATION_BYTES)),
};

const SEGMENT_BYTES_MIN = 4096;
const SEGMENT_BYTES_MAX = 2 ** 31;

export type CompleteOptions = Required<FileStorageOptions>;

/** @throws {RangeError} if `segmentBytes` is out of range. */
export function completeOptions(options: FileStorageOptions): CompleteOptions {
  const complete = { ...DEFAULTS, ...options };
  const { segmentBytes } = complete;
  if (segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX || segmentBytes % 8 !== 0) {
    throw new RangeError(
      `segmentBytes must be a multiple of 8 from ${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX}, not ${segmentBytes}`,
    );
  }
  return complete;
}

/** Keeps no process alive. */
function systemTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
}
