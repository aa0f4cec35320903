/** How long a leader is believed, by others and by itself. Source: rule R12; Raft §5.2; Diss. §6.2. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  entries,
  preVoteReply,
  roundReply,
  sent,
  voteRequest,
} from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

describe('R12: a leader that no quorum answers', () => {
  it('steps down after the longest election timeout and sends nothing more', () => {
    const node = new TestNode().elect();
    node.elapse(999);
    expect(node.state.role.kind).toBe('leader');
    expect(sent(node.elapse(1))).toEqual([]);
    expect(node.state.role).toMatchObject({ kind: 'follower', leader: null });
    expect(sent(node.elapse(100))).toEqual([]);
  });

  it('does not send what it was about to send, either, when it leaves in the same turn', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2', tailLength: 1 }).elect();
    node.receive('b', appendRefusal(3, 3, '0@0'));
    node.step({ kind: 'fetched', peer: nodeId('b'), from: logIndex(1), entries: entries('1@1') });
    expect(told(node.receive('c', roundReply(9, 0)))).toEqual([]);
    expect(node.state.role.kind).toBe('follower');
  });

  it('is woken for it, with no heartbeat in between', () => {
    const node = new TestNode({
      options: { heartbeatMs: 400, electionTimeoutMinMs: 800, electionTimeoutMaxMs: 900 },
    }).elect();
    const wakes: number[] = [];
    for (let turn = 0; turn < 5 && node.state.role.kind === 'leader'; turn += 1) {
      node.wake();
      wakes.push(node.nowMs);
    }
    expect(wakes).toEqual([400, 800, 900]);
  });

  it('stays while a quorum answers, itself counted, whatever the others do', () => {
    const node = new TestNode({ voters: 'a b c d e' }).elect();
    for (let waited = 0; waited < 3000; waited += 500) {
      node.receive('b', appendReply(1, 0));
      node.receive('c', appendReply(1, 0));
      node.elapse(500);
    }
    expect(node.state.role.kind).toBe('leader');
    for (let waited = 0; waited < 1000; waited += 500) {
      node.receive('b', appendReply(1, 0));
      node.elapse(500);
    }
    expect(node.state.role.kind).toBe('follower');
  });

  it('counts every answer of its term, refusals and echoes too', () => {
    for (const reply of [appendReply(2, 0), appendRefusal(2, 1, '0@0'), roundReply(2, 0)]) {
      const node = new TestNode({ log: '1@1' }).elect();
      node.nowMs = 900;
      node.receive('b', reply);
      node.elapse(500);
      expect(node.state.role.kind).toBe('leader');
    }
  });

  it('stays where the others’ disks are slow, though each of its heartbeats has entries to send', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.run(300);
    cluster.hold('b');
    cluster.hold('c');
    for (let number = 1; number <= 20; number += 1) {
      cluster.nowMs = cluster.node('a').leader().heartbeatDueMs;
      cluster.propose('a', number);
      cluster.deliver();
      cluster.input('a', { kind: 'timer' });
      cluster.deliver();
      expect(cluster.leaders()).toEqual(['a']);
    }
  });

  it('does not count answers of another term', () => {
    const node = new TestNode({ term: 4 }).elect();
    node.nowMs = 900;
    node.receive('b', appendReply(4, 0));
    node.receive('c', appendReply(4, 0));
    node.elapse(100);
    expect(node.state.role.kind).toBe('follower');
  });

  it('never steps down where it is the only voter', () => {
    const node = new TestNode({ voters: 'a' });
    node.input({ kind: 'campaign' });
    node.persistAll();
    node.persistAll();
    node.elapse(100_000);
    expect(node.state.role.kind).toBe('leader');
  });
});

describe('R12: the election timer', () => {
  it('is drawn between the shortest and the longest timeout', () => {
    const timeouts = Array.from(
      { length: 50 },
      (_, seed) => new TestNode({ options: { seed } }).state.electionTimeoutMs,
    );
    expect(Math.min(...timeouts)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...timeouts)).toBeLessThanOrEqual(1000);
    expect(new Set(timeouts).size).toBe(50);
  });

  it('is restarted by any append of the current leader, refused or not', () => {
    for (const message of [append({ term: 1, prev: '1@1' }), append({ term: 1, prev: '9@1' })]) {
      const node = new TestNode({ log: '1@1' });
      node.receive('b', message);
      node.nowMs = 400;
      node.receive('b', message);
      expect(node.wakeAtMs).toBe(400 + node.state.electionTimeoutMs);
    }
  });

  it('is moved, not drawn again, by an append', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    const { electionTimeoutMs } = node.state;
    node.nowMs = 100;
    node.receive('b', append({ term: 1 }));
    expect(node.state).toMatchObject({ electionTimeoutMs, electionFromMs: 100 });
  });

  it('is drawn again for another leader', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    const { electionTimeoutMs } = node.state;
    node.receive('c', append({ term: 2 }));
    expect(node.state.electionTimeoutMs).not.toBe(electionTimeoutMs);
  });

  it('is drawn again for a grant, and counts from it', () => {
    const node = new TestNode();
    const { electionTimeoutMs } = node.state;
    node.nowMs = 300;
    node.receive('b', voteRequest(1));
    expect(node.state.electionFromMs).toBe(300);
    expect(node.state.electionTimeoutMs).not.toBe(electionTimeoutMs);
  });

  it('is not restarted by a vote that was refused', () => {
    const node = new TestNode({ log: '1@1' });
    node.nowMs = 300;
    node.receive('b', voteRequest(2));
    expect(node.state.electionFromMs).toBe(0);
  });

  it('is not restarted by a leader of an earlier term', () => {
    const node = new TestNode({ term: 3 });
    node.nowMs = 300;
    node.receive('b', append({ term: 2 }));
    expect(node.state.electionFromMs).toBe(0);
  });

  it('is drawn again for each campaign', () => {
    const node = new TestNode();
    const drawn = [node.state.electionTimeoutMs];
    node.flush();
    node.wake();
    drawn.push(node.state.electionTimeoutMs);
    node.receive('b', preVoteReply(1, true));
    drawn.push(node.state.electionTimeoutMs);
    expect(new Set(drawn).size).toBe(3);
    expect(node.wakeAtMs).toBe(node.nowMs + node.state.electionTimeoutMs);
  });

  it('does nothing early', () => {
    const node = new TestNode();
    expect(told(node.elapse(499))).toEqual([]);
    expect(node.state.role.kind).toBe('follower');
  });

  it('asks anew where a campaign came to nothing', () => {
    const node = new TestNode();
    node.flush();
    node.wake();
    node.receive('b', preVoteReply(1, true));
    node.persistAll();
    expect(told(node.wake(), 'b')).toEqual(['b preVoteRequest t2 last=0@0, at once']);
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'pre-candidate', votes: ['a'] } });
  });
});
