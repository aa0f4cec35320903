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
  type Command,
  type FrameWriter,
} from '../src/index.ts';
import { clientMessages, commands, outcomes, serverMessages } from './support/arbitraries.ts';

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
