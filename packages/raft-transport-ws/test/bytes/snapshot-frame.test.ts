/** Bytes of the frames of a snapshot: there and back, and nothing but a typed refusal for anything else. */

import { DecodeError, EncodeError } from '@raftkv/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeReceiverFrame,
  decodeSenderFrame,
  encodeReceiverFrame,
  encodeSenderFrame,
  PIECE_BYTES_MAX,
  REASON_BYTES_MAX,
  type ReceiverFrame,
  type SenderFrame,
} from '../../src/bytes/snapshot-frame.ts';
import { attempt, spoilt } from '../support/spoilt.ts';

const piece = fc.uint8Array({ minLength: 1, maxLength: 60 });
const counter = fc.oneof(fc.nat(300), fc.maxSafeNat());

const anySenderFrame: fc.Arbitrary<SenderFrame> = fc.oneof(
  fc.record({ kind: fc.constant('head' as const), isLast: fc.constant(false), bytes: piece }),
  fc.record({
    kind: fc.constant('head' as const),
    isLast: fc.constant(true),
    bytes: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({ kind: fc.constant('content' as const), bytes: piece }),
  fc.record({ kind: fc.constant('end' as const), contentBytes: counter }),
);

const anyReceiverFrame: fc.Arbitrary<ReceiverFrame> = fc.oneof(
  fc.record({ kind: fc.constant('taken' as const), contentBytes: counter }),
  fc.record({ kind: fc.constant('delivered' as const) }),
  fc.record({
    kind: fc.constant('refused' as const),
    reason: fc.string({ maxLength: 40, unit: 'grapheme' }),
  }),
);

describe.each([
  ['to a receiver', anySenderFrame, encodeSenderFrame, decodeSenderFrame],
  ['to a sender', anyReceiverFrame, encodeReceiverFrame, decodeReceiverFrame],
] as const)('a frame %s of a snapshot', (_, anyFrame, encode, decode) => {
  const any = anyFrame as fc.Arbitrary<SenderFrame & ReceiverFrame>;
  const validBytes = any.map((frame) => encode(frame));

  it('gives back what it was made of', () => {
    const check = fc.property(any, (frame) => {
      expect(decode(encode(frame))).toEqual(frame);
    });
    fc.assert(check, { numRuns: 500 });
  });

  it('is refused with a typed error, or says something, whatever its bytes are', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt(validBytes));
    const check = fc.property(bytes, (some) => {
      attempt(() => decode(some));
    });
    expect(fc.check(check, { numRuns: 5000 }).failed).toBe(false);
  });

  it('that says something has one encoding', () => {
    const check = fc.property(spoilt(validBytes), (bytes) => {
      const frame = attempt(() => decode(bytes)) as (SenderFrame & ReceiverFrame) | null;
      expect(frame === null ? bytes : encode(frame)).toEqual(bytes);
    });
    fc.assert(check, { numRuns: 2000 });
  });
});

describe('the frames of a snapshot', () => {
  it('are refused by the side that sends them', () => {
    fc.assert(
      fc.property(anySenderFrame, anyReceiverFrame, (sent, answered) => {
        expect(() => decodeReceiverFrame(encodeSenderFrame(sent))).toThrow(DecodeError);
        expect(() => decodeSenderFrame(encodeReceiverFrame(answered))).toThrow(DecodeError);
      }),
    );
  });

  it('have pieces of at most 64 KiB, and of at least a byte but for the last of a head', () => {
    const longest = new Uint8Array(PIECE_BYTES_MAX);
    const whole = encodeSenderFrame({ kind: 'content', bytes: longest });
    expect(decodeSenderFrame(whole)).toEqual({ kind: 'content', bytes: longest });
    expect(() => decodeSenderFrame(Uint8Array.of(...whole, 0))).toThrow(DecodeError);
    const none = new Uint8Array(0);
    expect(() => decodeSenderFrame(encodeSenderFrame({ kind: 'content', bytes: none }))).toThrow(DecodeError);
    const emptyPart = encodeSenderFrame({ kind: 'head', isLast: false, bytes: none });
    expect(() => decodeSenderFrame(emptyPart)).toThrow(DecodeError);
  });

  it('have reasons of at most a kilobyte', () => {
    const reason = 'x'.repeat(REASON_BYTES_MAX);
    const frame = { kind: 'refused', reason } as const;
    expect(decodeReceiverFrame(encodeReceiverFrame(frame))).toEqual(frame);
    expect(() => encodeReceiverFrame({ kind: 'refused', reason: `${reason}x` })).toThrow(EncodeError);
  });

  it('have pieces that are no part of the bytes they came in, and none of those they were made of', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const frame = Buffer.from(encodeSenderFrame({ kind: 'content', bytes }));
    bytes.fill(0);
    const decoded = decodeSenderFrame(frame);
    frame.fill(0);
    expect(decoded).toEqual({ kind: 'content', bytes: Uint8Array.of(1, 2, 3) });
  });
});
