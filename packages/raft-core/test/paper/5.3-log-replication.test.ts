/** How a leader's entries reach its followers, and when they count. Source: Raft §5.3, Figure 2. */

import { describe, expect, it } from 'vitest';
import { append, appendReply, entries, only, sent } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** A leader of term 1 among `size` whose no-op is committed and known to all. */
function leading(size: number): TestNode {
  const node = new TestNode({ voters: NAMES.slice(0, size).join(' ') }).elect();
  for (const name of NAMES.slice(1, size)) node.receive(name, appendReply(1, 1));
  return node;
}

describe('§5.3 a leader', () => {
  it('appends a command to its own log and sends it to all at once, while its own disk writes', () => {
    const node = leading(3);
    const effects = node.propose(1);
    expect(node.log()).toBe('1@1 2@1');
    expect(only(effects, 'persist')[0]?.entries.map((entry) => entry.index)).toEqual([2]);
    expect(told(effects)).toEqual([
      'b append t1 prev=1@1 [2@1], at once',
      'c append t1 prev=1@1 [2@1], at once',
    ]);
  });

  it('sends the very bytes that it was given', () => {
    const data = new Uint8Array([0, 255, 7]);
    const [send] = sent(leading(3).propose(1, data));
    expect(send?.message).toMatchObject({ entries: [{ index: 2, term: 1, kind: 'command', data }] });
  });

  for (let size = 1; size <= 7; size += 1) {
    const needed = Math.floor(size / 2) + 1;
    it(`calls an entry committed once ${needed} of ${size} hold it on disk, and not before`, () => {
      const node = leading(size);
      node.propose(1);
      node.persistAll();
      for (let holders = 1; holders < needed; holders += 1) {
        expect(node.state.commitIndex).toBe(1);
        node.receive(NAMES[holders]!, appendReply(1, 2));
      }
      expect(node.state.commitIndex).toBe(2);
    });
  }

  it('commits with an entry all that stand before it, those of earlier leaders too', () => {
    const node = new TestNode({ log: '1@1 2@2 3@3', voters: 'a b c d e' }).elect();
    node.receive('b', appendReply(4, 4));
    node.receive('d', appendReply(4, 4));
    expect(node.state.commitIndex).toBe(4);
    const applied = only(node.effects, 'apply').flatMap((effect) => effect.entries);
    expect(applied.map((entry) => `${entry.index}@${entry.term}`)).toEqual(['1@1', '2@2', '3@3', '4@4']);
  });

  it('hands entries to its state machine in the order of the log, each once, when they are committed', () => {
    const node = leading(3);
    for (const number of [1, 2, 3]) node.propose(number);
    node.persistAll();
    node.matched('b', 3);
    node.matched('c', 3);
    node.matched('c', 4);
    const applied = only(node.effects, 'apply').map((effect) => effect.entries.map((entry) => entry.index));
    expect(applied).toEqual([[1], [2, 3], [4]]);
  });

  it('answers a command when it is committed, with its place in the log', () => {
    const node = leading(3);
    node.propose(7);
    node.persistAll();
    expect(only(node.matched('c', 2), 'result')).toEqual([
      { kind: 'result', ref: 7, outcome: 'committed', term: 1, index: 2 },
    ]);
  });

  it('never changes an entry of its own log, whatever it is told', () => {
    const node = leading(3);
    node.propose(1);
    const before = node.state.log.tail.entries.slice();
    node.receive('b', append({ term: 1, entries: '1@1 2@1' }));
    node.receive('c', append({ term: 1, prev: '1@1', entries: '2@1 3@1' }));
    expect(node.state.log.tail.entries.slice()).toEqual(before);
    expect(node.state.role.kind).toBe('leader');
  });

  it('tries a silent follower again for ever, also after the client has its answer', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (_, to) => to === 'c';
    cluster.propose('a', 1);
    cluster.run(10_000);
    expect(cluster.commits()).toEqual({ a: 2, b: 2, c: 0 });
    cluster.heal();
    cluster.run(200);
    expect(cluster.commits()).toEqual({ a: 2, b: 2, c: 2 });
    expect(only(cluster.node('a').effects, 'result')).toHaveLength(1);
  });
});

describe('§5.3 the commit index', () => {
  it('reaches the followers with the leader’s next word, and they apply what it covers', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1 2@1' }));
    node.persistAll();
    expect(only(node.effects, 'apply')).toEqual([]);
    const effects = node.receive('b', append({ term: 1, prev: '2@1', commit: 2 }));
    expect(only(effects, 'apply')).toEqual([{ kind: 'apply', entries: entries('1@1 2@1') }]);
  });

  it('moves on a follower to what the message vouches for, at most, and never back', () => {
    const cases = [
      // Commit index of the message, its entries, what the follower then holds for committed.
      [1, '1@1 2@1', 1],
      [9, '1@1 2@1', 2],
      [0, '1@1 2@1 3@1', 0],
      [3, '1@1', 1],
    ] as const;
    for (const [commit, text, expected] of cases) {
      const node = new TestNode({ log: '1@1 2@1 3@1' });
      node.receive('b', append({ term: 1, entries: text, commit }));
      expect(node.state.commitIndex).toBe(expected);
      node.receive('b', append({ term: 1, entries: text, commit: 0 }));
      expect(node.state.commitIndex).toBe(expected);
    }
  });

  it('is the same on all nodes soon after the last command, with no further one', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {}, e: {} });
    cluster.elect('b');
    for (let number = 1; number <= 20; number += 1) cluster.propose('b', number);
    cluster.deliver();
    cluster.run(10);
    expect(cluster.commits()).toEqual({ a: 21, b: 21, c: 21, d: 21, e: 21 });
  });
});

