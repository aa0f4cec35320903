/** Reads without log entries that see every write acknowledged before them. Source: Raft §8; Diss. §6.4. */

import { describe, expect, it } from 'vitest';
import { ref } from '../../src/index.ts';
import type { Message } from '../../src/index.ts';
import { append, appendRefusal, appendReply, only, roundReply, sent } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';

/** `ref@index` of each read that a node has confirmed so far. */
function confirmed(node: TestNode): string[] {
  return only(node.effects, 'readable').map((effect) => `${effect.ref}@${effect.index}`);
}

/** `ref outcome` of each request that a node has ended so far. */
function ended(node: TestNode): string[] {
  return only(node.effects, 'result').map((effect) => `${effect.ref} ${effect.outcome}`);
}

/** A leader of term 1 among three whose no-op is committed. */
function serving(): TestNode {
  const node = new TestNode().elect();
  node.matched('b', 1);
  node.matched('c', 1);
  return node;
}

describe('Diss. §6.4 a read', () => {
  it('is answered with the commit index of when it was asked, once a majority still follows', () => {
    const node = serving();
    node.read(1);
    expect(confirmed(node)).toEqual([]);
    node.matched('b', 1);
    expect(confirmed(node)).toEqual(['1@1']);
  });

  it('writes nothing, and adds nothing to the log', () => {
    const node = serving();
    const { log } = node.state;
    const effects = [...node.read(1), ...node.matched('b', 1)];
    expect(only(effects, 'persist')).toEqual([]);
    expect(node.state.log).toBe(log);
    expect(confirmed(node)).toEqual(['1@1']);
  });

  it('asks the others at once, not with the next heartbeat', () => {
    const asked = sent(serving().read(1)).map(({ to, message, afterWrite }) => [
      to,
      message.kind,
      afterWrite,
    ]);
    expect(asked).toEqual([
      ['b', 'append', 0],
      ['c', 'append', 0],
    ]);
  });

  it('counts an answer of any kind that says: you lead', () => {
    for (const answer of [appendReply(1, 0, 1), appendRefusal(1, 0, '0@0', 1), roundReply(1, 1)]) {
      const node = serving();
      node.read(1);
      node.receive('c', answer);
      expect(confirmed(node)).toEqual(['1@1']);
    }
  });

  it('does not count answers to what was sent before it was asked, however late they come', () => {
    const node = serving();
    node.elapse(100);
    node.read(1);
    // Both answer the heartbeat, which left before the read came.
    node.receive('b', appendReply(1, 1, 0));
    node.receive('c', appendReply(1, 1, 0));
    expect(confirmed(node)).toEqual([]);
    node.receive('c', appendReply(1, 1, 1));
    expect(confirmed(node)).toEqual(['1@1']);
  });

  it('shares one question with all that are asked in the same turn', () => {
    const node = serving();
    for (const number of [1, 2, 3]) node.step({ kind: 'read', ref: ref(number) });
    expect(sent(node.flush(), 'b')).toHaveLength(1);
    node.matched('b', 1);
    expect(confirmed(node)).toEqual(['1@1', '2@1', '3@1']);
  });

  it('that is asked again under its own name is two reads, each with its own answer', () => {
    const node = serving();
    node.read(1);
    node.read(1);
    node.receive('b', appendReply(1, 1, 1));
    expect(confirmed(node)).toEqual(['1@1']);
    node.receive('b', appendReply(1, 1, 2));
    expect(confirmed(node)).toEqual(['1@1', '1@1']);
  });

  it('is refused by who does not lead, with the leader that is known', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    expect(only(node.read(1), 'result')).toEqual([
      { kind: 'result', ref: 1, outcome: 'refused', reason: 'not-leader', leader: 'b' },
    ]);
  });

  it('sees every write that was acknowledged before it, through a change of leaders', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    for (const [turn, name] of ['a', 'b', 'c', 'a'].entries()) {
      cluster.nowMs += 1000;
      if (turn > 0) cluster.crash(cluster.leaders()[0]!);
      cluster.campaign(name);
      cluster.campaign(name);
      expect(cluster.leaders()).toEqual([name]);
      cluster.propose(name, turn);
      cluster.read(name, 100 + turn);
      cluster.deliver();
      cluster.run(50);
      cluster.read(name, 200 + turn);
      cluster.deliver();
      const node = cluster.node(name);
      const write = only(node.effects, 'result').find((effect) => effect.ref === turn);
      const read = only(node.effects, 'readable').find((effect) => effect.ref === 200 + turn);
      expect(write?.outcome).toBe('committed');
      expect(read?.index).toBe(node.state.log.tail.entries.length);
      for (const other of ['a', 'b', 'c']) if (cluster.isDown(other)) cluster.restart(other);
      cluster.run(200);
    }
  });
});

describe('Raft §8 a new leader', () => {
  it('confirms no read before an entry of its own term is committed: it may not know what is', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.propose('a', 1);
    cluster.deliver();
    // The client of a has its answer, but b has not heard that entry 2 is committed.
    expect(ended(cluster.node('a'))).toEqual(['1 committed']);
    expect(cluster.state('b').commitIndex).toBe(1);

    cluster.crash('a');
    cluster.nowMs += 2000;
    cluster.loses = (from, _, message) => from === 'c' && message.kind === 'appendReply';
    cluster.elect('b');
    cluster.read('b', 2);
    cluster.deliver();
    expect([cluster.state('b').commitIndex, confirmed(cluster.node('b'))]).toEqual([1, []]);

    cluster.heal();
    cluster.run(200);
    expect(confirmed(cluster.node('b'))).toEqual(['2@3']);
  });

  it('confirms none either where it is alone and has just started again', () => {
    const node = new TestNode({ voters: 'a', log: '1@1 2@1', commit: 1 });
    node.input({ kind: 'campaign' });
    node.persistAll();
    node.read(1);
    expect([node.state.role.kind, confirmed(node)]).toEqual(['leader', []]);
    // Its no-op is on disk: now entry 2, which it may have acknowledged before, is known to be committed.
    node.persistAll();
    expect(confirmed(node)).toEqual(['1@3']);
  });
});

describe('Diss. §6.4 a leader that was deposed without knowing', () => {
  it('confirms nothing: another majority has gone on', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.run(50);
    cluster.partition('a');
    // Time stands still for a: no timer tells it that it hears nobody.
    cluster.nowMs += 700;
    cluster.elect('b');
    cluster.propose('b', 1);
    cluster.deliver();
    expect(ended(cluster.node('b'))).toEqual(['1 committed']);

    cluster.read('a', 2);
    cluster.deliver();
    expect(cluster.leaders()).toEqual(['a', 'b']);
    expect(confirmed(cluster.node('a'))).toEqual([]);

    cluster.heal();
    cluster.run(200);
    expect(confirmed(cluster.node('a'))).toEqual([]);
    expect(ended(cluster.node('a'))).toEqual(['2 refused']);
  });

  it('is not confirmed by what a follower said before it left', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.run(50);
    const late: Message[] = [];
    cluster.loses = (_, to, message) => {
      if (to === 'a' && message.kind === 'appendReply') late.push(message);
      return to === 'a';
    };
    cluster.read('a', 1);
    cluster.deliver();
    cluster.read('a', 2);
    for (const message of late) cluster.node('a').receive('b', message);
    // They answer the first read's question; the second asked another.
    expect(late.length).toBeGreaterThan(0);
    expect(confirmed(cluster.node('a'))).toEqual(['1@1']);
  });
});
