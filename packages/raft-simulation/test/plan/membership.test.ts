/** What an operator of a random run asks for, and who may be lost in the end. */

import { firstConfiguration, nodeId, type Configuration } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { membersAfter, type ChangePlan } from '../../src/plan/membership.ts';
import { losable } from '../../src/run/final-members.ts';

function members(names: string) {
  return names.split('').map((name) => ({ id: nodeId(name), data: new Uint8Array(0) }));
}

const HOSTS = 'abcdefg'.split('').map(nodeId);
const CONFIGURATION: Configuration = {
  kind: 'simple',
  voters: members('abc'),
  learners: members('de'),
  removed: [nodeId('f')],
};

function after(way: ChangePlan['way'], pick: number, configuration = CONFIGURATION): string {
  const asked = membersAfter({ way, pick }, configuration, HOSTS);
  return asked === null ? 'nothing' : `${asked.voters.join('')}+${asked.learners.join('')}`;
}

describe('a change', () => {
  it.each([
    ['add', 'abc+deg'],
    ['promote', 'abce+d'],
    ['remove', 'ac+de'],
    ['demote', 'ac+deb'],
    ['replace', 'ace+d'],
    ['several', 'acde+g'],
    ['same', 'abc+de'],
  ] as const)('to %s is one of those who could be meant', (way, expected) => {
    expect(after(way, 1)).toBe(expected);
  });

  it('of a learner is possible too, and none leaves nobody to vote, or adds who was removed', () => {
    expect(after('remove', 3)).toBe('abc+e');
    expect(after('remove', 0, firstConfiguration(members('a')))).toBe('nothing');
    expect(after('promote', 0, firstConfiguration(members('a')))).toBe('nothing');
    const all = { ...CONFIGURATION, removed: [nodeId('f'), nodeId('g')] };
    expect(after('add', 0, all)).toBe('nothing');
  });

  it('goes by the voters to come where it finds a joint configuration', () => {
    const { learners, removed } = CONFIGURATION;
    const joint: Configuration = {
      kind: 'joint',
      incoming: members('ab'),
      outgoing: members('abc'),
      learners,
      removed,
    };
    expect(after('same', 0, joint)).toBe('ab+de');
  });
});

describe('those that are lost', () => {
  const lost = ['a', 'b', 'd'].map((id) => ({ id, how: 'down' as const }));
  const lostOf = (...configurations: Configuration[]) =>
    losable(lost, configurations)
      .map(({ id }) => id)
      .join('');

  it('are as many as a quorum of each half can do without', () => {
    expect(lostOf(CONFIGURATION)).toBe('ad');
    expect(lostOf(firstConfiguration(members('abcde')))).toBe('ab');
    const others = { learners: [], removed: [] };
    const joint: Configuration = {
      kind: 'joint',
      incoming: members('bce'),
      outgoing: members('ae'),
      ...others,
    };
    expect(lostOf(joint)).toBe('bd');
    expect(lostOf(CONFIGURATION, joint)).toBe('bd');
  });
});
