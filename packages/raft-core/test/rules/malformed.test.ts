/** Junk in every field of every message. Source: rule R7. */

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { dump, nodeId, step, term } from '../../src/index.ts';
import type { Entry, Message, NodeState } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  preVoteReply,
  preVoteRequest,
  roundReply,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';

const JUNK: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Infinity,
  -Infinity,
  -1,
  0.5,
  2 ** 52 + 1,
  2 ** 53,
  1e300,
  1n,
  '',
  '1',
  'null',
  {},
  [1],
  [null],
  [undefined],
  Symbol('junk'),
  () => 1,
];

const MESSAGES: readonly Message[] = [
  append({ term: 2, prev: '1@1', entries: '2@2 3@2', commit: 1 }),
  appendReply(2, 1),
  appendRefusal(2, 1, '1@1'),
  roundReply(2, 0),
  voteRequest(3, '1@1'),
  voteReply(2, true),
  preVoteRequest(3, '1@1'),
  preVoteReply(2, true),
];

const ROLES: Readonly<Record<string, () => TestNode>> = {
  follower: () => new TestNode({ log: '1@1', commit: 1 }),
  'pre-candidate': () => {
    const node = new TestNode({ log: '1@1' });
    node.input({ kind: 'campaign' });
    return node;
  },
  candidate: () => {
    const node = new TestNode({ log: '1@1' });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(2, true));
    return node;
  },
  leader: () => new TestNode({ log: '1@1' }).elect(),
};

/** What the wire might make of anything. */
function broken(message: object, field: string, junk: unknown): Message {
  return { ...message, [field]: junk } as unknown as Message;
}

/** All but the name of the last fault. */
function rest(state: NodeState): unknown {
  return dump({ ...state, peerFault: null });
}

/** Is `message` taken for malformed, and is all else as it was? */
function isRefused(node: TestNode, message: Message): boolean {
  const count = node.state.peerFault?.count ?? 0;
  const before = rest(node.state);
  const next = step(node.state, { kind: 'receive', from: nodeId('b'), message }, node.nowMs);
  const { peerFault } = next;
  const isNamed = peerFault?.fault === 'malformed-message' && peerFault.count === count + 1;
  return isNamed && isDeepStrictEqual(rest(next), before);
}

/** Each field of `whole` with each piece of junk that makes a message of it; those that were not refused. */
function believed(node: TestNode, whole: object, messageOf: (part: object) => Message): string[] {
  const found: string[] = [];
  for (const field of Object.keys(whole)) {
    for (const junk of JUNK) {
      const message = messageOf({ ...whole, [field]: junk });
      if (!isRefused(node, message)) found.push(`${field}: ${typeof junk} ${String(junk)}`);
    }
  }
  return found;
}

describe('R7: a malformed message is named and changes nothing', () => {
  for (const [role, make] of Object.entries(ROLES)) {
    for (const message of MESSAGES) {
      it(`refuses junk in each field of a ${message.kind} as a ${role}`, () => {
        expect(believed(make(), message, (part) => part as Message)).toEqual([]);
      });
    }

    it(`refuses junk in each field of an entry as a ${role}`, () => {
      const whole = append({ term: 2, prev: '1@1', entries: '2@2 3@2' });
      const [first, second] = whole.entries;
      if (first === undefined || second === undefined) throw new Error('two entries were made');
      const node = make();
      expect(believed(node, first, (part) => ({ ...whole, entries: [part as Entry, second] }))).toEqual([]);
      expect(believed(node, second, (part) => ({ ...whole, entries: [first, part as Entry] }))).toEqual([]);
    });
  }

  it('refuses what is no message at all', () => {
    const junk: readonly unknown[] = [null, undefined, 42, 'append', true, [], {}, { kind: 'append' }];
    expect(junk.map((one) => isRefused(new TestNode(), one as Message))).toEqual(junk.map(() => true));
  });

  const CONTRADICTIONS: readonly (readonly [string, Message])[] = [
    ['an append of term 0', append({ term: 0 })],
    ['a vote request of term 0', broken(voteRequest(1), 'term', 0)],
    ['a previous term above the message’s own', append({ term: 1, prev: '1@2' })],
    ['a previous index without a term', append({ term: 1, prev: '1@0' })],
    ['a previous term without an index', append({ term: 1, prev: '0@1' })],
    ['entries that do not follow the previous one', append({ term: 1, prev: '0@0', entries: '2@1' })],
    ['entries with a gap', append({ term: 1, prev: '0@0', entries: '1@1 3@1' })],
    ['entries whose terms fall', append({ term: 2, prev: '0@0', entries: '1@2 2@1' })],
    ['entries of a term before the previous one’s', append({ term: 2, prev: '1@2', entries: '2@1' })],
    ['an entry of term 0', append({ term: 1, prev: '0@0', entries: '1@0' })],
    ['entries of a term that the sender has not reached', append({ term: 1, prev: '0@0', entries: '1@2' })],
    ['a hint above what was refused', appendRefusal(1, 1, '2@1')],
    ['a candidate whose log reached the term it asks for', voteRequest(1, '1@1')],
    ['a pre-candidate whose log reached the term it asks for', preVoteRequest(1, '1@1')],
    ['a vote request with a last term and no index', voteRequest(3, '0@1')],
    ['a vote request with a last index and no term', voteRequest(3, '1@0')],
    ['a pre-vote request with a last term and no index', preVoteRequest(3, '0@1')],
    ['a pre-vote request with a last index and no term', preVoteRequest(3, '1@0')],
    [
      'a vote request that does not say whether it is a transfer’s',
      broken(voteRequest(1), 'isTransfer', undefined),
    ],
    ['a kind that does not exist', broken(voteRequest(1), 'kind', 'forgetLeader')],
  ];

  for (const [what, message] of CONTRADICTIONS) {
    it(`refuses ${what}`, () => {
      expect(isRefused(new TestNode(), message)).toBe(true);
    });
  }

  it('refuses a term so far ahead that no cluster reached it, in every message', () => {
    for (const make of Object.values(ROLES)) {
      for (const message of MESSAGES) {
        const node = make();
        const highest = node.state.currentTerm + 2 ** 32;
        expect(isRefused(node, { ...message, term: term(highest + 1) })).toBe(true);
        expect(isRefused(node, { ...message, term: term(highest) })).toBe(false);
      }
    }
  });

  it('lets no single message end elections for ever', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    for (const inTerm of [2 ** 52, 2 ** 52 - 1, 2 ** 33]) {
      const message = voteReply(inTerm, false);
      for (const name of ['a', 'b']) cluster.input(name, { kind: 'receive', from: nodeId('c'), message });
    }
    cluster.crash('a');
    cluster.run(3000);
    expect(cluster.leaders()).toHaveLength(1);
    expect(cluster.state('b').currentTerm).toBeLessThan(10);
  });

  it('does not let a malformed message of a new term begin that term', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    expect(isRefused(node, broken(voteReply(9, false), 'isGranted', 'no'))).toBe(true);
    expect(node.state.role.kind).toBe('leader');
  });
});
