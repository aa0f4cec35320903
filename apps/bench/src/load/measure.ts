/** One load on one store, with what it cost the processes. */

import { watchCpu } from '../machine/cpu.ts';
import type { Connection, Store } from '../stores/store.ts';
import { oneAfterAnother, runLoad, type LoadResult } from './run-load.ts';
import type { Settings } from './settings.ts';

export interface Measurement extends LoadResult {
  readonly store: string;
  readonly settings: Settings;
  /** Shares of one core: of each node, and of this process, which makes the load. */
  readonly nodeCpu: readonly number[];
  readonly loadCpu: number;
}

/** Of the load: so many go ahead to warm caches and compilers up. */
const WARM_UP_SHARE = 0.1;

export async function measure(store: Store, settings: Settings): Promise<Measurement> {
  const connections = await Promise.all(Array.from({ length: settings.conns }, () => store.connect()));
  try {
    await fill(connections, settings);
    await runLoad(connections, { ...settings, total: Math.ceil(settings.total * WARM_UP_SHARE) });
    const cpuSince = await watchCpu([process.pid, ...store.pids]);
    const result = await runLoad(connections, settings);
    const [loadCpu = 0, ...nodeCpu] = await cpuSince();
    return { ...result, store: store.name, settings, nodeCpu, loadCpu };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

/** What is read has to be there. */
async function fill(connections: readonly Connection[], settings: Settings): Promise<void> {
  if (settings.kind === 'put') return;
  const every: Settings = { ...settings, kind: 'put', total: settings.keySpaceSize, rate: null };
  await runLoad(connections, every, oneAfterAnother);
}
