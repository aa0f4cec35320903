import { DecodeError } from '@raftkv/codec';
import { firstConfiguration, logIndex, nodeId, term, type Configuration, type Entry } from '@raftkv/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DamagedError, UnknownFormatError } from '../../src/index.ts';
import { decodeIdentity, encodeIdentity } from '../../src/format/identity.ts';
import { decodeRecord, encodeRecord, type LogRecord } from '../../src/format/log-record.ts';
import { frame, placeSeed, RECORD_HEADER_BYTES, recordBytes, unframe } from '../../src/format/record.ts';

const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map(nodeId);
const indexes = fc.maxSafeNat().map(logIndex);
const terms = fc.maxSafeNat().map(term);
const incarnations = fc.uint8Array({ minLength: 16, maxLength: 16 });
const hardStates = fc.record({
  currentTerm: terms,
  votedFor: fc.option(ids, { nil: null }),
  commitIndex: indexes,
});
const members = fc.array(fc.record({ id: ids, data: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 5 });
const notVoters = { learners: members, removed: fc.array(ids, { maxLength: 3 }) };
const configurations: fc.Arbitrary<Configuration> = fc.oneof(
  members.map(firstConfiguration),
  fc.record({ kind: fc.constant('simple' as const), voters: members, ...notVoters }),
  fc.record({ kind: fc.constant('joint' as const), incoming: members, outgoing: members, ...notVoters }),
);
const entries: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    index: indexes,
    term: terms,
    kind: fc.constantFrom('command', 'no-op'),
    data: fc.uint8Array({ maxLength: 200 }),
  }),
  fc.record({
    index: indexes,
    term: terms,
    kind: fc.constant('configuration' as const),
    data: fc.constant(new Uint8Array(0)),
    configuration: configurations,
  }),
);
const bases = fc.record({
  index: fc.oneof(fc.constant(logIndex(0)), indexes),
  term: terms,
  configuration: configurations,
  configurationIndex: fc.oneof(fc.constant(logIndex(0)), indexes),
});
const heads = fc.record({
  kind: fc.constant('head' as const),
  hardState: hardStates,
  base: bases,
  configurations: fc.array(fc.record({ index: indexes, configuration: configurations }), { maxLength: 3 }),
  clusterId: fc.option(incarnations, { nil: null }),
  members: fc.array(fc.tuple(ids, incarnations), { maxLength: 4 }),
  lastIndex: indexes,
  lastTerm: terms,
});
const records: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({ kind: fc.constant('hardState' as const), hardState: hardStates }),
  fc.record({ kind: fc.constant('truncation' as const), from: indexes }),
  fc.record({ kind: fc.constant('entry' as const), entry: entries }),
  fc.record({ kind: fc.constant('member' as const), id: ids, incarnation: incarnations }),
  fc.constant({ kind: 'seal' as const }),
  fc.record({
    kind: fc.constant('base' as const),
    base: bases,
    isLogKept: fc.boolean(),
    clusterId: incarnations,
  }),
  fc
    .record({
      head: heads,
      termRanges: fc.array(fc.record({ firstIndex: indexes, term: terms }), { maxLength: 3 }),
    })
    .map(({ head, termRanges }) => ({ ...head, termRanges: head.base.index > 0 ? termRanges : [] })),
);
const identities = fc.record({
  node: ids,
  cluster: fc.string({ unit: 'grapheme', maxLength: 20 }),
  configuration: configurations,
  incarnation: incarnations,
});

/** What `run` gave, or the error if it is one of those that it may throw. */
function outcomeOf<Value>(
  run: () => Value,
  ...allowed: (abstract new (...args: never[]) => Error)[]
): Value | Error {
  try {
    return run();
  } catch (error) {
    const refusal = allowed.find((one) => error instanceof one);
    if (refusal === undefined || !(error instanceof Error)) throw error;
    return error;
  }
}

/** The bytes with one of them changed. */
function changed(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  return fc.tuple(bytes, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([given, at, by]) => {
    const copy = Buffer.from(given);
    copy[at % copy.length]! ^= by;
    return copy;
  });
}

