/** Any message, and any hello. */

import { nodeId, type Message } from '@raftkv/core';
import { ABOUT_BYTES_MAX } from '@raftkv/runtime';
import * as fc from 'fast-check';
import type { Hello } from '../../src/bytes/hello.ts';

const counter = fc.oneof(fc.nat(300), fc.maxSafeNat());
const flag = fc.boolean();

const members = fc.array(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme' }),
    data: fc.uint8Array({ maxLength: 9 }),
  }),
  { maxLength: 3 },
);
const others = {
  learners: members,
  removed: fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 2 }),
};
const configuration = fc.oneof(
  fc.record({ kind: fc.constant('simple'), voters: members, ...others }),
  fc.record({ kind: fc.constant('joint'), incoming: members, outgoing: members, ...others }),
);

const entry = fc.oneof(
  fc.record({
    index: counter,
    term: counter,
    kind: fc.constantFrom('command', 'no-op'),
    data: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({
    index: counter,
    term: counter,
    kind: fc.constant('configuration'),
    data: fc.constant(new Uint8Array(0)),
    configuration,
  }),
);

const plain = fc.oneof(
  fc.record({
    kind: fc.constant('append'),
    term: counter,
    prevIndex: counter,
    prevTerm: counter,
    commitIndex: counter,
    round: counter,
    entries: fc.array(entry, { maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant('appendReply'), term: counter, matched: counter, round: counter }),
  fc.record({
    kind: fc.constant('appendRefusal'),
    term: counter,
    prevIndex: counter,
    hintIndex: counter,
    hintTerm: counter,
    round: counter,
  }),
  fc.record({ kind: fc.constant('roundReply'), term: counter, round: counter }),
  fc.record({
    kind: fc.constant('preVoteRequest'),
    term: counter,
    lastIndex: counter,
    lastTerm: counter,
  }),
  fc.record({
    kind: fc.constant('voteRequest'),
    term: counter,
    lastIndex: counter,
    lastTerm: counter,
    isTransfer: flag,
  }),
  fc.record({ kind: fc.constant('timeoutNow'), term: counter }),
  fc.record({ kind: fc.constantFrom('voteReply', 'preVoteReply'), term: counter, isGranted: flag }),
  fc.record({ kind: fc.constant('removed'), term: counter }),
  fc.record({ kind: fc.constant('readRequest'), term: counter, process: counter, counter }),
  fc.record({ kind: fc.constant('readReply'), term: counter, process: counter, counter, index: counter }),
) as unknown as fc.Arbitrary<Message>;

/** Appends and their answers, with a promise or without. */
export const anyMessage: fc.Arbitrary<Message> = fc
  .tuple(plain, fc.option(counter, { nil: undefined }))
  .map(([message, promiseMs]) =>
    promiseMs === undefined || !('round' in message) ? message : { ...message, promiseMs },
  );

const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const bytes = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });

export const anyHello: fc.Arbitrary<Hello> = fc.record({
  purpose: fc.constantFrom('stay', 'probe', 'snapshot'),
  from: name.map(nodeId),
  to: name.map(nodeId),
  cluster: fc.string({ maxLength: 20, unit: 'grapheme' }),
  configurationDigest: bytes(32),
  greeting: fc.record({
    processNumber: counter,
    incarnation: bytes(16),
    clusterId: fc.option(bytes(16)),
    hasLog: flag,
    hasJoined: flag,
    metAs: fc.option(bytes(16)),
    about: fc.oneof(fc.uint8Array({ maxLength: 20 }), bytes(ABOUT_BYTES_MAX)),
  }),
});
