/** A state as JSON and back. Source: DESIGN of the core's contract in ARCHITECTURE.md. */

import { describe, expect, it } from 'vitest';
import { dump, DumpError, flush, load, logIndex, nodeId, ref, step } from '../../src/index.ts';
import type { Effect, Input, Json, NodeState } from '../../src/index.ts';
import { SharedList } from '../../src/basics/shared-list.ts';
import {
  append,
  appendRefusal,
  appendReply,
  preVoteReply,
  preVoteRequest,
  snapshotReceived,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

/** Through text, as a file would hold it. */
function throughText(state: NodeState): NodeState {
  return load(JSON.parse(JSON.stringify(dump(state))));
}

/** All fields of `value`, deep down; of shared lists what they show, not the memory that they share. */
function visible(value: unknown): unknown {
  if (value instanceof SharedList) return { list: value.slice().map(visible) };
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(visible);
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, visible(one)]));
}

/** States in the middle of things: writes, rounds, proposals, votes and replies under way. */
const STATES: Readonly<Record<string, () => NodeState>> = {
  'a follower that owes a reply and a write': () => {
    const node = new TestNode({ log: '1@1', commit: 1 });
    node.receive('b', append({ term: 2, prev: '1@1', entries: '2@2', commit: 1, round: 3 }));
    return node.step({ kind: 'receive', from: nodeId('b'), message: append({ term: 2, prev: '2@2' }) }).state;
  },
  'a follower that was told its leader is gone': () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    node.disconnected('b', true);
    return node.state;
  },
  'a pre-candidate': () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    return node.state;
  },
  'a candidate with a vote': () => {
    const node = new TestNode({ voters: 'a b c d e' });
    node.input({ kind: 'campaign' });
    for (const peer of ['b', 'c']) node.receive(peer, preVoteReply(1, true));
    node.receive('d', voteReply(1, true));
    return node.state;
  },
  'a leader with requests of all kinds': () => {
    const node = new TestNode({ log: '1@1 2@1', tailLength: 1 }).elect();
    node.matched('b', 3);
    node.propose(1);
    node.read(2);
    node.receive('c', appendRefusal(2, 2, '0@0'));
    node.step({ kind: 'read', ref: ref(3) });
    return node.step({ kind: 'propose', ref: ref(4), data: new Uint8Array([0, 255, 128]) }).state;
  },
  'a leader to which a peer has just connected': () =>
    new TestNode().elect().step({ kind: 'peerConnected', peer: nodeId('b') }).state,
  'a node that has named a peer’s fault': () => {
    const node = new TestNode().elect();
    node.receive('b', append({ term: 1 }));
    return node.state;
  },
  'a follower that owes the disk a base, and the machine a snapshot': () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 1 });
    node.flush();
    return node.step(snapshotReceived('b', '9@2')).state;
  },
  'a follower behind a base, which it may move': () => {
    const node = new TestNode({ base: '5@2', log: '6@2 7@2', commit: 6 });
    node.flush();
    node.applied(5);
    node.applied(6);
    return node.step({ kind: 'compacted', index: logIndex(6) }).state;
  },
  'a leader that sends a snapshot, and waits to compact': () => {
    const node = new TestNode({ base: '5@2', log: '6@2 7@2', commit: 7 });
    node.flush();
    node.applied(5);
    node.applied(7);
    node.elect();
    node.compacted(7);
    expect(node.state.compaction).toEqual({ index: 7, sinceMs: 0 });
    return node.step({ kind: 'receive', from: nodeId('b'), message: appendRefusal(3, 7, '0@0') }).state;
  },
  'a failed node': () => {
    const node = new TestNode().elect();
    node.propose(1);
    return node.step({ kind: 'persistFailed' }).state;
  },
};

/** Inputs that mean something in each of the roles. */
const INPUTS: readonly Input[] = [
  { kind: 'propose', ref: ref(10), data: new Uint8Array([1, 2, 3]) },
  { kind: 'read', ref: ref(11) },
  { kind: 'receive', from: nodeId('b'), message: appendReply(2, 4, 1) },
  { kind: 'receive', from: nodeId('b'), message: preVoteRequest(9, '9@8') },
  { kind: 'receive', from: nodeId('c'), message: voteReply(1, true) },
  { kind: 'peerDisconnected', peer: nodeId('c'), processGone: false },
  { kind: 'peerConnected', peer: nodeId('b') },
  { kind: 'timer' },
  { kind: 'campaign' },
  { kind: 'compacted', index: logIndex(0) },
  { kind: 'snapshotSent', peer: nodeId('b'), isDelivered: false },
  snapshotReceived('c', '4@3'),
  { kind: 'receive', from: nodeId('c'), message: voteRequest(9, '9@8') },
  { kind: 'receive', from: nodeId('c'), message: append({ term: 9, entries: '1@9', commit: 1 }) },
  { kind: 'timer' },
  { kind: 'persistFailed' },
];

/** All effects of a run from `state`, and the states on the way, as text. */
function runFrom(state: NodeState): string[] {
  const trace: string[] = [];
  let current = state;
  for (const [at, input] of INPUTS.entries()) {
    const flushed = flush(step(current, input, state.nowMs + at * 150));
    current = flushed.state;
    trace.push(JSON.stringify([dump(current), flushed.wakeAtMs, flushed.effects.map(readable)]));
    const { lastWrite, persistedWrite } = current.disk;
    // Every other turn the disk is done.
    if (at % 2 === 0 && lastWrite > persistedWrite && current.role.kind !== 'failed') {
      current = step(current, { kind: 'persisted', write: lastWrite }, current.nowMs);
    }
  }
  return trace;
}

