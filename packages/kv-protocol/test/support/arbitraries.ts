/** Anything that the two sides may say, and what may stand in the log. */

import * as fc from 'fast-check';
import {
  NO_CONDITION,
  type ClientMessage,
  type Command,
  type Outcome,
  type ServerMessage,
} from '../../src/index.ts';

const counters = fc.maxSafeNat();
const keys = fc.uint8Array({ minLength: 1, maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 40 });
const nonces = fc.uint8Array({ minLength: 16, maxLength: 16 });
const texts = fc.string({ unit: 'grapheme', maxLength: 20 });
const urls = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const kind = <Kind extends string>(name: Kind) => fc.constant(name);

const conditions = fc.oneof(
  fc.constant(NO_CONDITION),
  fc.record({ kind: kind('revision'), revision: counters }),
);
const operations = fc.oneof(
  fc.record({ kind: kind('put'), key: keys, value: bytes, condition: conditions }),
  fc.record({ kind: kind('delete'), key: keys, condition: conditions }),
);
const positions = fc.record({ session: counters, sequence: counters, acknowledgedBelow: counters });

export const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: kind('openSession'), nonce: nonces }),
  fc.record({ kind: kind('endSessions'), sessions: fc.array(counters, { maxLength: 5 }) }),
  fc.record({ kind: kind('write'), position: positions, operation: operations }),
  fc.record({ kind: kind('directWrite'), operation: operations }),
);

export const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({ kind: kind('put'), revision: counters, version: counters }),
  fc.record({ kind: kind('deleted'), revision: counters, isDeleted: fc.boolean() }),
  fc.record({ kind: kind('conditionFailed'), revision: counters, current: counters }),
  fc.record({ kind: kind('opened'), session: counters }),
  fc.record({ kind: kind('done') }),
  fc.record({
    kind: kind('refused'),
    reason: fc.constantFrom(
      'session-expired' as const,
      'invalid' as const,
      'already-acknowledged' as const,
      'session-full' as const,
      'too-many-sessions' as const,
    ),
  }),
);

const names = urls;
const flags = fc.boolean();
const consistencies = fc.constantFrom('linearizable' as const, 'serializable' as const);
const targets = fc.array(fc.record({ id: names, address: fc.option(urls, { nil: null }) }), {
  maxLength: 4,
});
const changes = fc.record({
  voters: targets,
  learners: targets,
  ifIndex: fc.option(counters, { nil: null }),
  force: flags,
});

export const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ kind: kind('hello'), version: counters }),
  fc.record({
    kind: kind('request'),
    id: counters,
    request: fc.oneof(
      fc.record({ kind: kind('open'), nonce: nonces }),
      fc.record({ kind: kind('end'), session: counters }),
      fc.record({ kind: kind('keepAlive'), session: counters }),
      fc.record({ kind: kind('write'), position: positions, operation: operations }),
      fc.record({
        kind: kind('get'),
        key: keys,
        consistency: consistencies,
      }),
      fc.record({ kind: kind('members'), consistency: consistencies }),
      fc.record({ kind: kind('changeMembership'), change: changes }),
      fc.record({ kind: kind('transferLeadership'), target: fc.option(names, { nil: null }) }),
      fc.record({ kind: kind('status') }),
    ),
  }),
);

const directories = fc.record({
  leaderUrl: fc.option(urls, { nil: null }),
  urls: fc.array(texts, { maxLength: 4 }),
});
const entries = fc.record({
  key: keys,
  value: bytes,
  createRevision: counters,
  modRevision: counters,
  version: counters,
});
const failures = fc.record({
  code: fc.constantFrom(
    'not-leader' as const,
    'overloaded' as const,
    'invalid-request' as const,
    'outcome-unknown' as const,
    'unavailable' as const,
    'membership-is-changing' as const,
    'term-not-committed' as const,
    'configuration-changed' as const,
    'invalid-targets' as const,
    'id-was-removed' as const,
    'not-caught-up' as const,
    'no-live-quorum' as const,
    'transferring' as const,
    'target-leads' as const,
    'no-such-target' as const,
    'transfer-failed' as const,
  ),
  outcome: fc.constantFrom('not-applied' as const, 'unknown' as const),
  leaderUrl: fc.option(urls, { nil: null }),
  message: texts,
});
const memberships = fc.record({
  index: counters,
  isJoint: flags,
  leader: fc.option(names, { nil: null }),
  members: fc.array(
    fc.record({
      id: names,
      address: fc.option(urls, { nil: null }),
      role: fc.constantFrom('voter' as const, 'learner' as const),
    }),
    { maxLength: 4 },
  ),
});
const statuses = fc.record({
  name: names,
  role: fc.constantFrom(
    'follower' as const,
    'pre-candidate' as const,
    'candidate' as const,
    'leader' as const,
    'failed' as const,
  ),
  term: counters,
  leader: fc.option(names, { nil: null }),
  commitIndex: counters,
  appliedIndex: counters,
  revision: counters,
  isRemoved: flags,
  peers: fc.array(
    fc.record({
      id: names,
      matchIndex: counters,
      nextIndex: counters,
      flow: fc.constantFrom(
        'probing' as const,
        'replicating' as const,
        'fetching' as const,
        'snapshot' as const,
      ),
      silentMs: counters,
    }),
    { maxLength: 4 },
  ),
});
export const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({
    kind: kind('hello'),
    version: counters,
    cluster: texts,
    node: texts,
    clientUrl: fc.option(urls, { nil: null }),
    directory: directories,
  }),
  fc.record({ kind: kind('directory'), directory: directories }),
  fc.record({
    kind: kind('response'),
    id: counters,
    response: fc.oneof(
      fc.record({ kind: kind('outcome'), outcome: outcomes }),
      fc.record({ kind: kind('opened'), session: counters, ttlMs: counters }),
      fc.record({ kind: kind('alive'), ttlMs: counters }),
      fc.record({
        kind: kind('value'),
        entry: fc.option(entries, { nil: null }),
        revision: counters,
      }),
      fc.record({ kind: kind('failed'), failure: failures }),
      fc.record({ kind: kind('members'), membership: memberships }),
      fc.record({ kind: kind('membershipChanged'), index: counters }),
      fc.record({ kind: kind('leadershipTransferred'), leader: fc.option(names, { nil: null }) }),
      fc.record({ kind: kind('status'), status: statuses }),
    ),
  }),
);
