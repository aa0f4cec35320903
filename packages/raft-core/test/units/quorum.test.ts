/** Majorities: how many voters decide, and what a majority has reached. Source: Raft §5.2, §5.3. */

import { describe, expect, it } from 'vitest';
import { isVoter, othersOf } from '../../src/contract/configuration.ts';
import { hasQuorum, quorumValue } from '../../src/contract/quorum.ts';
import { draw, seededRandom } from '../../src/basics/random.ts';
import { nodeId, type NodeId } from '../../src/index.ts';
import { withVote } from '../../src/rules/election.ts';
import { configuration } from '../support/messages.ts';

/** Of all groups of quorum size, the one whose slowest member is the furthest. */
function naiveQuorumValue(values: readonly number[]): number {
  let best = -Infinity;
  for (let group = 0; group < 2 ** values.length; group += 1) {
    const members = values.filter((_, at) => (group >> at) & 1);
    if (members.length * 2 > values.length) best = Math.max(best, Math.min(...members));
  }
  return best;
}

describe('the value that a quorum has reached', () => {
  it('is what the best majority’s slowest member has, in 20,000 random cases', () => {
    let random = seededRandom(1);
    const pick = (below: number) => {
      const drawn = draw(random);
      ({ random } = drawn);
      return Math.floor(drawn.value * below);
    };
    const wrong: string[] = [];
    for (let round = 0; round < 20_000; round += 1) {
      // Few different values, so that ties are common; now and then large ones.
      const below = [3, 6, 2 ** 50][pick(3)] ?? 3;
      const values = Array.from({ length: 1 + pick(7) }, () => pick(below));
      const value = quorumValue(values);
      if (value !== naiveQuorumValue(values)) wrong.push(`${values.join(' ')} gave ${value}`);
    }
    expect(wrong).toEqual([]);
  });

  it('takes the lower of the middle two where the voters are even in number', () => {
    expect(quorumValue([1, 2, 3, 4])).toBe(2);
    expect(quorumValue([7, 9])).toBe(7);
  });

  it('is a lone voter’s own', () => {
    expect(quorumValue([0])).toBe(0);
    expect(quorumValue([5])).toBe(5);
  });
});

describe('votes', () => {
  it('count each voter once, in the order of arrival', () => {
    const votes = ['b', 'a', 'b', 'c', 'a'].map(nodeId).reduce<readonly NodeId[]>(withVote, []);
    expect(votes).toEqual(['b', 'a', 'c']);
  });

  it('are a quorum from more than half of the configuration on', () => {
    const members = configuration('a b c d');
    const votes = ['a', 'b', 'c'].map(nodeId);
    expect(hasQuorum(members, votes.slice(0, 2))).toBe(false);
    expect(hasQuorum(members, votes)).toBe(true);
  });
});

describe('a configuration', () => {
  it('knows its voters, and the others in their order', () => {
    const members = configuration('c a b');
    expect([isVoter(members, nodeId('a')), isVoter(members, nodeId('d'))]).toEqual([true, false]);
    expect(othersOf(members, nodeId('a'))).toEqual(['c', 'b']);
    expect(othersOf(members, nodeId('d'))).toEqual(['c', 'a', 'b']);
  });
});
