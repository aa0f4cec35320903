/** Who is who in a configuration, which one follows which, and what is refused, against naive accounts. Source: Raft §6. */

import { describe, expect, it } from 'vitest';
import { draw, seededRandom } from '../../src/basics/random.ts';
import {
  configurationFault,
  firstConfiguration,
  halvesOf,
  hasQuorum,
  isMember,
  isRemoved,
  isVoter,
  logIndex,
  membersOf,
  nodeId,
  noConfiguration,
  votersOf,
  type Configuration,
  type Member,
  type NodeId,
} from '../../src/index.ts';
import { quorumValue } from '../../src/contract/quorum.ts';
import { isWayOf, left, towards } from '../../src/rules/membership-steps.ts';
import { placesOf, quorumReached } from '../../src/state/leader-quorum.ts';
import { newProgress } from '../../src/state/progress.ts';
import { configured, members, words } from '../support/membership.ts';

const CASES = 50_000;
const NAMES = 'a b c d e f g'.split(' ');

class Chance {
  private random: number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  below(limit: number): number {
    const { value, random } = draw(this.random);
    this.random = random;
    return Math.floor(value * limit);
  }

  /** Some of the names, in any order; at least `least`. */
  some(names: readonly string[], least: number): string[] {
    const pool = [...names];
    const count = least + this.below(Math.max(names.length - least, 0) + 1);
    return Array.from(
      { length: Math.min(count, names.length) },
      () => pool.splice(this.below(pool.length), 1)[0]!,
    );
  }
}

/** A configuration that makes sense, joint in half of the cases. */
function anyConfiguration(chance: Chance): Configuration {
  const voters = chance.some(NAMES, 1);
  const learners = chance.some(
    NAMES.filter((name) => !voters.includes(name)),
    0,
  );
  const text = `, learner ${learners.join(' ')}`;
  if (chance.below(2) === 0) return configured(`${voters.join(' ')}${text}`);
  return configured(`${voters.join(' ')} from ${chance.some(NAMES, 1).join(' ')}${text}`);
}

/** Every way to choose voters that are a majority of each half. */
function naiveHasQuorum(halves: readonly (readonly Member[])[], ids: readonly NodeId[]): boolean {
  return halves.every((half) => {
    const chosen = new Set(half.map(({ id }) => id).filter((id) => ids.includes(id)));
    return chosen.size > Math.floor(half.length / 2);
  });
}

/** Of each half: sorted from the best down, the value in the middle. */
function naiveReached(halves: readonly (readonly Member[])[], values: ReadonlyMap<NodeId, number>): number {
  const ofHalf = (half: readonly Member[]) => {
    const sorted = half.map(({ id }) => values.get(id)!).toSorted((one, other) => other - one);
    return sorted[Math.floor(half.length / 2)]!;
  };
  return Math.min(...halves.map(ofHalf));
}

describe('a quorum of a configuration', () => {
  it(`is a majority of each half, in ${CASES} random cases`, () => {
    const chance = new Chance(1);
    const wrong: string[] = [];
    for (let nth = 0; nth < CASES; nth += 1) {
      const configuration = anyConfiguration(chance);
      const ids = chance.some(NAMES, 0).map(nodeId);
      const isOne = hasQuorum(configuration, ids);
      if (isOne !== naiveHasQuorum(halvesOf(configuration), ids))
        wrong.push(`${words(configuration)}: ${ids.join()}`);
    }
    expect(wrong).toEqual([]);
  });

  it(`has reached what the slowest of the best majority has, in both halves, in ${CASES} random cases`, () => {
    const chance = new Chance(2);
    const wrong: string[] = [];
    for (let nth = 0; nth < CASES; nth += 1) {
      const configuration = anyConfiguration(chance);
      const values = new Map(
        NAMES.map((name) => [nodeId(name), chance.below([3, 8, 2 ** 50][chance.below(3)]!)]),
      );
      const self = nodeId(NAMES[chance.below(NAMES.length)]!);
      const others = membersOf(configuration).filter(({ id }) => id !== self);
      const progress = others.map(({ id }) => newProgress(id, logIndex(0), values.get(id)!));
      const voting = { progress, halves: placesOf(configuration, progress, self) };
      const reached = quorumReached(voting, values.get(self)!, ({ lastReplyMs }) => lastReplyMs);
      if (reached !== naiveReached(halvesOf(configuration), values)) wrong.push(words(configuration));
    }
    expect(wrong).toEqual([]);
  });

  it('is none of a half without voters', () => {
    expect(hasQuorum(noConfiguration(), [nodeId('a')])).toBe(false);
    expect(quorumValue([])).toBe(-Infinity);
  });
});

