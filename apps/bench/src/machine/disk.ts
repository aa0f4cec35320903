/** What the disk itself does: the measure of everything that is durable. */

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Latencies, type Quantiles } from '../load/latencies.ts';

const SYNCS = 500;
const BYTES = 4096;

/** How long it takes to write 4 KiB over what is there and to sync them, one after another. */
export async function measureDisk(): Promise<Quantiles> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-disk-'));
  const file = await open(join(directory, 'file'), 'w');
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
    return latencies.quantiles();
  } finally {
    await file.close();
    await rm(directory, { recursive: true, force: true });
  }
}
