/** What the disk itself does: the measure of everything that is durable. */

import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, type Endings } from '../endings.ts';
import { Latencies } from '../load/latencies.ts';

const SYNCS = 500;
const BYTES = 4096;
/** Source: statfs(2), `TMPFS_MAGIC`. */
const IN_MEMORY = 0x01_02_19_94;

export interface Disk {
  /** Of 4 KiB written over what is there and synced, one after another, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Then nothing that is measured on it is durable. */
  readonly isInMemory: boolean;
}

/** The one under the directory for temporary files, where the clusters that are started keep their data. */
export async function measureDisk(endings: Endings): Promise<Disk> {
  const directory = temporaryDirectory(endings, 'disk');
  const isInMemory = process.platform === 'linux' && (await statfs(directory.path)).type === IN_MEMORY;
  const file = await open(join(directory.path, 'file'), 'w');
  try {
    const bytes = Buffer.alloc(BYTES, 1);
    await file.write(Buffer.alloc(SYNCS * BYTES));
    await file.sync();
    const latencies = new Latencies(SYNCS);
    for (let nth = 0; nth < SYNCS; nth += 1) {
      const startMs = performance.now();
      await file.write(bytes, 0, BYTES, nth * BYTES);
      await file.datasync();
      latencies.add(performance.now() - startMs);
    }
    const { p50, p99 } = latencies.quantiles();
    return { p50, p99, isInMemory };
  } finally {
    await file.close();
    await directory.remove();
  }
}

export function describedDisk({ p50, p99, isInMemory }: Disk): string {
  const warning = isInMemory ? ' (in memory: set TMPDIR to a directory on a disk)' : '';
  return `disk: 4 KiB written and synced in ${p50.toFixed(2)} ms (p50), ${p99.toFixed(2)} ms (p99)${warning}`;
}
