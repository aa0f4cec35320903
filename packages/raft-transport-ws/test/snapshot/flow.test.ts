/** Snapshots over real sockets: as fast as they are taken, beside messages, and on connections that are no sign of life. */

import { afterEach, describe, expect, it } from 'vitest';
import { nodeId } from '@raftkv/core';
import { encodeHello } from '../../src/bytes/hello.ts';
import { closing, greeted, helloOf, open } from '../support/fake-peer.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { gate, HEAD, KIB, MIB, send, Source, taking, toReceiver, turnsUntil } from '../support/snapshots.ts';
import { heartbeat, Stage, type Party } from '../support/stage.ts';

const WHOLE = 64 * MIB;
/** The buffer of the options, with a frame and a read of the socket more. */
const QUEUED_MAX = MIB + 256 * KIB;

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

function queued(party: Party): number {
  return party.transport.metrics().snapshotQueuedBytes;
}

async function passMessage(from: Party, to: Party): Promise<void> {
  const { length } = to.frames;
  from.transport.send(nodeId(to.id), [heartbeat(length)]);
  await stage.until(() => to.frames.length > length);
}

describe('a snapshot of 64 MiB whose receiver is slow', () => {
  it('waits at the sender, so that neither side holds more than its buffer, and messages pass it', async () => {
    const [a, b] = await stage.pair();
    const source = new Source(WHOLE);
    const pulled: number[] = [];
    let [queuedMax, taken] = [0, 0];
    const sample = (): void => void (queuedMax = Math.max(queuedMax, queued(a), queued(b)));
    b.take = async (_, content) => {
      for await (const piece of content) {
        // The receiver stands still until all that may wait does: at the sender, in the systems, and here.
        if (taken % (16 * MIB) === 0 && WHOLE - taken > 20 * MIB) {
          await turnsUntil(() => queued(a) > MIB && queued(b) > MIB);
          // One that did not wait would send a piece in each of these.
          for (let turns = 0; turns < 100; turns += 1) await new Promise(setImmediate);
          sample();
          await passMessage(a, b);
          await passMessage(b, a);
          pulled.push(source.pulledBytes);
        }
        expect(piece[0]).toBe((taken / 64 / KIB) % 256);
        taken += piece.length;
        sample();
      }
    };
    expect(await send(a, 'b', source)).toBeNull();
    expect([taken, source.pulledBytes]).toEqual([WHOLE, WHOLE]);
    // All but what both sides and their systems may hold was still to be read.
    expect(pulled.map((bytes) => bytes < WHOLE)).toEqual([true, true, true]);
    expect(queuedMax).toBeGreaterThan(MIB);
    expect(queuedMax).toBeLessThan(QUEUED_MAX);
    expect(a.transport.metrics()).toMatchObject({ snapshotBytesSent: WHOLE, snapshotQueuedBytes: 0 });
    expect(b.transport.metrics()).toMatchObject({ snapshotBytesReceived: WHOLE, snapshotStreams: 0 });
  });
});

describe('a snapshot whose receiver keeps pace', () => {
  it('lets the timers of its sender run, though its content is there and its socket takes all', async () => {
    const [a, b] = await stage.pair();
    const { outcome } = taking(b);
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    expect(await send(a, 'b', new Source(16 * MIB))).toBeNull();
    isOver = true;
    expect(await outcome).toBe(16 * MIB);
    expect(turns).toBeGreaterThan(100);
  });

  it('has pieces that pin no more memory than they have bytes', async () => {
    const [a, b] = await stage.pair();
    const pins: number[] = [];
    b.take = async (head, content) => {
      pins.push(head.buffer.byteLength - head.length);
      for await (const { buffer, length } of content) pins.push(buffer.byteLength - length);
    };
    expect(await send(a, 'b', new Source(1000 * KIB))).toBeNull();
    expect(pins).toEqual(pins.map(() => 0));
    expect(pins.length).toBe(17);
  });

  it('fits in frames that are shorter than a piece', async () => {
    const [a, b] = await stage.pair({ limits: { frameBytesMax: 4096 } });
    const { outcome } = taking(b);
    expect(await send(a, 'b', new Source(100 * KIB))).toBeNull();
    expect(await outcome).toBe(100 * KIB);
    expect(b.noticesOf('bad-frame')).toEqual([]);
  });
});

