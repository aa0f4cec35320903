/** Snapshots that stand still end; those whose receiver is at work do not. */

import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SnapshotEndedError } from '../../src/index.ts';
import { closing, greeted, helloOf } from '../support/fake-peer.ts';
import { ManualClock } from '../support/manual-clock.ts';
import {
  gate,
  HEAD,
  KIB,
  MIB,
  send,
  sendingToFake,
  Source,
  streaming,
  taking,
  toReceiver,
  toSender,
  turnsUntil,
} from '../support/snapshots.ts';
import { Stage, type Party } from '../support/stage.ts';

const SILENCE_MS = 9000;
/** Of a peer that is silent for messages too, which is no matter here. */
const LIMITS = { snapshotSilenceMsMax: SILENCE_MS, silenceMsMax: 1_000_000 };

let stage = new Stage();
let clock = new ManualClock();

beforeEach(() => {
  clock = new ManualClock();
});

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

function queued(party: Party): number {
  return party.transport.metrics().snapshotQueuedBytes;
}

/** As long as it takes to notice that nothing moves, and no longer. */
function stillness(): void {
  clock.advance((SILENCE_MS * 4) / 3);
}

describe('a stream of which nothing moves', () => {
  it('ends on both sides where the content of the sender stands still', async () => {
    const [a, b] = await stage.pair({ clock, limits: LIMITS });
    const { begun, outcome } = taking(b);
    const source = new Source(64 * KIB, 'stands still');
    const sent = send(a, 'b', source);
    await begun;
    stillness();
    expect(await sent).toMatchObject({ why: 'silent', reason: 'nothing has moved for 9000 ms' });
    expect(await outcome).toBeInstanceOf(SnapshotEndedError);
    expect(source.isLetGo).toBe(true);
  });

  it('ends on both sides where the node of the receiver takes nothing', async () => {
    const [a, b] = await stage.pair({ clock, limits: LIMITS });
    let next: (() => Promise<unknown>) | null = null;
    b.take = (_, content) => {
      const reader = content[Symbol.asyncIterator]();
      next = () => reader.next();
      return new Promise(() => {});
    };
    const source = new Source(64 * MIB);
    const sent = send(a, 'b', source);
    await turnsUntil(() => queued(a) > MIB && queued(b) > MIB);
    stillness();
    expect(await sent).toBeInstanceOf(SnapshotEndedError);
    expect(source.isLetGo).toBe(true);
    expect([queued(a), queued(b)]).toEqual([0, 0]);
    await expect(next!()).rejects.toBeInstanceOf(SnapshotEndedError);
  });

  it('ends at a sender whose receiver neither reads nor speaks', async () => {
    const source = new Source(64 * MIB);
    const { a, outcome, receiver, stream } = await sendingToFake(stage, source, { clock, limits: LIMITS });
    stream.pause();
    await turnsUntil(() => a.transport.metrics().snapshotQueuedBytes > MIB);
    const { pulledBytes } = source;
    stillness();
    expect(await outcome).toMatchObject({ why: 'silent' });
    expect(source.pulledBytes).toBe(pulledBytes);
    expect(source.isLetGo).toBe(true);
    receiver.stop();
  });

  it('ends at a receiver whose sender is silent, within the head too', async () => {
    const b = await stage.start('b', 2, { clock, limits: LIMITS });
    const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
    await turnsUntil(() => b.transport.metrics().snapshotStreams === 1);
    const closed = closing(stream);
    stillness();
    expect((await closed).code).toBe(1006);
    expect(b.noticesOf('snapshot-ended')).toMatchObject([{ why: 'silent', direction: 'from-peer' }]);
  });
});

describe('a receiver that is long at work', () => {
  it('says so while it is, however long it takes', async () => {
    const b = await stage.start('b', 2, { clock, limits: LIMITS });
    const kept = gate();
    b.take = async (_, content) => {
      for await (const piece of content) expect(piece).toEqual(HEAD);
      await kept.opened;
    };
    const stream = await streaming(stage, b);
    toReceiver({ kind: 'content', bytes: HEAD }, { kind: 'end', contentBytes: HEAD.length })(stream);
    await turnsUntil(() => b.transport.metrics().snapshotBytesReceived === HEAD.length);
    for (let looks = 0; looks < 10; looks += 1) {
      const told = once(stream, 'message');
      clock.advance(SILENCE_MS / 3);
      const [frame] = (await told) as [Buffer];
      expect(frame).toEqual(Buffer.of(5, HEAD.length));
    }
    const answered = once(stream, 'message');
    kept.open();
    const [answer] = (await answered) as [Buffer];
    expect(answer).toEqual(Buffer.of(6));
    expect((await closing(stream)).code).toBe(1000);
  });

  it('is waited for as long as it says so', async () => {
    const { outcome, receiver, stream } = await sendingToFake(stage, new Source(64 * KIB), {
      clock,
      limits: LIMITS,
    });
    let isTold = false;
    void outcome.then(() => (isTold = true));
    for (let looks = 0; looks < 10; looks += 1) {
      toSender({ kind: 'taken', contentBytes: 0 })(stream);
      // Answered in its order, and so after the frame was read.
      stream.ping();
      await once(stream, 'pong');
      clock.advance(SILENCE_MS / 3);
    }
    expect(isTold).toBe(false);
    toSender({ kind: 'delivered' })(stream);
    expect(await outcome).toBeNull();
    receiver.stop();
  });
});
