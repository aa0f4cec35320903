/**
 * Ways to break a server that the attack must notice. Each is one change in the text of one module, made while the nodes'
 * processes load it: nothing on disk changes, and nothing that is published knows of it.
 */

import type { Promised } from '../workload/check.ts';

export interface Sabotage {
  readonly name: string;
  /** The end of the module's address. */
  readonly module: string;
  /** Stands in the module exactly once. */
  readonly find: string;
  readonly replace: string;
  /** One of these must be found broken. */
  readonly breaks: readonly Promised[];
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'acknowledged-before-quorum',
    module: '/raft-core/dist/rules/commit.js',
    find: 'quorumReached(leader, disk.durableIndex, ({ matchIndex }) => matchIndex)',
    replace: 'disk.durableIndex',
    breaks: ['linearizable', 'acknowledged-kept', 'nodes-equal'],
  },
  {
    name: 'no-sessions',
    module: '/kv-state-machine/dist/machine.js',
    find: 'return this.write(command.position, command.operation);',
    replace: 'return this.directWrite(command.operation);',
    breaks: ['linearizable', 'applied-once'],
  },
  {
    name: 'reads-without-round',
    module: '/raft-core/dist/rules/read-index.js',
    find: 'const confirmed = quorumReached(leader, leader.round, ({ echoedRound }) => echoedRound);',
    replace: 'const confirmed = leader.round;',
    breaks: ['linearizable'],
  },
  {
    name: 'members-answered-and-forgotten',
    module: '/raft-core/dist/rules/membership.js',
    find: 'appendConfiguration(draft, role, towards(configurationOf(draft), targets)).changeRef = ref;',
    replace: `oweResult(draft, ref, { outcome: 'committed', term: draft.currentTerm, index: lastIndex(draft.log) });`,
    // A replacement finds its second step without its first.
    breaks: ['members-kept', 'understood'],
  },
  {
    name: 'snapshot-before-disk',
    module: '/raft-runtime/dist/node/snapshots.js',
    find: 'await this.options.storage.writeSnapshot(head, content);',
    replace: 'void this.options.storage.writeSnapshot(head, content).catch(() => {});',
    breaks: ['alive', 'live', 'acknowledged-kept', 'nodes-equal'],
  },
  {
    name: 'snapshot-left-unread',
    module: '/raft-runtime/dist/node/snapshots.js',
    find: 'await machine.restore(',
    replace: 'void (',
    breaks: ['linearizable', 'acknowledged-kept', 'nodes-equal'],
  },
];

/** What a node's process gets before the program, to be broken in this way. */
export function execArgvOf({ name }: Sabotage): readonly string[] {
  const hook = new URL('sabotage-main.js', import.meta.url);
  hook.searchParams.set('name', name);
  return [`--import=${hook.href}`];
}

/** @throws {Error} if `find` does not stand in `source` exactly once. */
export function sabotagedSource({ name, module, find, replace }: Sabotage, source: string): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`sabotage ${name}: '${find}' must stand in ${module} exactly once`);
  }
  return before + replace + after;
}
