/** A table of what each node says of itself, the most important first: what does not fit is left out. */

import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import { table } from './table.ts';

const HEADINGS = [
  'NODE',
  'ROLE',
  'TERM',
  'LEADER',
  'REVISION',
  'KEYS',
  'COMMIT',
  'APPLIED',
  'PROCESS',
  'CLIENTS',
];

export async function statusLines(cluster: LocalCluster, width: number): Promise<string[]> {
  return table(HEADINGS, await Promise.all(cluster.nodes.map(row)), width);
}

async function row(node: LocalNode): Promise<string[]> {
  const status = await node.status();
  const { name, pid, clientUrl } = node;
  const where = [pid === null ? '' : String(pid), clientUrl];
  if (status === null)
    return [name, node.state === 'running' ? 'silent' : node.state, '', '', '', '', '', '', ...where];
  const { role, term, leader, revision, keys, commitIndex, appliedIndex } = status;
  const numbers = [revision, keys, commitIndex, appliedIndex].map(String);
  return [name, role, String(term), leader ?? 'none', ...numbers, ...where];
}
