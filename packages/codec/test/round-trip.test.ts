import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter, DecodeError, EncodeError } from '../src/index.ts';

const COUNTER_MAX = Number.MAX_SAFE_INTEGER;
const counters = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.nat(53).map((bits) => 2 ** bits - 1),
);

/** One value and how it is written and read. */
type Field =
  | { readonly kind: 'byte' | 'uint32' | 'counter'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'text'; readonly value: string };

const fields: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('byte'), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('uint32'), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('counter'), value: counters }),
  fc.record({ kind: fc.constant('bytes'), value: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant('text'), value: fc.string({ unit: 'binary', maxLength: 100 }) }),
) as fc.Arbitrary<Field>;

function write(writer: ByteWriter, field: Field): void {
  if (field.kind === 'bytes') writer.bytes(field.value, 1000);
  else if (field.kind === 'text') writer.text(field.value, 1000);
  else writer[field.kind](field.value);
}

function read(reader: ByteReader, kind: Field['kind']): Field['value'] {
  return kind === 'bytes' || kind === 'text' ? reader[kind](1000) : reader[kind]();
}

/** What `run` threw, or `null`. */
function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return null;
}

function bytesOf(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value);
}

describe('values', () => {
  it('survive a round trip, whatever stands before and after them', () => {
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 20 }), (list) => {
        const writer = new ByteWriter(1);
        for (const field of list) write(writer, field);
        const bytes = writer.finish();
        expect(bytes.length).toBe(writer.length);
        const reader = new ByteReader(bytes);
        expect(list.map(({ kind }) => read(reader, kind))).toEqual(list.map(({ value }) => value));
        reader.end();
      }),
    );
  });

  it('take no more bytes than they need', () => {
    const lengths = [0, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 49 - 1, 2 ** 49, COUNTER_MAX].map(
      (value) => new ByteWriter().counter(value).finish().length,
    );
    expect(lengths).toEqual([1, 1, 2, 2, 3, 5, 7, 8, 8]);
  });

  it('keep a byte order mark and a zero in a text', () => {
    const bytes = new ByteWriter().text('\uFEFFa\0', 10).finish();
    expect(new ByteReader(bytes).text(10)).toBe('\uFEFFa\0');
  });

  it('are copies, which a later change of the buffer does not reach', () => {
    const buffer = Buffer.from(new ByteWriter().bytes(Uint8Array.of(1, 2), 2).finish());
    const copy = new ByteReader(buffer).bytes(2);
    buffer.fill(9);
    expect(copy).toEqual(Uint8Array.of(1, 2));
    expect(copy.buffer.byteLength).toBe(2);
  });
});

describe('a writer', () => {
  it('begins anew when its bytes are taken, and leaves those alone', () => {
    const writer = new ByteWriter(1).text('Ada', 10);
    const taken = writer.take();
    expect(writer.length).toBe(0);
    writer.text('Grace Hopper', 20);
    expect(new ByteReader(taken).text(10)).toBe('Ada');
    expect(new ByteReader(writer.take()).text(20)).toBe('Grace Hopper');
    expect(writer.take()).toEqual(new Uint8Array(0));
  });

  it('shows what was written where it stands, to be written over', () => {
    const writer = new ByteWriter(8).byte(7).zeros(3).byte(9);
    expect(writer.written()).toEqual(new Uint8Array([7, 0, 0, 0, 9]));
    writer.written().set([1, 2, 3], 1);
    expect(writer.byte(4).finish()).toEqual(new Uint8Array([7, 1, 2, 3, 9, 4]));
  });

  it('writes zeros also where something stood that was cut off', () => {
    const writer = new ByteWriter(8).raw(new Uint8Array(8).fill(255)).cut(1);
    expect(writer.zeros(4).finish()).toEqual(new Uint8Array([255, 0, 0, 0, 0]));
  });

  it('forgets what is cut off', () => {
    const writer = new ByteWriter().byte(1).byte(2);
    const { length } = writer;
    writer.text('half a message', 20).cut(length);
    expect(writer.byte(3).finish()).toEqual(Uint8Array.of(1, 2, 3));
    expect(() => writer.cut(4)).toThrow(EncodeError);
    expect(() => writer.cut(-1)).toThrow(EncodeError);
  });
});