describe('§5.3 the consistency check', () => {
  const cases: readonly (readonly [string, boolean, string])[] = [
    ['0@0', true, 'the beginning of the log'],
    ['1@1', true, 'an entry that it holds'],
    ['2@2', true, 'its last entry'],
    ['1@2', false, 'an entry that it holds with an earlier term'],
    ['2@1', false, 'an entry that it holds with a later term'],
    ['3@3', false, 'an entry beyond its end'],
    ['9@2', false, 'an entry far beyond its end'],
  ];
  for (const [prev, isTaken, what] of cases) {
    it(`${isTaken ? 'takes' : 'refuses'} an append after ${what}`, () => {
      const node = new TestNode({ log: '1@1 2@2', term: 3 });
      const [answer] = sent(node.receive('b', append({ term: 3, prev })), 'b');
      expect(answer?.message.kind).toBe(isTaken ? 'appendReply' : 'appendRefusal');
      expect(node.log()).toBe('1@1 2@2');
      // Refused or not, it is the leader's word.
      expect(node.state.role).toMatchObject({ kind: 'follower', leader: 'b' });
    });
  }
});

describe('§5.3 a follower’s log', () => {
  /** Its log, the append, and its log afterwards. */
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    ['takes what follows its end', '1@1 2@2', '2@2', '3@3', '1@1 2@2 3@3'],
    ['takes many at once', '', '0@0', '1@1 2@2 3@3', '1@1 2@2 3@3'],
    ['is replaced from the first entry of another term on', '1@1 2@2', '0@0', '1@1 2@4', '1@1 2@4'],
    ['is replaced as a whole', '1@1 2@2', '0@0', '1@3', '1@3'],
    ['loses all after a conflict, though the append is shorter', '1@1 2@1 3@1 4@1', '1@1', '2@3', '1@1 2@3'],
    ['keeps what is there and takes what is new', '1@1 2@2', '0@0', '1@1 2@2 3@3', '1@1 2@2 3@3'],
    ['keeps a longer tail that is not in conflict', '1@1 2@2 3@2', '0@0', '1@1', '1@1 2@2 3@2'],
    ['keeps a longer tail at an append of nothing', '1@1 2@2 3@2', '1@1', '', '1@1 2@2 3@2'],
    ['stays as it is at what it has', '1@1 2@2', '1@1', '2@2', '1@1 2@2'],
  ];
  for (const [what, log, prev, text, after] of cases) {
    it(`${what}: [${log}] and [${text}] after ${prev}`, () => {
      const node = new TestNode({ log, term: 4 });
      const effects = node.receive('b', append({ term: 4, prev, entries: text }));
      expect(node.log()).toBe(after);
      // The entries that were there are the ones that are kept, and no others are written.
      const written = only(effects, 'persist').flatMap((write) => write.entries);
      expect(written.map((entry) => `${entry.index}@${entry.term}`).join(' ')).toBe(
        after.slice(commonPrefix(log, after)).trim(),
      );
    });
  }

  it('answers only for what the leader’s message shows to be the same, not for the rest of its own', () => {
    const node = new TestNode({ log: '1@1 2@2 3@2' });
    expect(told(node.receive('b', append({ term: 3, prev: '1@1' }))).at(-1)).toContain('matched=1,');
  });

  it('is written before it is spoken of', () => {
    const node = new TestNode();
    const effects = node.receive('b', append({ term: 1, entries: '1@1 2@1' }));
    expect(effects.map((effect) => effect.kind).slice(0, 2)).toEqual(['persist', 'send']);
    expect(told(effects)).toEqual(['b appendReply t1 matched=2, after 1']);
  });

  it('changes nothing for an append that comes again', () => {
    const node = new TestNode();
    const twice = append({ term: 1, entries: '1@1 2@1', commit: 1 });
    node.receive('b', twice);
    node.persistAll();
    const before = node.state;
    const effects = node.receive('b', twice);
    expect(told(effects)).toEqual(['b appendReply t1 matched=2, at once']);
    expect(node.state).toMatchObject({ log: before.log, disk: before.disk, commitIndex: 1 });
  });

  it('does not lose later entries to an append that was overtaken by them', () => {
    const node = new TestNode();
    const early = append({ term: 1, entries: '1@1' });
    node.receive('b', early);
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1 3@1' }));
    node.receive('b', early);
    expect(node.log()).toBe('1@1 2@1 3@1');
  });

  it('takes appends that overlap', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1 2@1' }));
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1 3@1' }));
    node.receive('b', append({ term: 1, entries: '1@1 2@1 3@1 4@1' }));
    expect(node.log()).toBe('1@1 2@1 3@1 4@1');
  });

  it('waits for what is missing where a later append comes first', () => {
    const node = new TestNode();
    const [first, second] = [
      append({ term: 1, entries: '1@1' }),
      append({ term: 1, prev: '1@1', entries: '2@1' }),
    ];
    expect(sent(node.receive('b', second)).map((send) => send.message.kind)).toEqual(['appendRefusal']);
    node.receive('b', first);
    node.receive('b', second);
    expect(node.log()).toBe('1@1 2@1');
  });
});

/** How much of two logs, written out, is the same, in whole entries. */
function commonPrefix(one: string, other: string): number {
  const names = other.split(' ');
  const same = names.findIndex((name, at) => one.split(' ')[at] !== name);
  return (same === -1 ? names : names.slice(0, same)).join(' ').length;
}
