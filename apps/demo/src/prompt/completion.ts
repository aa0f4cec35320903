/** Names of commands, and of those nodes to which a command can be done. */

import type { LocalCluster } from '@raftkv/server/local-cluster';
import { COMMANDS } from './commands.ts';

/** What readline wants: the words that fit, and what they take the place of. */
export function complete(cluster: LocalCluster, line: string): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const last = words.at(-1) ?? '';
  const fitting = wordsAt(cluster, words).filter((word) => word.startsWith(last));
  return [fitting.map((word) => `${word} `), last];
}

function wordsAt(cluster: LocalCluster, words: readonly string[]): string[] {
  if (words.length === 1) return [...Object.keys(COMMANDS), 'help', 'exit'];
  const wanted = COMMANDS[words[0] ?? '']?.nodes;
  if (wanted === undefined || words.length > 2) return [];
  return cluster.nodes.filter(({ state }) => wanted === 'any' || state === wanted).map(({ name }) => name);
}
