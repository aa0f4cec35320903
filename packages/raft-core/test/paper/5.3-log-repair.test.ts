/** How a leader finds where another's log parts from its own, and brings it the rest. Source: Raft §5.3, Figure 7. */

import { describe, expect, it } from 'vitest';
import { draw, seededRandom } from '../../src/basics/random.ts';
import type { Message } from '../../src/index.ts';
import { TestCluster } from '../support/test-cluster.ts';
import type { TestNodeSetup } from '../support/test-node.ts';

/** Figure 7: the leader of term 8, and what may stand in the logs of others. */
const FIGURE_7 = {
  leader: '1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6 9@6 10@6',
  a: '1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6 9@6',
  b: '1@1 2@1 3@1 4@4',
  c: '1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6 9@6 10@6 11@6',
  d: '1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6 9@6 10@6 11@7 12@7',
  e: '1@1 2@1 3@1 4@4 5@4 6@4 7@4',
  f: '1@1 2@1 3@1 4@2 5@2 6@2 7@3 8@3 9@3 10@3 11@3',
};

function setups(logs: Readonly<Record<string, string>>, setup: TestNodeSetup): Record<string, TestNodeSetup> {
  return Object.fromEntries(Object.entries(logs).map(([name, log]) => [name, { ...setup, log }]));
}

/** Counts the refusals that each node sends. */
function countRefusals(cluster: TestCluster): Map<string, number> {
  const counts = new Map<string, number>();
  cluster.loses = (from, _, message) => {
    if (message.kind === 'appendRefusal') counts.set(from, (counts.get(from) ?? 0) + 1);
    return false;
  };
  return counts;
}

function carriesEntries(message: Message): boolean {
  return message.kind === 'append' && message.entries.length > 0;
}

/** Logs as terms and elections would leave them: of each term one leader, which begins with some log of before. */
function randomHistory(seed: number): readonly (readonly string[])[] {
  let random = seededRandom(seed);
  const pick = (below: number) => {
    const drawn = draw(random);
    ({ random } = drawn);
    return Math.floor(drawn.value * below);
  };
  const logs: (readonly string[])[] = [[]];
  for (let term = 1; term <= 12; term += 1) {
    const whole = logs[pick(logs.length)] ?? [];
    const start = whole.slice(0, whole.length - pick(3));
    const added = Array.from({ length: 1 + pick(4) }, (_, at) => `${start.length + at + 1}@${term}`);
    logs.push([...start, ...added]);
  }
  return logs;
}

function termsOf(log: readonly string[]): Set<string> {
  return new Set(log.map((name) => name.split('@')[1] ?? ''));
}

describe('§5.3 the logs of Figure 7', () => {
  it('are all repaired to the leader’s: what is missing arrives, what is too much goes', () => {
    const cluster = new TestCluster(setups(FIGURE_7, { term: 7 }));
    const refusals = countRefusals(cluster);
    cluster.elect('leader');
    const repaired = `${FIGURE_7.leader} 11@8`;
    expect(new Set(Object.values(cluster.logs()))).toEqual(new Set([repaired]));
    // One question finds the place in every one of them, though (f) differs in three terms.
    expect(Object.fromEntries(refusals)).toEqual({ a: 1, b: 1, e: 1, f: 1 });
  });

  it('are repaired where memory holds the last entry only, and the disk the others', () => {
    const setup = { term: 7, tailLength: 1, options: { tailEntriesMax: 1, appendBytesMax: 1 } };
    const cluster = new TestCluster(setups(FIGURE_7, setup));
    cluster.elect('leader');
    cluster.run(2000);
    const ends = Object.keys(FIGURE_7).map((name) => {
      const { log } = cluster.state(name);
      return log.termRanges.map((range) => `${range.firstIndex}@${range.term}`).join(' ');
    });
    expect(new Set(ends)).toEqual(new Set(['1@1 4@4 6@5 8@6 11@8']));
    expect(new Set(Object.values(cluster.commits()))).toEqual(new Set([11]));
  });
});

