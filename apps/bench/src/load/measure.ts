/** One load on one store, with what it cost the processes. */

import { watchCpu, type CpuUse } from '../machine/cpu.ts';
import type { Connection, Store } from '../stores/store.ts';
import { oneAfterAnother } from './keys.ts';
import { runLoad } from './run-load.ts';
import type { Settings } from './settings.ts';

export interface Measurement {
  readonly store: string;
  readonly settings: Settings;
  readonly operations: number;
  readonly failed: number;
  /** Why the first that failed did. */
  readonly failure: string | null;
  readonly perSecond: number;
  /** Milliseconds, as the clients see it. */
  readonly p50: number;
  /** `null` where a load tool does not say. */
  readonly p90: number | null;
  readonly p99: number;
  readonly max: number;
  /** Shares of one core: of each node, and of the process that makes the load; empty and `null` where it is not known. */
  readonly nodeCpu: readonly number[];
  readonly loadCpu: number | null;
  /** Processor time of all these processes for one operation, microseconds; `null` where it is not known. */
  readonly cpuMicros: number | null;
}

/** Of the load: so many go ahead to warm caches and compilers up. */
const WARM_UP_SHARE = 0.1;

/** What goes ahead of the load that counts. */
export function warmUp(settings: Settings): Settings {
  return { ...settings, total: Math.ceil(settings.total * WARM_UP_SHARE) };
}

/** What is written before reads, each key once: what is read has to be there. */
export function filling(settings: Settings): Settings {
  return { ...settings, kind: 'put', total: settings.keySpaceSize, rate: null };
}

/** Through the connections of the store, from this process. */
export async function measure(store: Store, settings: Settings): Promise<Measurement> {
  const connections = await Promise.all(Array.from({ length: settings.conns }, () => store.connect()));
  try {
    if (settings.kind !== 'put') await fill(connections, settings);
    await runLoad(connections, warmUp(settings));
    const cpuSince = await watchCpu([process.pid, ...store.pids]);
    const result = await runLoad(connections, settings);
    const use = await cpuSince();
    const [loadSeconds = null, ...nodeSeconds] = use.seconds;
    return {
      store: store.name,
      settings,
      ...result,
      ...cpuOf(use, nodeSeconds, loadSeconds, result.operations),
    };
  } finally {
    await Promise.all(connections.map((connection) => connection.close()));
  }
}

/** What the nodes and the load used of the processor, as shares and for one operation. */
export function cpuOf(
  { elapsedSeconds }: CpuUse,
  nodeSeconds: readonly (number | null)[],
  loadSeconds: number | null,
  operations: number,
): Pick<Measurement, 'nodeCpu' | 'loadCpu' | 'cpuMicros'> {
  const known = nodeSeconds.filter((seconds) => seconds !== null);
  const isWhole = known.length > 0 && known.length === nodeSeconds.length && loadSeconds !== null;
  const all = known.reduce((sum, seconds) => sum + seconds, loadSeconds ?? 0);
  return {
    nodeCpu: known.map((seconds) => seconds / elapsedSeconds),
    loadCpu: loadSeconds === null ? null : loadSeconds / elapsedSeconds,
    cpuMicros: isWhole && operations > 0 ? (all * 1e6) / operations : null,
  };
}

async function fill(connections: readonly Connection[], settings: Settings): Promise<void> {
  await runLoad(connections, filling(settings), oneAfterAnother);
}
