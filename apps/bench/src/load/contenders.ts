/** Whose speed is taken: each on a cluster of its own, started for one load and ended after it. */

import type { Endings } from '../endings.ts';
import { measureTool, type LoadTool } from '../load-tool/measure-tool.ts';
import { checkProgram } from '../machine/programs.ts';
import { checkEtcd } from '../stores/etcd-cluster.ts';
import { raftkvAt, startRaftkv } from '../stores/raftkv.ts';
import type { Store } from '../stores/store.ts';
import { measure, type Measurement } from './measure.ts';
import type { NodeFlags, Settings } from './settings.ts';

export type Contender = (settings: Settings) => Promise<Measurement>;

/** Raftkv on three processes, or where it runs already. */
export function raftkv(
  { endpoints, segmentBytes }: NodeFlags & { readonly endpoints?: readonly string[] },
  endings: Endings,
): Contender {
  if (endpoints === undefined) return through(() => startRaftkv(segmentBytes, endings));
  return through(() => Promise.resolve(raftkvAt(endpoints)));
}

/**
 * etcd, through its npm client, and through a tool where there is one.
 *
 * @throws {BenchError} where one of them is missing.
 */
export async function etcd(tool: LoadTool | null, endings: Endings): Promise<Contender[]> {
  await checkEtcd();
  if (tool !== null) await checkProgram(tool.load[0], '--load-tool names it');
  // Its client is slow to load, and few need it.
  const { startEtcd, startReadyEtcd } = await import('../stores/etcd.ts');
  const byClient = through(() => startEtcd(endings));
  if (tool === null) return [byClient];
  const byTool: Contender = async (settings) => {
    const cluster = await startReadyEtcd(endings);
    try {
      return await measureTool(tool, cluster, settings, endings);
    } finally {
      await cluster.close();
    }
  };
  return [byClient, byTool];
}

function through(start: () => Promise<Store>): Contender {
  return async (settings) => {
    const store = await start();
    try {
      return await measure(store, settings);
    } finally {
      await store.close();
    }
  };
}
