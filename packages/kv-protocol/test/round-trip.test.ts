import { ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clientFrameWriter,
  decodeClientFrame,
  decodeCommand,
  decodeServerFrame,
  encodeCommand,
  EXPIRED_SESSIONS_MAX,
  KEY_BYTES_MAX,
  NO_CONDITION,
  readOutcome,
  serverFrameWriter,
  VALUE_BYTES_MAX,
  writeOutcome,
  type ClientMessage,
  type Command,
  type FrameWriter,
  type Outcome,
  type ServerMessage,
} from '../src/index.ts';

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

const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: kind('openSession'), nonce: nonces }),
  fc.record({ kind: kind('endSessions'), sessions: fc.array(counters, { maxLength: 5 }) }),
  fc.record({ kind: kind('write'), position: positions, operation: operations }),
  fc.record({ kind: kind('directWrite'), operation: operations }),
);

const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
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

const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
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
const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
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

interface Format<Value> {
  readonly name: string;
  readonly values: fc.Arbitrary<Value>;
  readonly encode: (value: Value) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Value;
}

/** Checks one format; the type of its values stays inside. */
function check<Value>({ name, values, encode, decode }: Format<Value>): void {
  describe(`the bytes of ${name}`, () => {
    it('survive a round trip', () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(decode(encode(value))).toEqual(value);
        }),
      );
    });

    it('are a value or a typed refusal whatever they are, and a value has one encoding', () => {
      const changed = fc.tuple(values, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const copy = new Uint8Array(encode(value));
        copy[at % copy.length] = byte;
        return copy;
      });
      fc.assert(
        fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 60 })), (given) => {
          const value = valueOrNull(() => decode(given));
          expect(value === null || Buffer.compare(encode(value), given) === 0).toBe(true);
        }),
        { numRuns: 2000 },
      );
    });
  });
}

/** What a writer makes of a few short messages. */
function onlyFrame<Message>(
  writerOf: (send: (frame: Uint8Array) => void) => FrameWriter<Message>,
  messages: readonly Message[],
): Uint8Array {
  const frames: Uint8Array[] = [];
  const writer = writerOf((frame) => frames.push(frame));
  for (const message of messages) writer.add(message);
  writer.flush();
  const [frame] = frames;
  if (frame === undefined || frames.length > 1) throw new Error(`${frames.length} frames`);
  return frame;
}

/** The value, or `null` where it was refused in the way that it must be. */
function valueOrNull<Value>(decode: () => Value): Value | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

check({ name: 'a command', values: commands, encode: encodeCommand, decode: decodeCommand });
check({
  name: 'what a client says in one turn',
  values: fc.array(clientMessages, { minLength: 1, maxLength: 6 }),
  encode: (messages) => onlyFrame(clientFrameWriter, messages),
  decode: decodeClientFrame,
});
check({
  name: 'what a node says in one turn',
  values: fc.array(serverMessages, { minLength: 1, maxLength: 6 }),
  encode: (messages) => onlyFrame(serverFrameWriter, messages),
  decode: decodeServerFrame,
});
check({
  name: 'an outcome',
  values: outcomes,
  encode: (outcome) => {
    const writer = new ByteWriter();
    writeOutcome(writer, outcome);
    return writer.finish();
  },
  decode: (given) => {
    const reader = new ByteReader(given);
    const outcome = readOutcome(reader);
    reader.end();
    return outcome;
  },
});

function put(key: Uint8Array, value: Uint8Array): Command {
  return { kind: 'directWrite', operation: { kind: 'put', key, value, condition: NO_CONDITION } };
}

it('a command keeps its bytes whatever is encoded after it', () => {
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 20 }), (all) => {
      const encoded = all.map(encodeCommand);
      expect(encoded.map(decodeCommand)).toEqual(all);
    }),
  );
});

describe('what is beyond a limit', () => {
  const one = new Uint8Array(1);

  it('is written up to the limit, and not above', () => {
    const largest = put(new Uint8Array(KEY_BYTES_MAX), new Uint8Array(VALUE_BYTES_MAX));
    const encoded = encodeCommand(largest);
    // Not `toEqual`, which takes seconds for that.
    expect(Buffer.compare(encodeCommand(decodeCommand(encoded)), encoded)).toBe(0);
    expect(encoded.length).toBeGreaterThan(KEY_BYTES_MAX + VALUE_BYTES_MAX);
  });

  it.each([
    ['an empty key', put(new Uint8Array(0), one)],
    ['a key too long', put(new Uint8Array(KEY_BYTES_MAX + 1), one)],
    ['a value too long', put(one, new Uint8Array(VALUE_BYTES_MAX + 1))],
    ['a nonce too short', { kind: 'openSession', nonce: one } as const],
    [
      'too many sessions',
      { kind: 'endSessions', sessions: Array.from({ length: EXPIRED_SESSIONS_MAX + 1 }, () => 1) } as const,
    ],
  ])('is refused by the writer: %s', (_, command) => {
    expect(() => encodeCommand(command)).toThrow(EncodeError);
  });
});
