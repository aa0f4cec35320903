/** A leader whose process is gone, and one whose disk stands still. Source: rules R14, R15. */

import { describe, expect, it } from 'vitest';
import { dump, logIndex } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  entries,
  only,
  preVoteReply,
  preVoteRequest,
  roundReply,
  sent,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const HEARTBEAT_MS = 100;

function following(setup: ConstructorParameters<typeof TestNode>[0] = {}): TestNode {
  const node = new TestNode(setup);
  node.receive('b', append({ term: 1 }));
  return node;
}

function hinted(setup: ConstructorParameters<typeof TestNode>[0] = {}): TestNode {
  const node = following(setup);
  node.disconnected('b', true);
  return node;
}

describe('R14: a hint that the leader’s process is gone', () => {
  it('leaves the node without a leader, and says so', () => {
    const node = following();
    expect(only(node.disconnected('b', true), 'changed')).toMatchObject([
      { status: { role: 'follower', leader: null, currentTerm: 1 } },
    ]);
    expect(node.propose(1)).toMatchObject([{ outcome: 'refused', reason: 'not-leader', leader: null }]);
  });

  it('makes it pre-vote after a random wait of up to half a heartbeat', () => {
    const waits = Array.from({ length: 50 }, (_, seed) => hinted({ options: { seed } }).wakeAtMs ?? -1);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(HEARTBEAT_MS / 2);
    expect(Math.min(...waits)).toBeLessThan(HEARTBEAT_MS / 4);
    expect(new Set(waits).size).toBe(50);

    const node = hinted();
    expect(told(node.wake())).toEqual([
      'b preVoteRequest t2 last=0@0, at once',
      'c preVoteRequest t2 last=0@0, at once',
    ]);
  });

  it('counts only of the leader that it follows now', () => {
    const node = following();
    const before = dump(node.state);
    node.disconnected('c', true);
    expect(dump(node.state)).toEqual(before);
  });

  it('is none where only the connection is gone', () => {
    const node = following();
    const before = dump(node.state);
    node.disconnected('b', false);
    expect(dump(node.state)).toEqual(before);
  });

  it('counts only for a voter', () => {
    const node = following({ id: 'z' });
    node.disconnected('b', true);
    expect(node.state).toMatchObject({ role: { leader: 'b' }, failOver: null });
  });

  it('counts at most once per longest election timeout', () => {
    const node = hinted();
    node.nowMs = 500;
    node.receive('b', append({ term: 1 }));
    node.nowMs = 999;
    node.disconnected('b', true);
    expect(node.state.role).toMatchObject({ leader: 'b' });
    node.nowMs = 1000;
    node.disconnected('b', true);
    expect(node.state.role).toMatchObject({ leader: null });
  });

  it('lets it grant by term and log', () => {
    const node = hinted({ log: '1@1' });
    expect(told(node.receive('c', preVoteRequest(2)))).toEqual(['c preVoteReply t1 refused, at once']);
    expect(told(node.receive('c', preVoteRequest(2, '1@1')))).toEqual(['c preVoteReply t2 granted, at once']);
  });

  it('waits anew after granting another’s pre-vote, from the upper half of the span', () => {
    const waits = Array.from({ length: 50 }, (_, seed) => {
      const node = hinted({ options: { seed } });
      node.receive('c', preVoteRequest(2));
      return node.wakeAtMs ?? -1;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(HEARTBEAT_MS / 4);
    expect(Math.max(...waits)).toBeLessThanOrEqual(HEARTBEAT_MS / 2);
  });

  it('does not wait anew after refusing a pre-vote', () => {
    const node = hinted({ log: '1@1' });
    const { wakeAtMs } = node;
    node.receive('c', preVoteRequest(2));
    expect(node.wakeAtMs).toBe(wakeAtMs);
  });

  it('doubles the span each time, until the ordinary timer takes over', () => {
    const node = hinted();
    const waits: number[] = [];
    for (let campaign = 0; campaign < 4; campaign += 1) {
      node.wake();
      waits.push((node.wakeAtMs ?? 0) - node.nowMs);
    }
    const spans = [100, 200, 400];
    for (const [at, spanMs] of spans.entries()) {
      expect(waits[at]).toBeGreaterThanOrEqual(spanMs / 2);
      expect(waits[at]).toBeLessThanOrEqual(spanMs);
    }
    expect(node.state.failOver).toBeNull();
    expect(waits[3]).toBe(node.state.electionTimeoutMs);
  });

  it('makes a candidate wait from when its own vote is on disk', () => {
    const node = hinted();
    node.wake();
    node.receive('c', preVoteReply(2, true));
    expect(node.state.failOver?.dueMs).toBeNull();
    expect(node.wakeAtMs).toBe(node.state.electionFromMs + node.state.electionTimeoutMs);
    node.nowMs += 200;
    node.persistAll();
    const { spanMs, dueMs } = node.state.failOver ?? { spanMs: 0, dueMs: null };
    expect(dueMs).toBeGreaterThanOrEqual(node.nowMs + spanMs / 2);
    expect(dueMs).toBeLessThanOrEqual(node.nowMs + spanMs);
    expect(node.wakeAtMs).toBe(dueMs);
  });

  it('does not begin a candidate’s wait where another is granted a pre-vote', () => {
    const node = hinted();
    node.wake();
    node.receive('c', preVoteReply(2, true));
    expect(told(node.receive('c', preVoteRequest(3)))).toEqual(['c preVoteReply t3 granted, at once']);
    expect(node.state.failOver?.dueMs).toBeNull();
  });

  it('makes a candidate wait whose term was over before its own vote was on disk', () => {
    for (const message of [voteRequest(3), roundReply(3, 0)]) {
      const node = hinted({ log: '1@1' });
      node.wake();
      node.receive('c', preVoteReply(2, true));
      node.receive('c', message);
      expect(node.state).toMatchObject({ currentTerm: 3, votedFor: null, role: { kind: 'follower' } });
      const waitMs = (node.state.failOver?.dueMs ?? 0) - node.nowMs;
      expect(waitMs).toBeGreaterThanOrEqual(HEARTBEAT_MS / 2);
      expect(waitMs).toBeLessThanOrEqual(HEARTBEAT_MS);
      node.persistAll();
      expect(told(node.wake(), 'b')).toEqual(['b preVoteRequest t4 last=1@1, at once']);
    }
  });

  it('ends for a node that votes: a split is retried by the candidate', () => {
    const node = hinted();
    node.receive('c', voteRequest(2));
    expect(node.state).toMatchObject({ votedFor: 'c', failOver: null });
    expect(node.wakeAtMs).toBe(node.state.electionTimeoutMs);
  });

  it('ends with any append of the term’s leader, refused ones too', () => {
    for (const message of [append({ term: 1 }), append({ term: 1, prev: '9@1' })]) {
      const node = hinted();
      node.receive('b', message);
      expect(node.state).toMatchObject({ failOver: null, role: { leader: 'b' } });
    }
  });

  it('ends with office', () => {
    const node = hinted();
    node.elect();
    expect(node.state.failOver).toBeNull();
  });
});

describe('R15: a disk that stands still', () => {
  it('makes a leader hand over after the longest election timeout, and step down where that does not end it', () => {
    const node = new TestNode().elect();
    node.propose(1);
    for (let waited = 0; waited < 900; waited += 100) {
      node.matched('b', 2);
      node.matched('c', 2);
      node.elapse(100);
    }
    expect(node.state.role.kind).toBe('leader');
    node.matched('c', 2);
    node.elapse(100);
    expect(node.leader().transfer).toMatchObject({ ref: null, target: 'b' });
    for (let waited = 0; waited < 900; waited += 100) {
      node.matched('c', 2);
      node.elapse(100);
    }
    expect(node.state.role.kind).toBe('leader');
    node.matched('c', 2);
    expect(sent(node.elapse(100))).toEqual([]);
    expect(node.state.role.kind).toBe('follower');
  });

  it('makes a leader step down at once where nobody answers that could take over', () => {
    const node = new TestNode({
      options: { heartbeatMs: 100, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 1000 },
    }).elect();
    node.propose(1);
    node.elapse(600);
    node.matched('b', 2);
    node.elapse(400);
    expect(node.state.role.kind).toBe('follower');
  });

  it('wakes the leader for it', () => {
    const node = new TestNode({
      voters: 'a',
      options: { heartbeatMs: 500, electionTimeoutMinMs: 1000, electionTimeoutMaxMs: 1100 },
    });
    node.input({ kind: 'campaign' });
    node.persistAll();
    node.persistAll();
    node.propose(1);
    const wakes: number[] = [];
    for (let turn = 0; turn < 5 && node.state.role.kind === 'leader'; turn += 1) {
      node.wake();
      wakes.push(node.nowMs);
    }
    expect(wakes).toEqual([500, 1000, 1100]);
  });

  it('counts from the oldest write: a younger one that moves on makes none of it better', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.nowMs = 600;
    node.propose(2);
    node.matched('b', 3);
    node.elapse(400);
    expect(node.leader().transfer).toMatchObject({ target: 'b', isTold: true });
  });

  it('counts a reading for a peer like a write: the peer would be left behind for ever', () => {
    const node = new TestNode({ log: '1@1 2@1', tailLength: 1 }).elect();
    node.matched('c', 3);
    expect(only(node.receive('b', appendRefusal(2, 2, '0@0')), 'fetch')).toHaveLength(1);
    for (let waited = 0; waited < 900; waited += 100) {
      node.receive('b', roundReply(2, 0));
      node.elapse(100);
    }
    expect(node.state.role.kind).toBe('leader');
    expect(node.wakeAtMs).toBe(1000);
    node.elapse(100);
    expect(node.leader().transfer).toMatchObject({ target: 'b', isTold: false });
  });

  it('counts a reading for the own state machine, too', () => {
    const node = new TestNode({ voters: 'a', log: '1@1 2@1', commit: 2, tailLength: 1 });
    expect(only(node.elapse(0), 'fetch')).toHaveLength(1);
    node.elapse(1000);
    expect(node.state.role.kind).toBe('follower');
    node.input({ kind: 'fetched', peer: null, from: logIndex(1), entries: entries('1@1') });
    node.wake();
    node.persistAll();
    expect(node.state.role.kind).toBe('leader');
  });

  it('is over when the oldest write is done', () => {
    const node = new TestNode().elect();
    const [first] = only(node.propose(1), 'persist');
    node.nowMs = 600;
    node.propose(2);
    node.persisted(first?.write ?? -1);
    node.matched('b', 3);
    node.elapse(500);
    expect(node.state.role.kind).toBe('leader');
  });

  it('makes a follower draw its timeout again instead of pre-voting', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    const { electionTimeoutMs } = node.state;
    expect(told(node.elapse(1000))).toEqual([]);
    expect(node.state).toMatchObject({ role: { kind: 'follower' }, electionFromMs: 1000 });
    expect(node.state.electionTimeoutMs).not.toBe(electionTimeoutMs);

    node.persistAll();
    node.wake();
    expect(node.state.role.kind).toBe('pre-candidate');
  });

  it('keeps a node from pre-voting when it is told to campaign, too', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    node.nowMs = 1000;
    expect(told(node.input({ kind: 'campaign' }))).toEqual([]);
    expect(node.state.role.kind).toBe('follower');
  });

  it('ends a fail-over as well', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    node.nowMs = 990;
    node.receive('b', append({ term: 1, prev: '1@1' }));
    node.disconnected('b', true);
    expect(told(node.elapse(100))).toEqual([]);
    expect(node.state).toMatchObject({ failOver: null, role: { kind: 'follower' } });
  });
});
