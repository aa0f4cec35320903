/** Logs that are cut behind snapshots: how short they are to be, and whether they are. Source: R33; DESIGN §6. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalNode } from '@raftkv/server/local-cluster';
import { until } from './calm.ts';
import type { Random } from './random.ts';

/** By turns of chance; null: as in service, where a round does not write enough for a single snapshot. */
const LOG_BYTES = [4096, 4096, 16_384, 16_384, 65_536, 65_536, 262_144, null] as const;
/** Above it a round may pass without a snapshot. */
export const SHORT_LOG_BYTES = 65_536;

/** One is taken after so much more has been applied as the last one took, or this; what comes meanwhile waits for the next. */
const WAITING_BYTES = 256 * 1024;
/** As the core counts an entry without its payload. */
const ENTRY_BYTES_MIN = 64;

/** After how much of the log the nodes of a cluster take a snapshot. */
export function snapshotLogBytesOf(random: Random): number | null {
  return random.pick(LOG_BYTES);
}

interface Files {
  readonly logBytes: number;
  /** Of the largest, finished or not. */
  readonly snapshotBytes: number;
  readonly snapshots: number;
}

export interface ShortLogsOptions {
  /** Null where they are not short. */
  readonly snapshotLogBytes: number | null;
  readonly segmentBytes: number;
  /** For what is being taken or removed. */
  readonly timeoutMs: number;
  /** Writes some more, of which snapshots come. */
  write(): Promise<unknown>;
}

/**
 * A leader waits for who is sent a snapshot, and what it kept meanwhile goes with a later one: so the logs are short once
 * enough has been written while all is well.
 *
 * @throws {BrokenPromise} if the log of one stays too long.
 */
export async function checkShortLogs(nodes: readonly LocalNode[], options: ShortLogsOptions): Promise<void> {
  const { snapshotLogBytes, segmentBytes, timeoutMs } = options;
  if (snapshotLogBytes === null) return;
  for (const node of nodes) {
    await until('logs-short', timeoutMs, async () => {
      const wrong = await tooLong(node, snapshotLogBytes, segmentBytes);
      if (wrong !== null) await options.write();
      return wrong;
    });
  }
}

/** What is too long of a node's log, in entries or on disk; null where nothing is. */
async function tooLong(
  node: LocalNode,
  snapshotLogBytes: number,
  segmentBytes: number,
): Promise<string | null> {
  const { name, dataDirectory } = node;
  const status = await node.status();
  if (status === null) return `${name} does not answer`;
  const { logBytes, snapshotBytes, snapshots } = await filesIn(dataDirectory);
  const dueBytes = Math.max(snapshotLogBytes, snapshotBytes);
  const entries = status.lastIndex - status.snapshotIndex;
  if (entries * ENTRY_BYTES_MIN > 2 * dueBytes + WAITING_BYTES) {
    return `${name} has ${entries} entries behind its snapshot of ${snapshotBytes} bytes`;
  }
  // From the older of two snapshots on, and beside it parts of segments: the first, the last, and one that waits.
  const logBytesMax = 3 * segmentBytes + 4 * (2 * dueBytes + WAITING_BYTES);
  if (logBytes <= logBytesMax && snapshots <= 2) return null;
  return `${name} holds ${logBytes} bytes of log, more than ${logBytesMax}, and ${snapshots} snapshots`;
}

async function filesIn(directory: string): Promise<Files> {
  let [logBytes, snapshotBytes, snapshots] = [0, 0, 0];
  for (const file of await readdir(directory)) {
    // It may go meanwhile.
    const size = await stat(join(directory, file)).then(
      (found) => found.size,
      () => 0,
    );
    if (file.endsWith('.log')) logBytes += size;
    if (!file.startsWith('snapshot-')) continue;
    snapshotBytes = Math.max(snapshotBytes, size);
    snapshots += 1;
  }
  return { logBytes, snapshotBytes, snapshots };
}
