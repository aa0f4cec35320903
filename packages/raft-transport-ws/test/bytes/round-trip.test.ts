/** Bytes of messages, frames and hellos: there and back, and nothing but a typed refusal for anything else. */

import { ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import { ABOUT_BYTES_MAX } from '@raftkv/runtime';
import { MESSAGES_OF_ALL_KINDS } from '../support/messages.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, FrameEncoder, FRAME_BYTES_MAX, MESSAGES_MAX } from '../../src/bytes/frame.ts';
import { decodeHello, encodeHello, HELLO_BYTES_MAX } from '../../src/bytes/hello.ts';
import { anyHello, anyMessage } from '../support/arbitrary.ts';
import { appendOf, greetingOf, heartbeat } from '../support/stage.ts';
import { helloOf } from '../support/fake-peer.ts';
import { attempt, spoilt } from '../support/spoilt.ts';

const encoder = new FrameEncoder(FRAME_BYTES_MAX);

const anyFrame = fc.array(anyMessage, { minLength: 1, maxLength: 8 });
const frameBytes = anyFrame.map((messages) => encoder.encode(messages)[0]!);

describe('a frame', () => {
  it('gives back the messages it was made of', () => {
    const check = fc.property(anyFrame, (messages) => {
      const frames = encoder.encode(messages);
      expect(frames.map(decodeFrame)).toEqual([messages]);
    });
    fc.assert(check, { numRuns: 500 });
  });

  it('has every kind of message', () => {
    const [frame] = encoder.encode(MESSAGES_OF_ALL_KINDS);
    expect(decodeFrame(frame!)).toEqual(MESSAGES_OF_ALL_KINDS);
  });

  it('is refused with a typed error, or gives messages, whatever its bytes are', () => {
    const check = fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt(frameBytes)), (bytes) => {
      attempt(() => decodeFrame(bytes));
    });
    expect(fc.check(check, { numRuns: 5000 }).failed).toBe(false);
  });

  it('that says something has one encoding', () => {
    const check = fc.property(spoilt(frameBytes), (bytes) => {
      const messages = attempt(() => decodeFrame(bytes));
      expect(messages === null ? [bytes] : encoder.encode(messages)).toEqual([bytes]);
    });
    fc.assert(check, { numRuns: 2000 });
  });

  it('has at least one message, and no byte too many', () => {
    expect(() => decodeFrame(Uint8Array.of(0))).toThrow(DecodeError);
    const [frame] = encoder.encode([heartbeat(1)]);
    expect(() => decodeFrame(Uint8Array.of(...frame!, 0))).toThrow(DecodeError);
  });

  it('becomes several where the messages do not fit in one, in their order', () => {
    const small = new FrameEncoder(3000);
    const messages = [heartbeat(1), appendOf(2000), heartbeat(2), appendOf(2500), heartbeat(3)];
    const frames = small.encode(messages);
    expect(frames.length).toBeGreaterThan(1);
    expect(frames.flatMap(decodeFrame)).toEqual(messages);
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(3000);
    expect(() => small.encode([heartbeat(1), appendOf(3000)])).toThrow(EncodeError);
  });

  it('becomes several where there are too many messages for one', () => {
    const messages = Array.from({ length: MESSAGES_MAX + 1 }, (_, nth) => heartbeat(nth));
    const frames = encoder.encode(messages);
    expect(frames).toHaveLength(2);
    expect(frames.flatMap(decodeFrame)).toEqual(messages);
  });

  it('is encoded once for all who are told the same in one turn', async () => {
    const append = appendOf(10);
    const [first, second] = [encoder.encode([append]), encoder.encode([{ ...append }])];
    expect(second).toBe(first);
    expect(encoder.encode([heartbeat(1)])).not.toEqual(first);
    expect(encoder.encode([{ ...append, term: heartbeat(2).term }])).not.toEqual(first);
    await Promise.resolve();
    expect(encoder.encode([append])).toEqual(first);
    expect(encoder.encode([append])).not.toBe(first);
  });

  it('has messages that keep what they say when the bytes it came in are written over', () => {
    fc.assert(
      fc.property(anyFrame, (messages) => {
        // A Buffer, as it comes from the socket: its `slice` would share the memory.
        const bytes = Buffer.from(encoder.encode(messages)[0]!);
        const decoded = decodeFrame(bytes);
        bytes.fill(0);
        expect(decoded).toEqual(messages);
      }),
    );
  });

  it('takes the longest entry there is', () => {
    const [frame] = encoder.encode([appendOf(64 * 1024 * 1024)]);
    expect(frame!.length).toBeLessThan(FRAME_BYTES_MAX);
  });
});

describe('a hello', () => {
  it('gives back what it was made of', () => {
    const check = fc.property(anyHello, (hello) => {
      expect(decodeHello(encodeHello(hello))).toEqual({ kind: 'hello', hello });
    });
    fc.assert(check, { numRuns: 500 });
  });

  it('is refused with a typed error, or says something, whatever its bytes are', () => {
    const valid = anyHello.map(encodeHello);
    const check = fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt(valid)), (bytes) => {
      attempt(() => decodeHello(bytes));
    });
    expect(fc.check(check, { numRuns: 5000 }).failed).toBe(false);
  });

  it('is never longer than its limit', () => {
    const id = 'x'.repeat(256);
    const longest = helloOf(id, id, {
      cluster: id,
      greeting: {
        processNumber: Number.MAX_SAFE_INTEGER,
        incarnation: new Uint8Array(16),
        clusterId: new Uint8Array(16),
        hasLog: true,
        hasJoined: false,
        metAs: new Uint8Array(16),
        about: new Uint8Array(ABOUT_BYTES_MAX),
      },
    });
    expect(encodeHello(longest).length).toBeLessThanOrEqual(HELLO_BYTES_MAX);
  });

  it('of another version is known by its version, whatever else it says', () => {
    const bytes = encodeHello(helloOf('a', 'b'));
    bytes[4] = 7;
    expect(decodeHello(bytes.slice(0, 9))).toEqual({ kind: 'other-version', version: 7 });
  });

  it('does not take a greeting of the wrong shape', () => {
    const greeting = { ...helloOf('a', 'b').greeting, incarnation: new Uint8Array(3) };
    expect(() => encodeHello(helloOf('a', 'b', { greeting }))).toThrow(EncodeError);
  });

  it('says at most so much about a node as is allowed, and what it says is no part of the bytes it came in', () => {
    const about = new Uint8Array(ABOUT_BYTES_MAX).fill(7);
    const bytes = encodeHello(helloOf('a', 'b', { greeting: greetingOf(1, { about }) }));
    const heard = decodeHello(bytes);
    bytes.fill(0);
    expect(heard).toMatchObject({ hello: { greeting: { about } } });
    const longer = new Uint8Array(ABOUT_BYTES_MAX + 1);
    const greeting = greetingOf(1, { about: longer });
    expect(() => encodeHello(helloOf('a', 'b', { greeting }))).toThrow(EncodeError);
    const forged = encodeHello(helloOf('a', 'b'));
    // The last field, empty there, is said to be one byte too long.
    const tooLong = new ByteWriter().raw(forged.subarray(0, -1)).counter(longer.length).raw(longer).finish();
    expect(() => decodeHello(tooLong)).toThrow(DecodeError);
  });
});
