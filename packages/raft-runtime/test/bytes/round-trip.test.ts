import { ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import {
  firstConfiguration,
  logIndex,
  nodeId,
  REMOVED_IDS_MAX,
  term,
  type Configuration,
  type Entry,
  type HardState,
} from '@raftkv/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MEMBERS_MAX,
  readConfiguration,
  readEntry,
  readHardState,
  readNodeId,
  writeConfiguration,
  writeEntry,
  writeHardState,
  writeNodeId,
} from '../../src/index.ts';

const ids = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map(nodeId);
const bytes = fc.uint8Array({ maxLength: 100 });
const indexes = fc.maxSafeNat().map(logIndex);
const terms = fc.maxSafeNat().map(term);

const MEMBERS = fc.array(fc.record({ id: ids, data: bytes }), { maxLength: 5 });
const OTHERS = { learners: MEMBERS, removed: fc.array(ids, { maxLength: 3 }) };
const CONFIGURATIONS: fc.Arbitrary<Configuration> = fc.oneof(
  MEMBERS.map(firstConfiguration),
  fc.record({ kind: fc.constant('simple' as const), voters: MEMBERS, ...OTHERS }),
  fc.record({ kind: fc.constant('joint' as const), incoming: MEMBERS, outgoing: MEMBERS, ...OTHERS }),
);
const ENTRIES: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ index: indexes, term: terms, kind: fc.constantFrom('command', 'no-op'), data: bytes }),
  fc.record({
    index: indexes,
    term: terms,
    kind: fc.constant('configuration' as const),
    data: fc.constant(new Uint8Array(0)),
    configuration: CONFIGURATIONS,
  }),
);
const HARD_STATES: fc.Arbitrary<HardState> = fc.record(
  {
    currentTerm: terms,
    votedFor: fc.option(ids, { nil: null }),
    commitIndex: indexes,
    promiseMs: fc.nat(100_000),
  },
  { requiredKeys: ['currentTerm', 'votedFor', 'commitIndex'] },
);

interface Format<Value> {
  readonly name: string;
  readonly values: fc.Arbitrary<Value>;
  readonly write: (writer: ByteWriter, value: Value) => void;
  readonly read: (reader: ByteReader) => Value;
}

/** Checks one format; the type of its values stays inside. */
function check<Value>({ name, values, write, read }: Format<Value>): void {
  describe(`the bytes of ${name}`, () => {
    it('survives a round trip', () => {
      fc.assert(
        fc.property(values, (value) => {
          const writer = new ByteWriter();
          write(writer, value);
          const reader = new ByteReader(writer.finish());
          expect(read(reader)).toEqual(value);
          reader.end();
        }),
      );
    });

    it('gives a value or a typed refusal for any bytes, also for those of a value with one changed', () => {
      const changed = fc.tuple(values, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const writer = new ByteWriter();
        write(writer, value);
        const written = writer.finish();
        written[at % written.length] = byte;
        return written;
      });
      fc.assert(
        fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 80 })), (given) => {
          const reader = new ByteReader(given);
          const outcome = readOrRefuse(reader, read);
          if (outcome === REFUSED) return;
          const writer = new ByteWriter();
          write(writer, outcome);
          expect(writer.finish()).toEqual(given.slice(0, reader.offset));
        }),
        { numRuns: 1000 },
      );
    });
  });
}

const REFUSED = Symbol('refused');

/** The value, or that it was refused in the way that it must be. */
function readOrRefuse<Value>(
  reader: ByteReader,
  read: (reader: ByteReader) => Value,
): Value | typeof REFUSED {
  try {
    return read(reader);
  } catch (error) {
    if (error instanceof DecodeError) return REFUSED;
    throw error;
  }
}

check({ name: 'an entry', values: ENTRIES, write: writeEntry, read: readEntry });
check({
  name: 'a configuration, with opaque bytes for each member (R21)',
  values: CONFIGURATIONS,
  write: writeConfiguration,
  read: readConfiguration,
});
check({ name: 'a hard state', values: HARD_STATES, write: writeHardState, read: readHardState });
check({ name: 'a node id', values: ids, write: writeNodeId, read: readNodeId });

describe('R20: a hard state without a promise', () => {
  it('has the bytes that it had before there were promises', () => {
    const writer = new ByteWriter();
    writeHardState(writer, { currentTerm: term(3), votedFor: nodeId('b'), commitIndex: logIndex(2) });
    expect([...writer.finish()]).toEqual([3, 2, 1, 1, 'b'.charCodeAt(0)]);
  });
});

describe('R21: the configuration of a release before learners', () => {
  const WRITTEN = Uint8Array.of(0, 2, 1, 97, 0, 1, 98, 2, 7, 8);
  const voters = [
    { id: nodeId('a'), data: new Uint8Array(0) },
    { id: nodeId('b'), data: Uint8Array.of(7, 8) },
  ];

  it('is read, and written as it was', () => {
    expect(readConfiguration(new ByteReader(WRITTEN))).toEqual(firstConfiguration(voters));
    const writer = new ByteWriter();
    writeConfiguration(writer, firstConfiguration(voters));
    expect(writer.finish()).toEqual(WRITTEN);
  });
});

describe('R21: a configuration too large', () => {
  it('is refused before it is written', () => {
    const voters = Array.from({ length: MEMBERS_MAX + 1 }, (_, nth) => ({
      id: nodeId(`n${nth}`),
      data: new Uint8Array(0),
    }));
    expect(() => writeConfiguration(new ByteWriter(), firstConfiguration(voters))).toThrow(EncodeError);
  });

  it('is refused before it is read', () => {
    const announced = new ByteWriter()
      .byte(0)
      .counter(MEMBERS_MAX + 1)
      .finish();
    expect(() => readConfiguration(new ByteReader(announced))).toThrow(DecodeError);
  });

  it('is refused for the ids that were once removed, too', () => {
    const removed = Array.from({ length: REMOVED_IDS_MAX + 1 }, (_, nth) => nodeId(`n${nth}`));
    const configuration = { ...firstConfiguration([]), removed };
    expect(() => writeConfiguration(new ByteWriter(), configuration)).toThrow(EncodeError);
    const announced = new ByteWriter()
      .byte(1)
      .counter(0)
      .counter(0)
      .counter(REMOVED_IDS_MAX + 1);
    expect(() => readConfiguration(new ByteReader(announced.finish()))).toThrow(/ids once removed/);
  });
});