describe('the body of a record', () => {
  it('survives a round trip', () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeRecord(encodeRecord(record))).toEqual(record);
      }),
    );
  });

  it('gives a record or a typed refusal for any bytes', () => {
    const given = fc.oneof(fc.uint8Array({ maxLength: 80 }), changed(records.map(encodeRecord)));
    fc.assert(
      fc.property(given, (bytes) => {
        const outcome = outcomeOf(() => decodeRecord(bytes), DecodeError);
        expect(outcome instanceof Error || Buffer.compare(encodeRecord(outcome), bytes) === 0).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('R31: the head of a segment of a release before configurations could change', () => {
  const WRITTEN = Uint8Array.of(0, 3, 1, 0, 0, 0, 0, 1, 1, 97, 0, 0, 0, 5, 3);
  const head: LogRecord = {
    kind: 'head',
    hardState: { currentTerm: term(3), votedFor: null, commitIndex: logIndex(1) },
    base: {
      index: logIndex(0),
      term: term(0),
      configuration: firstConfiguration([{ id: nodeId('a'), data: new Uint8Array(0) }]),
      configurationIndex: logIndex(0),
    },
    configurations: [],
    termRanges: [],
    clusterId: null,
    members: [],
    lastIndex: logIndex(5),
    lastTerm: term(3),
  };

  it('is read, and written as it was while none has', () => {
    expect(decodeRecord(WRITTEN)).toEqual(head);
    expect(encodeRecord(head)).toEqual(WRITTEN);
  });
});

describe('the identity of a directory', () => {
  it('survives a round trip', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        expect(decodeIdentity('f', Buffer.from(encodeIdentity(identity)))).toEqual(identity);
      }),
    );
  });

  it('is refused with any byte changed, and for any other bytes', () => {
    // All but the last four bytes of the file head, which say nothing.
    const given = fc.oneof(
      fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      changed(identities.map(encodeIdentity)).filter((bytes) =>
        bytes.subarray(20, 24).equals(Buffer.alloc(4)),
      ),
    );
    fc.assert(
      fc.property(given, (bytes) => {
        const outcome = outcomeOf(() => decodeIdentity('f', bytes), DamagedError, UnknownFormatError);
        expect(outcome).toBeInstanceOf(Error);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a framed record', () => {
  const seed = placeSeed(new Uint8Array(16).fill(1), 3);
  const place = { seed, offset: 64 };
  const framed = fc.uint8Array({ minLength: 1, maxLength: 100 }).map((body) => {
    const bytes = Buffer.alloc(recordBytes(body.length));
    bytes.set(body, RECORD_HEADER_BYTES);
    frame(bytes, 0, body.length, place, 77, 40);
    return { body, bytes };
  });

  it('is what was framed, in its place', () => {
    fc.assert(
      fc.property(framed, ({ body, bytes }) => {
        const record = unframe(bytes, 0, place);
        expect(record).toMatchObject({ previous: 77, vouched: 40, end: bytes.length });
        expect(Buffer.from(record?.body ?? [])).toEqual(Buffer.from(body));
      }),
    );
  });

  it('does not fit with a byte changed, but for the zeros behind it', () => {
    fc.assert(
      fc.property(framed, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ body, bytes }, nth, by) => {
        bytes[nth % (16 + body.length)]! ^= by;
        expect(unframe(bytes, 0, place)).toBeNull();
      }),
    );
  });

  it('does not fit another offset, segment or directory', () => {
    const others = [
      { seed, offset: 72 },
      { seed: placeSeed(new Uint8Array(16).fill(1), 4), offset: 64 },
      { seed: placeSeed(new Uint8Array(16).fill(2), 3), offset: 64 },
    ];
    fc.assert(
      fc.property(framed, ({ bytes }) => {
        for (const other of others) expect(unframe(bytes, 0, other)).toBeNull();
      }),
    );
  });

  it('is none in any bytes, or one whose checksum fits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (bytes, at) => {
        expect(unframe(Buffer.from(bytes), at, place)).toBeNull();
      }),
    );
  });
});