/** Bytes as numbers, so that they show in JSON. */
function bytesAsNumbers(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

function readable(effect: Effect): unknown {
  return JSON.parse(JSON.stringify(effect, bytesAsNumbers));
}

describe('dump and load', () => {
  for (const [what, make] of Object.entries(STATES)) {
    it(`give ${what} back, field by field`, () => {
      const state = make();
      const loaded = throughText(state);
      expect(visible(loaded)).toEqual(visible(state));
      expect(JSON.stringify(dump(loaded))).toBe(JSON.stringify(dump(state)));
    });

    it(`let ${what} go on exactly as it would have`, () => {
      const state = make();
      expect(runFrom(throughText(state))).toEqual(runFrom(state));
    });
  }

  it('cover every role', () => {
    const roles = Object.values(STATES).map((make) => make().role.kind);
    expect(new Set(roles)).toEqual(new Set(['follower', 'pre-candidate', 'candidate', 'leader', 'failed']));
  });

  it('keep bytes as base64 and shared lists as lists, each under its tag', () => {
    const node = new TestNode({ log: '1@1' });
    const text = JSON.stringify(dump(node.state));
    expect(text).toContain('{"$bytes":"BwcHBwcHBwcHBwcHBwcHBw=="}');
    expect(text).toContain(
      '"entries":{"$list":[{"index":1,"term":1,"kind":"command","data":{"$bytes":"MUAx"}}]}',
    );
  });

  it('give equal text for states that came about in different ways', () => {
    const one = new TestNode();
    one.step({ kind: 'timer' }).step({ kind: 'timer' });
    const { state } = new TestNode();
    expect(JSON.stringify(dump(one.state))).toBe(JSON.stringify(dump(state)));
  });
});

describe('a dump of an older state', () => {
  it('shows no entry, request or effect of a later one', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    node.propose(1);
    const older = node.state;
    const before = JSON.stringify(dump(older));
    node.propose(2);
    node.step({ kind: 'read', ref: ref(3) });
    node.matched('b', 3);
    expect(JSON.stringify(dump(older))).toBe(before);
    expect(JSON.stringify(dump(node.state))).not.toBe(before);
  });

  it('loads as a state that ends where it ended, and grows on its own', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    const older = node.state;
    node.propose(1);
    const loaded = load(dump(older));
    expect(loaded.log.tail.entries.length).toBe(2);
    const grown = step(loaded, { kind: 'propose', ref: ref(5), data: new Uint8Array([5]) }, 0);
    expect(grown.log.tail.entries.at(2)).toMatchObject({ index: logIndex(3), data: new Uint8Array([5]) });
    expect(node.state.log.tail.entries.at(2).data).toEqual(new Uint8Array([1]));
  });
});

/** The code and message of the refusal. */
function refusal(json: unknown): string {
  try {
    load(json);
  } catch (error) {
    if (error instanceof DumpError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'loaded';
}

describe('what is no dump', () => {
  const sound = dump(new TestNode({ log: '1@1' }).state) as Readonly<Record<string, Json>>;
  const fields = sound['state'] as Readonly<Record<string, Json>>;

  it('is refused: values of other kinds, and objects of another format', () => {
    const junk = [null, undefined, 0, 'text', true, [], {}, { ...sound, format: 'another' }];
    for (const json of junk) expect(refusal(json)).toContain('RAFT_DUMP: not a dump');
    expect(refusal(sound)).toBe('loaded');
  });

  it('is refused: another version, by its number', () => {
    expect(refusal({ ...sound, version: 1 })).toBe('RAFT_DUMP: version 1 is not 2');
    expect(refusal({ ...sound, version: '2' })).toContain('RAFT_DUMP: version 2');
    expect(refusal({ format: sound['format'] })).toContain('RAFT_DUMP: version undefined');
  });

  it('is refused: a state that is none', () => {
    for (const state of [null, 3, 'x', undefined]) {
      expect(refusal({ ...sound, state })).toBe('RAFT_DUMP: state is missing');
    }
    for (const state of [[], { $list: [] }, { $bytes: '' }]) {
      expect(refusal({ ...sound, state })).toContain('RAFT_DUMP: state.options is missing');
    }
  });

  for (const field of Object.keys(fields)) {
    it(`is refused: a state without ${field}, by name`, () => {
      const { [field]: _, ...others } = fields;
      expect(refusal({ ...sound, state: others })).toBe(`RAFT_DUMP: state.${field} is missing`);
    });
  }

  /** A dump that holds `value` in place of an effect. */
  function holding(value: Json): Json {
    return { ...sound, state: { ...fields, owedEffects: [value] } };
  }

  it('is refused: bytes and lists that are none, by their place', () => {
    expect(refusal(holding({ $bytes: 'AA' }))).toContain('state.owedEffects[0] holds bytes');
    expect(refusal(holding({ $bytes: 7 }))).toContain('state.owedEffects[0] holds bytes');
    expect(refusal(holding({ $list: 7 }))).toContain('state.owedEffects[0] holds a list');
    expect(refusal(holding({ $list: [{ $bytes: '!' }] }))).toContain('state.owedEffects[0][0] holds bytes');
  });
});

describe('what cannot be dumped', () => {
  it('is a number without an end, and anything that is no data', () => {
    const { state } = new TestNode();
    for (const nowMs of [Number.NaN, Infinity, undefined, () => 0]) {
      expect(() => dump({ ...state, nowMs: nowMs as number })).toThrow(TypeError);
    }
  });
});