describe('a view', () => {
  it('is the part of the buffer that holds the bytes, with the same limits', () => {
    const buffer = new ByteWriter().bytes(Uint8Array.of(1, 2), 2).byte(3).finish();
    const reader = new ByteReader(buffer);
    const view = reader.view(2);
    expect([...view]).toEqual([1, 2]);
    expect(reader.byte()).toBe(3);
    buffer.fill(9);
    expect([...view]).toEqual([9, 9]);
    expect(() => new ByteReader(Uint8Array.of(3, 1, 2)).view(10)).toThrow(DecodeError);
    expect(() => new ByteReader(Uint8Array.of(2, 1, 2)).view(1)).toThrow(DecodeError);
  });
});

describe('any bytes', () => {
  it('give a value or a typed refusal, and a value has one encoding alone', () => {
    const kinds = fc.constantFrom<Field['kind']>('byte', 'uint32', 'counter', 'bytes', 'text');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(kinds, { maxLength: 8 }), (bytes, list) => {
        const reader = new ByteReader(bytes);
        const writer = new ByteWriter();
        const error = errorOf(() => {
          for (const kind of list) write(writer, { kind, value: read(reader, kind) } as Field);
        });
        expect(error === null || error instanceof DecodeError).toBe(true);
        const understood = writer.finish();
        expect(understood).toEqual(bytes.slice(0, understood.length));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['an end too early', [], (reader: ByteReader) => reader.byte()],
    ['half of an integer', [1, 2, 3], (reader: ByteReader) => reader.uint32()],
    ['a number that does not end', [0x80, 0x80], (reader: ByteReader) => reader.counter()],
    ['a number in more bytes than it needs', [0x80, 0x00], (reader: ByteReader) => reader.counter()],
    ['a number above 2^53 - 1', [...bytesOf(0xff, 7), 0x1f], (reader: ByteReader) => reader.counter()],
    ['a number of nine bytes', [...bytesOf(0x80, 8), 1], (reader: ByteReader) => reader.counter()],
    ['a number above its limit', [5], (reader: ByteReader) => reader.counterUpTo(4, 'a count')],
    ['a length above its limit', [5, 1, 2, 3, 4, 5], (reader: ByteReader) => reader.bytes(4)],
    ['a length beyond the end', [5, 1, 2, 3, 4], (reader: ByteReader) => reader.bytes(10)],
    ['raw bytes beyond the end', [1], (reader: ByteReader) => reader.raw(2)],
    ['text that is not UTF-8', [2, 0xc3, 0x28], (reader: ByteReader) => reader.text(10)],
    ['an overlong form of a character', [2, 0xc0, 0x80], (reader: ByteReader) => reader.text(10)],
    ['half of a surrogate pair', [3, 0xed, 0xa0, 0x80], (reader: ByteReader) => reader.text(10)],
    ['bytes that nobody asked for', [1], (reader: ByteReader) => reader.end()],
  ])('are refused where they hold %s', (_, bytes, readOne) => {
    expect(() => readOne(new ByteReader(Uint8Array.from(bytes)))).toThrow(DecodeError);
  });

  it('are refused with the place where they went wrong', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 9, 0));
    reader.byte();
    reader.byte();
    expect(() => reader.bytes(4)).toThrow(expect.objectContaining({ code: 'CODEC_DECODE', offset: 2 }));
  });
});

describe('what cannot be written', () => {
  it.each([
    ['a byte above 255', (writer: ByteWriter) => writer.byte(256)],
    ['a byte below 0', (writer: ByteWriter) => writer.byte(-1)],
    ['half a byte', (writer: ByteWriter) => writer.byte(0.5)],
    ['an integer of 33 bits', (writer: ByteWriter) => writer.uint32(2 ** 32)],
    ['a negative integer', (writer: ByteWriter) => writer.uint32(-1)],
    ['a number above 2^53 - 1', (writer: ByteWriter) => writer.counter(2 ** 53)],
    ['a negative number', (writer: ByteWriter) => writer.counter(-1)],
    ['no number at all', (writer: ByteWriter) => writer.counter(Number.NaN)],
    ['too many bytes', (writer: ByteWriter) => writer.bytes(new Uint8Array(5), 4)],
    ['too long a text', (writer: ByteWriter) => writer.text('äöü', 5)],
    ['a text longer than any that fits', (writer: ByteWriter) => writer.text('abcdef', 5)],
    ['half of a surrogate pair', (writer: ByteWriter) => writer.text('a\uD800', 10)],
  ])('is refused: %s', (_, writeOne) => {
    const writer = new ByteWriter();
    expect(() => writeOne(writer)).toThrow(EncodeError);
    expect(writer.length).toBe(0);
  });
});