describe('§5.3 the search for the place', () => {
  it('takes at most one question for each term in which the logs differ, on either side', () => {
    let searched = 0;
    for (let seed = 0; seed < 15; seed += 1) {
      const logs = randomHistory(seed);
      const leader = logs.at(-1) ?? [];
      for (const follower of logs.slice(1, -1)) {
        const texts = { l: leader.join(' '), f: follower.join(' '), x: '' };
        const cluster = new TestCluster(setups(texts, { term: 12 }));
        const refusals = countRefusals(cluster);
        cluster.elect('l');
        expect(cluster.logs()['f']).toBe(cluster.logs()['l']);

        const same = leader.filter((name, at) => follower[at] === name).length;
        const terms = [leader, follower].map((log) => termsOf(log.slice(same)).size);
        // One more for the first question, which asks at the end of a log that may only be longer.
        expect(refusals.get('f') ?? 0).toBeLessThanOrEqual(Math.min(...terms) + 1);
        searched = Math.max(searched, refusals.get('f') ?? 0);
      }
    }
    // Some of them were worth searching.
    expect(searched).toBeGreaterThan(2);
  });

  it('ends for every log, also where half of the messages are lost', () => {
    const logs = randomHistory(3);
    const texts = { l: (logs.at(-1) ?? []).join(' '), f: (logs.at(-3) ?? []).join(' '), x: '' };
    const cluster = new TestCluster(setups(texts, { term: 12 }));
    cluster.elect('l');
    let count = 0;
    cluster.loses = () => (count += 1) % 2 === 0;
    cluster.run(3000);
    cluster.heal();
    cluster.run(3000);
    expect(new Set(Object.values(cluster.logs())).size).toBe(1);
  });
});

describe('§5.3 entries under way', () => {
  const narrow = { options: { appendBytesMax: 1, inFlightAppendsMax: 2 } };

  it('stream, once the place is found, without waiting for an answer to each', () => {
    const cluster = new TestCluster({ a: { options: { appendBytesMax: 1 } }, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (from) => from !== 'a';
    for (let number = 1; number <= 5; number += 1) cluster.propose('a', number);
    cluster.deliver();
    expect(cluster.logs()).toMatchObject({ b: '1@1 2@1 3@1 4@1 5@1 6@1', c: '1@1 2@1 3@1 4@1 5@1 6@1' });
    expect(cluster.node('a').progress('b').flow).toEqual({ kind: 'replicating', inFlight: [2, 3, 4, 5, 6] });
  });

  it('are no more than the window holds, until answers come', () => {
    const cluster = new TestCluster({ a: narrow, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (from) => from !== 'a';
    for (let number = 1; number <= 5; number += 1) cluster.propose('a', number);
    cluster.deliver();
    expect(cluster.logs()).toMatchObject({ a: '1@1 2@1 3@1 4@1 5@1 6@1', b: '1@1 2@1 3@1' });
  });

  it('are no more bytes than the window holds either', () => {
    const cluster = new TestCluster({ a: { options: { inFlightBytesMax: 1 } }, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (from) => from !== 'a';
    for (let number = 1; number <= 5; number += 1) cluster.propose('a', number);
    cluster.deliver();
    expect(cluster.logs()).toMatchObject({ a: '1@1 2@1 3@1 4@1 5@1 6@1', b: '1@1 2@1', c: '1@1 2@1' });
  });

  it('are sent again where a full window was lost whole', () => {
    const cluster = new TestCluster({ a: narrow, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (_, __, message) => carriesEntries(message);
    for (let number = 1; number <= 5; number += 1) cluster.propose('a', number);
    cluster.run(400);
    expect(cluster.state('a').commitIndex).toBe(1);
    cluster.heal();
    cluster.run(300);
    expect(cluster.commits()).toEqual({ a: 6, b: 6, c: 6 });
  });

  it('arrive however small the limits in bytes: one entry always fits', () => {
    const tiny = { options: { appendBytesMax: 1, inFlightBytesMax: 1, uncommittedBytesMax: 1 } };
    const cluster = new TestCluster({ a: tiny, b: tiny, c: tiny });
    cluster.elect('a');
    for (let number = 1; number <= 5; number += 1) {
      cluster.propose('a', number);
      cluster.deliver();
    }
    cluster.run(10);
    expect(cluster.commits()).toEqual({ a: 6, b: 6, c: 6 });
  });

  it('are not counted twice where answers come in another order, and again', () => {
    const cluster = new TestCluster({ a: { options: { appendBytesMax: 1 } }, b: {}, c: {}, d: {}, e: {} });
    cluster.elect('a');
    const kept: Message[] = [];
    cluster.loses = (from, to, message) => {
      if (from === 'b' && message.kind === 'appendReply') kept.push(message);
      return to !== 'b' && from !== 'b' ? true : from === 'b';
    };
    for (const number of [1, 2, 3]) cluster.propose('a', number);
    cluster.deliver();
    const node = cluster.node('a');
    for (const message of [...kept, ...kept, ...kept.toReversed()]) node.receive('b', message);
    expect(node.progress('b')).toMatchObject({ matchIndex: 4, nextIndex: 5 });
    // b alone is no majority of five, however often it says so.
    expect([kept.length, node.state.commitIndex]).toEqual([3, 1]);
  });
});
