/** Changes of membership in a plan: what an operator asks for, by what there is when it is asked. */

import type { Configuration, LogIndex, NodeId } from '@raftkv/core';
import type { MembershipChange } from '@raftkv/runtime';
import type { Chance } from '../world/chance.ts';
import type { Target, Timed } from './fault.ts';

/** What an operator may want. */
export type ChangeWay =
  /** A host that never was a member becomes a learner. */
  | 'add'
  /** A learner becomes a voter. */
  | 'promote'
  /** A member goes. */
  | 'remove'
  /** A voter becomes a learner. */
  | 'demote'
  /** A learner takes the place of a voter. */
  | 'replace'
  /** All learners become voters, a voter goes, and a host that never was a member becomes a learner. */
  | 'several'
  /** All stay what they are. */
  | 'same';

/** One change of membership. */
export interface ChangePlan extends Timed {
  /** Whose node is asked. */
  readonly target: Target;
  /** What is asked for. */
  readonly way: ChangeWay;
  /** Which of those who could be meant. */
  readonly pick: number;
  /** Whether voters need not have caught up. */
  readonly force: boolean;
}

/** Who is to take part, by name. */
export interface Members {
  /** Who is to decide. */
  readonly voters: readonly NodeId[];
  /** Who is to receive the log alone. */
  readonly learners: readonly NodeId[];
}

const WEIGHTED: readonly ChangeWay[] = [
  'add',
  'add',
  'add',
  'promote',
  'promote',
  'promote',
  'promote',
  'remove',
  'demote',
  'replace',
  'replace',
  'several',
  'several',
  'same',
];

/** Changes until `untilMs`, mostly asked of who leads. */
export function makeChanges(chance: Chance, ids: readonly string[], untilMs: number): ChangePlan[] {
  const changes: ChangePlan[] = [];
  const paceMs = chance.pick([100, 400, 1500]);
  for (let atMs = 300 + chance.below(1000); atMs < untilMs; atMs += 10 + chance.below(2 * paceMs)) {
    changes.push({
      atMs,
      target: chance.pick(['leader', 'leader', 'leader', 'deposed', chance.pick(ids)]),
      way: chance.pick(WEIGHTED),
      pick: chance.below(60),
      force: chance.chance(0.1),
    });
  }
  return changes;
}

/** What is asked of a node for that: every other time, only if nothing has changed since it was looked at. */
export function changeTo(
  { pick, force }: Pick<ChangePlan, 'pick' | 'force'>,
  { voters, learners }: Members,
  configurationIndex: LogIndex,
): MembershipChange {
  return {
    voters: voters.map(named),
    learners: learners.map(named),
    force,
    ...(pick % 2 === 0 ? { ifIndex: configurationIndex } : {}),
  };
}

function named(id: NodeId): { readonly id: NodeId } {
  return { id };
}

/** What `change` asks for where `configuration` is in force; `null` where it makes no sense there. */
export function membersAfter(
  { way, pick }: Pick<ChangePlan, 'way' | 'pick'>,
  configuration: Configuration,
  hosts: readonly NodeId[],
): Members | null {
  const voters = idsOf(configuration.kind === 'joint' ? configuration.incoming : configuration.voters);
  const learners = idsOf(configuration.learners);
  const known = new Set([...voters, ...learners, ...configuration.removed]);
  const [voter, learner] = [nth(voters, pick), nth(learners, pick)];
  const fresh = nth(
    hosts.filter((id) => !known.has(id)),
    pick,
  );
  switch (way) {
    case 'add':
      return fresh === null ? null : { voters, learners: [...learners, fresh] };
    case 'promote':
      return learner === null ? null : valid([...voters, learner], without(learners, learner));
    case 'remove': {
      const member = nth([...voters, ...learners], pick);
      return valid(without(voters, member), without(learners, member));
    }
    case 'demote':
      return voter === null ? null : valid(without(voters, voter), [...learners, voter]);
    case 'replace':
      return learner === null
        ? null
        : valid([...without(voters, voter), learner], without(learners, learner));
    case 'several':
      return valid([...without(voters, voter), ...learners], fresh === null ? [] : [fresh]);
    case 'same':
      return valid(voters, learners);
  }
}

function valid(voters: readonly NodeId[], learners: readonly NodeId[]): Members | null {
  return voters.length === 0 ? null : { voters, learners };
}

function nth<Item>(items: readonly Item[], pick: number): Item | null {
  return items[pick % Math.max(items.length, 1)] ?? null;
}

function without(ids: readonly NodeId[], one: NodeId | null): readonly NodeId[] {
  return ids.filter((id) => id !== one);
}

function idsOf(members: readonly { readonly id: NodeId }[]): readonly NodeId[] {
  return members.map(({ id }) => id);
}
