/** One load of an external tool on etcd, with what it cost the processes. */

import { basename } from 'node:path';
import type { Endings } from '../endings.ts';
import { BenchError } from '../errors.ts';
import { cpuOf, filling, warmUp, type Measurement } from '../load/measure.ts';
import type { Settings } from '../load/settings.ts';
import { watchCpu } from '../machine/cpu.ts';
import type { EtcdCluster } from '../stores/etcd-cluster.ts';
import { toolResultFrom } from './output.ts';
import { outputOf } from './run-tool.ts';
import { filledIn, type Template } from './template.ts';

export interface LoadTool {
  readonly load: Template;
  /** Writes what is read; `null` where nothing is. */
  readonly fill: Template | null;
}

function nameOf({ load: [program] }: LoadTool): string {
  return `etcd/${basename(program)}`;
}

/** @throws {BenchError} if the tool fails, or what it prints is in no form that is known. */
export async function measureTool(
  tool: LoadTool,
  { endpoints, pids }: EtcdCluster,
  settings: Settings,
  endings: Endings,
): Promise<Measurement> {
  if (tool.fill !== null) await outputOf(filledIn(tool.fill, endpoints, filling(settings)), endings);
  await outputOf(filledIn(tool.load, endpoints, warmUp(settings)), endings);
  const cpuSince = await watchCpu(pids);
  const output = await outputOf(filledIn(tool.load, endpoints, settings), endings);
  const use = await cpuSince();
  const result = toolResultFrom(output);
  if (result === null) {
    throw new BenchError(`what ${tool.load[0]} printed is in no form that is known: ${output.trim()}`);
  }
  const operations = settings.total - result.failed;
  return {
    store: nameOf(tool),
    settings,
    operations,
    failure: result.failed === 0 ? null : 'the load tool knows why',
    ...result,
    ...cpuOf(use, use.seconds, use.childSeconds, operations),
  };
}
