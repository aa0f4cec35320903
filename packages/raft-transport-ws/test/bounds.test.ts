/** What waits for a peer is bounded, and so is how long it may wait. */

import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeFrame, FrameEncoder } from '../src/bytes/frame.ts';
import { greeted, helloOf } from './support/fake-peer.ts';
import { ManualClock } from './support/manual-clock.ts';
import { A, appendOf, heartbeat, Stage } from './support/stage.ts';

const MIB = 1024 * 1024;

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

/** Node `b`, connected with a peer that does not read, and as much sent to it as the system takes and more. */
async function stuffed() {
  const clock = new ManualClock();
  const b = await stage.start('b', 2, { clock, limits: { queueBytesMax: 4 * MIB } });
  const peer = await greeted(b.transport.port, helloOf('a', 'b'));
  peer.pause();
  for (let nth = 0; nth < 100; nth += 1) b.transport.send(A, [appendOf(MIB)]);
  return { clock, b, peer };
}

describe('a peer that reads slowly', () => {
  it('loses frames beyond the limit and one; memory does not grow with what is sent', async () => {
    const { b, peer } = await stuffed();
    const { queuedBytes, sendsDropped, framesSent } = b.transport.metrics();
    expect(queuedBytes).toBeLessThan(6 * MIB);
    expect(sendsDropped + framesSent).toBe(100);
    expect(sendsDropped).toBeGreaterThan(80);
    expect(b.noticesOf('queue-full')).toHaveLength(1);
    peer.terminate();
  });

  it('is sent to again once it has read, and what it gets is whole and in order', async () => {
    const { b, peer } = await stuffed();
    let arrived = 0;
    const last = new Promise<void>((resolve) => {
      peer.on('message', (bytes: Buffer) => {
        arrived += 1;
        const [message] = decodeFrame(bytes);
        if (message?.kind === 'roundReply') resolve();
      });
    });
    peer.resume();
    while (b.transport.metrics().queuedBytes > 0) await new Promise(setImmediate);
    b.transport.send(A, [heartbeat(1)]);
    await last;
    expect(arrived).toBe(b.transport.metrics().framesSent);
    expect(b.events).toEqual(['a connected']);
    peer.terminate();
  });

  it('always gets one append, however long', async () => {
    const b = await stage.start('b', 2, { limits: { queueBytesMax: 1 } });
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    const append = appendOf(8 * MIB);
    b.transport.send(A, [append]);
    const [bytes] = (await once(peer, 'message')) as [Buffer];
    expect(bytes.equals(new FrameEncoder(9 * MIB).encode([append])[0]!)).toBe(true);
    peer.terminate();
  });

  it('is disconnected where it does not read for too long, though it speaks', async () => {
    const { clock, b, peer } = await stuffed();
    const speak = async (): Promise<void> => {
      const { length } = b.frames;
      peer.send(new FrameEncoder(100).encode([heartbeat(1)])[0]!);
      await stage.until(() => b.frames.length > length);
    };
    for (let looks = 0; looks < 4; looks += 1) {
      await speak();
      expect(b.events.at(-1)).toBe('a spoke');
      clock.advance(1000);
    }
    expect(b.events.at(-1)).toBe('a disconnected');
    expect(b.noticesOf('disconnected')[0]?.reason).toMatch(/did not read/);
    peer.terminate();
  });
});

describe('a peer that speaks or answers pings', () => {
  it('stays connected however long it lasts', async () => {
    const clock = new ManualClock();
    const b = await stage.start('b', 2, { clock });
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    const pongs = (): number => b.transport.metrics().framesReceived;
    for (let looks = 1; looks <= 10; looks += 1) {
      const pinged = once(peer, 'ping');
      clock.advance(1000);
      await pinged;
      peer.send(new FrameEncoder(100).encode([heartbeat(1)])[0]!);
      await stage.until(() => pongs() === looks);
    }
    expect(b.events).not.toContain('a disconnected');
    peer.terminate();
  });
});