describe('the connection of a snapshot', () => {
  it('is dialed by its sender, also where it is dialed for messages, and is told to nobody', async () => {
    const [a, b] = await stage.pair();
    const { outcome } = taking(a);
    expect(await send(b, 'a', new Source(MIB))).toBeNull();
    expect(await outcome).toBe(MIB);
    expect([a.events, b.events]).toEqual([['b connected', 'b sends a snapshot'], ['a connected']]);
    for (const party of [a, b]) expect(party.noticesOf('connected')).toHaveLength(1);
  });

  it('makes nobody connected, and nobody gone when it ends (R13)', async () => {
    const b = await stage.start('b', 2);
    const { begun, outcome } = taking(b);
    const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
    toReceiver({ kind: 'head', isLast: true, bytes: HEAD }, { kind: 'content', bytes: HEAD })(stream);
    await begun;
    expect(b.transport.metrics()).toMatchObject({ connectedPeers: 0, snapshotStreams: 1 });
    stream.terminate();
    expect(await outcome).toMatchObject({ why: 'disconnected', peer: 'a' });
    expect(b.events).toEqual(['a sends a snapshot']);
  });

  it('is no life of a peer that is silent on the one for messages (R13)', async () => {
    const clock = new ManualClock();
    const b = await stage.start('b', 2, { clock });
    const { begun } = taking(b);
    const link = await greeted(b.transport.port, helloOf('a', 'b'));
    link.pause();
    const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
    toReceiver({ kind: 'head', isLast: true, bytes: HEAD })(stream);
    const speak = async (): Promise<void> => {
      const { snapshotBytesReceived } = b.transport.metrics();
      toReceiver({ kind: 'content', bytes: HEAD })(stream);
      await turnsUntil(() => b.transport.metrics().snapshotBytesReceived > snapshotBytesReceived);
    };
    await speak();
    await begun;
    for (let looks = 0; looks < 4; looks += 1) {
      await speak();
      clock.advance(1000);
    }
    expect(b.events).toEqual(['a connected', 'a sends a snapshot', 'a disconnected']);
    expect(b.noticesOf('disconnected')[0]?.reason).toMatch(/silent/);
    expect(b.transport.metrics().snapshotStreams).toBe(1);
    for (const peer of [link, stream]) peer.terminate();
  });

  it('outlives the one for messages', async () => {
    const b = await stage.start('b', 2);
    const { begun, outcome } = taking(b);
    const link = await greeted(b.transport.port, helloOf('a', 'b'));
    const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
    toReceiver({ kind: 'head', isLast: true, bytes: HEAD }, { kind: 'content', bytes: HEAD })(stream);
    await begun;
    link.close();
    await stage.until(() => b.events.includes('a disconnected'));
    toReceiver({ kind: 'end', contentBytes: HEAD.length })(stream);
    expect(await outcome).toBe(HEAD.length);
    expect((await closing(stream)).code).toBe(1000);
  });

  const refused = [
    ['that means another node', helloOf('a', 'c'), 4405],
    ['of a node that is not known', helloOf('0', 'b'), 4404],
    ['of another cluster', helloOf('a', 'b', { cluster: 'other' }), 4402],
  ] as const;
  for (const [who, hello, code] of refused) {
    it(`${who}, is refused as one for messages is`, async () => {
      const b = await stage.start('b', 2);
      const webSocket = await open(b.transport.port);
      webSocket.send(encodeHello({ ...hello, purpose: 'snapshot' }));
      expect((await closing(webSocket)).code).toBe(code);
      await stage.until(() => b.noticesOf('refused').length === 1);
      expect(b.events).toEqual([]);
    });
  }
});

describe('a receiver that answers', () => {
  it('in words without end, is quoted in part', async () => {
    const [a, b] = await stage.pair();
    b.take = () => Promise.reject(new Error('💥'.repeat(100_000)));
    const error = await send(a, 'b', new Source(MIB));
    expect(error).toMatchObject({ why: 'refused', reason: '💥'.repeat(256) });
    expect(a.noticesOf('snapshot-ended')).toMatchObject([
      { peer: 'b', direction: 'to-peer', why: 'refused' },
    ]);
    expect(b.noticesOf('snapshot-ended')).toMatchObject([{ peer: 'a', direction: 'from-peer' }]);
  });

  it('though it has read only the beginning, ends the reading at the sender', async () => {
    const [a, b] = await stage.pair();
    const source = new Source(WHOLE);
    const kept = gate();
    b.take = async (_, content) => {
      for await (const piece of content) if (piece.length > 0) break;
      await kept.opened;
    };
    const outcome = send(a, 'b', source);
    // What it does not want is not sent either, while it is at work.
    await turnsUntil(() => queued(a) > MIB);
    expect(queued(b)).toBe(0);
    kept.open();
    expect(await outcome).toBeNull();
    expect(source.isLetGo).toBe(true);
    expect(source.pulledBytes).toBeLessThan(WHOLE);
  });
});

describe('a snapshot that is sent while the one before is being dialed', () => {
  it('goes in its place', async () => {
    const [a, b] = await stage.pair();
    const { outcome } = taking(b);
    const outcomes = [send(a, 'b', new Source(MIB)), send(a, 'b', new Source(2 * MIB))];
    expect(await outcomes[0]).toMatchObject({ why: 'replaced' });
    expect(await outcomes[1]).toBeNull();
    expect(await outcome).toBe(2 * MIB);
  });
});