describe('who is who', () => {
  it(`follows from the lists, in ${CASES} random cases`, () => {
    const chance = new Chance(3);
    const wrong: string[] = [];
    for (let nth = 0; nth < CASES; nth += 1) {
      const configuration = anyConfiguration(chance);
      const voting = new Set(halvesOf(configuration).flatMap((half) => half.map(({ id }) => id)));
      const all = new Set([...voting, ...configuration.learners.map(({ id }) => id)]);
      const isRight =
        NAMES.map(nodeId).every((id) => isVoter(configuration, id) === voting.has(id)) &&
        NAMES.map(nodeId).every((id) => isMember(configuration, id) === all.has(id)) &&
        sameIds(votersOf(configuration), [...voting]) &&
        sameIds(membersOf(configuration), [...all]);
      if (!isRight) wrong.push(words(configuration));
    }
    expect(wrong).toEqual([]);
  });

  it('knows who was removed, and not before it is gone', () => {
    const joint = configured('a b from a b c, removed c');
    expect(isRemoved(joint, nodeId('c'))).toBe(false);
    expect(isRemoved(configured('a b, removed c'), nodeId('c'))).toBe(true);
    expect(isRemoved(configured('a b'), nodeId('c'))).toBe(false);
  });
});

describe('the way from one configuration to another', () => {
  it(`passes majorities that share a voter, and ends where it was to, in ${CASES} random cases`, () => {
    const chance = new Chance(4);
    const wrong: string[] = [];
    for (let nth = 0; nth < CASES; nth += 1) {
      const current = configured(`${chance.some(NAMES, 1).join(' ')}, removed x`);
      const voters = chance.some(NAMES, 1);
      const learners = chance.some(
        NAMES.filter((name) => !voters.includes(name)),
        0,
      );
      const targets = { voters: members(voters.join(' ')), learners: members(learners.join(' ')) };
      const first = towards(current, targets);
      const last = first.kind === 'joint' ? left(first) : first;
      const gone = membersOf(current).filter(({ id }) => !isMember(last, id));
      const isRight =
        isWayOf(current, first) &&
        (first === last || isWayOf(first, last)) &&
        (first.kind === 'joint') === !sameIds(votersOf(current), voters) &&
        sameIds(votersOf(last), voters) &&
        last.learners === targets.learners &&
        last.removed.join() === [nodeId('x'), ...gone.map(({ id }) => id)].join() &&
        configurationFault(first) === null &&
        (nth % 100 > 0 || (shareVoters(current, first) && shareVoters(first, last)));
      if (!isRight) wrong.push(`${words(current)} to ${voters.join()} ${learners.join()}`);
    }
    expect(wrong).toEqual([]);
  });

  it('is no direct one between sets of which majorities share nobody', () => {
    expect(isWayOf(configured('a b c'), configured('a d e'))).toBe(false);
    expect(isWayOf(configured('a b c'), configured('a b c d'))).toBe(false);
    expect(isWayOf(configured('a b c'), configured('a d e from a b'))).toBe(false);
    expect(isWayOf(configured('a d e from a b c'), configured('a b c'))).toBe(false);
    expect(isWayOf(configured('a d e from a b c'), configured('a d from a d e'))).toBe(false);
  });
});

describe('a configuration is refused', () => {
  it.each([
    ['without voters', noConfiguration()],
    ['without voters to come', configured(' from a b')],
    ['without voters until now', configured('a b from ')],
    ['with a voter named twice', configured('a b a')],
    ['with a voter of before named twice', configured('a b from a a')],
    ['with a learner named twice', configured('a b, learner c c')],
    ['with a learner that is to vote', configured('a b, learner b')],
    ['with a voter that was removed', configured('a b, removed b')],
    ['with a learner that was removed', configured('a b, learner c, removed c')],
    ['with a member without an id', firstConfiguration([{ id: '' as NodeId, data: new Uint8Array() }])],
    ['that is none', { kind: 'other' } as unknown as Configuration],
    ['with voters that are none', firstConfiguration(null as unknown as readonly Member[])],
    ['with data that is none', firstConfiguration([{ id: nodeId('a'), data: 'x' as unknown as Uint8Array }])],
  ])('%s', (_what, configuration) => {
    expect(configurationFault(configuration)).not.toBeNull();
  });

  it('and not where a voter is demoted, or removed, by a joint one', () => {
    expect(configurationFault(configured('a b from a b c, learner c'))).toBeNull();
    expect(configurationFault(configured('a b from a b c, removed c'))).toBeNull();
  });
});

function sameIds(list: readonly Member[], ids: readonly string[]): boolean {
  return (
    list
      .map(({ id }) => id)
      .toSorted()
      .join() === [...ids].toSorted().join()
  );
}

/** Has every quorum of the one a voter in every quorum of the other? Tried with all sets of names: it takes long. */
function shareVoters(one: Configuration, other: Configuration): boolean {
  const everyone = NAMES.map(nodeId);
  for (let group = 0; group < 2 ** everyone.length; group += 1) {
    const ids = everyone.filter((_, at) => (group >> at) & 1);
    const rest = everyone.filter((_, at) => !((group >> at) & 1));
    if (hasQuorum(one, ids) && hasQuorum(other, rest)) return false;
  }
  return true;
}
