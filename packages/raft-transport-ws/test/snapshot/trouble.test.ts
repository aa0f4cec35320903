/** Snapshots that do not arrive: both sides are told, and whatever the sender reads from is let go. */

import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { SnapshotEndedError } from '../../src/index.ts';
import { encodeHello } from '../../src/bytes/hello.ts';
import { closing, greeted, helloOf, open } from '../support/fake-peer.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { Proxy } from '../support/proxy.ts';
import {
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
import { heartbeat, Stage } from '../support/stage.ts';

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

describe('a connection that breaks in the middle', () => {
  it('ends the stream on both sides', async () => {
    const proxy = new Proxy(() => Number(new URL(stage.urls.get('b') ?? '').port));
    const b = await stage.start('b', 2);
    const url = await proxy.start();
    const a = await stage.start('a', 1, { peers: new Map([['b' as never, url]]) });
    await stage.until(() => a.events.includes('b connected'));
    const { begun, outcome } = taking(b);
    const source = new Source(MIB, 'stands still');
    const sent = send(a, 'b', source);
    await begun;
    proxy.cut();
    expect(await sent).toMatchObject({ why: 'disconnected', code: 'TRANSPORT_SNAPSHOT_ENDED', peer: 'b' });
    expect(await outcome).toMatchObject({ why: 'disconnected', peer: 'a' });
    expect(source.isLetGo).toBe(true);
    expect(a.noticesOf('snapshot-ended')).toHaveLength(1);
    proxy.stop();
  });
});

describe('garbage to a receiver', () => {
  const head = { kind: 'head', isLast: true, bytes: HEAD } as const;
  const wrongs: readonly [string, (peer: WebSocket) => void, RegExp, number][] = [
    ['an unknown frame', (peer) => peer.send(Uint8Array.of(99)), /unknown kind/, 4410],
    ['an empty frame', (peer) => peer.send(new Uint8Array(0)), /bytes end/, 4410],
    ['a frame of a receiver', toSender({ kind: 'delivered' }), /unknown kind/, 4410],
    ['a second head', toReceiver(head), /head where content comes/, 4410],
    [
      'an end that does not fit',
      toReceiver({ kind: 'end', contentBytes: 1 }),
      /end of 1 bytes after 0/,
      4410,
    ],
    [
      'a piece that is too long',
      toReceiver({ kind: 'content', bytes: new Uint8Array(64 * KIB + 1) }),
      /a piece of 65537 bytes/,
      4410,
    ],
    ['a text frame', (peer) => peer.send('hello'), /text frame/, 1003],
  ];
  for (const [what, wrong, words, code] of wrongs) {
    it(`such as ${what}, ends the stream, and nothing else`, async () => {
      const b = await stage.start('b', 2);
      const link = await greeted(b.transport.port, helloOf('a', 'b'));
      const { outcome } = taking(b);
      const stream = await streaming(stage, b);
      wrong(stream);
      expect((await closing(stream)).code).toBe(code);
      expect(await outcome).toMatchObject({
        why: 'bad-frame',
        reason: expect.stringMatching(words) as string,
      });
      expect(b.noticesOf('bad-frame')).toMatchObject([{ peer: 'a' }]);
      expect(b.events).toEqual(['a connected', 'a sends a snapshot']);
      expect(b.transport.metrics().snapshotStreams).toBe(0);
      link.terminate();
    });
  }

  it('such as content before the head, or a head without end, reaches no node', async () => {
    const b = await stage.start('b', 2);
    const part = { kind: 'head', isLast: false, bytes: new Uint8Array(64 * KIB) } as const;
    const endless = Array.from({ length: 257 }, () => part);
    for (const frames of [[{ kind: 'content', bytes: HEAD } as const], endless]) {
      const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
      toReceiver(...frames)(stream);
      expect((await closing(stream)).code).toBe(4410);
    }
    expect(b.events).toEqual([]);
    expect(b.noticesOf('bad-frame').map(({ reason }) => reason)).toEqual([
      'content where head comes at byte 0',
      'the head is too long at byte 0',
    ]);
  });

  it('such as more after the end, does not undo what the node takes', async () => {
    const b = await stage.start('b', 2);
    const { outcome } = taking(b);
    const stream = await streaming(stage, b);
    toReceiver({ kind: 'end', contentBytes: 0 }, { kind: 'end', contentBytes: 0 })(stream);
    expect((await closing(stream)).code).toBe(4410);
    // Both came at once, before the node was told of the end.
    expect(await outcome).toBe(0);
  });
});

describe('garbage to a sender', () => {
  const wrongs: readonly [string, (peer: WebSocket) => void, RegExp][] = [
    ['an unknown frame', (peer) => peer.send(Uint8Array.of(99)), /unknown kind/],
    ['a frame of a sender', toReceiver({ kind: 'end', contentBytes: 0 }), /unknown kind/],
    ['more taken than sent', toSender({ kind: 'taken', contentBytes: 2 ** 40 }), /more was taken/],
    ['a text frame', (peer) => peer.send('hello'), /text frame/],
  ];
  for (const [what, wrong, words] of wrongs) {
    it(`such as ${what}, ends the stream, and nothing else`, async () => {
      const source = new Source(MIB, 'stands still');
      const { a, outcome, receiver, stream } = await sendingToFake(stage, source);
      wrong(stream);
      expect(await outcome).toMatchObject({
        why: 'bad-frame',
        reason: expect.stringMatching(words) as string,
      });
      expect(a.noticesOf('bad-frame')).toMatchObject([{ peer: 'b' }]);
      expect(a.events).toEqual(['b connected']);
      expect(source.isLetGo).toBe(true);
      await a.transport.close();
      receiver.stop();
    });
  }
});

describe('streams that come in', () => {
  it('are few at once; who comes then is refused, with what to do', async () => {
    const b = await stage.start('b', 2, {
      limits: { incomingSnapshotsMax: 1 },
      peers: new Map([
        ['a' as never, () => null],
        ['c' as never, () => null],
      ]),
    });
    taking(b);
    const first = await streaming(stage, b);
    const hello = helloOf('c', 'b', { purpose: 'snapshot' });
    const second = await open(b.transport.port);
    const answers: Buffer[] = [];
    second.on('message', (bytes: Buffer) => answers.push(bytes));
    second.send(encodeHello(hello));
    expect((await closing(second)).code).toBe(1000);
    expect(answers[1]?.toString('utf8', 2)).toMatch(/1 snapshots come in already: try again/);
    first.terminate();
    await turnsUntil(() => b.transport.metrics().snapshotStreams === 0);
    const third = await greeted(b.transport.port, hello);
    toReceiver({ kind: 'head', isLast: true, bytes: HEAD })(third);
    await stage.until(() => b.events.at(-1) === 'c sends a snapshot');
    third.terminate();
  });

  it('are one of each peer, the newest', async () => {
    const b = await stage.start('b', 2, { limits: { incomingSnapshotsMax: 1 } });
    const { outcome } = taking(b);
    const first = await streaming(stage, b);
    const closed = closing(first);
    const second = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
    expect((await closed).code).toBe(4411);
    expect(await outcome).toMatchObject({ why: 'replaced' });
    expect(b.transport.metrics().snapshotStreams).toBe(1);
    second.terminate();
  });
});

describe('a later snapshot to the same peer', () => {
  it('ends the one before by itself, whatever the peer does', async () => {
    const source = new Source(MIB, 'stands still');
    const { a, outcome, receiver, stream } = await sendingToFake(stage, source);
    await turnsUntil(() => source.pulledBytes > 0);
    const closed = closing(stream);
    const next = new Source(MIB);
    const later = send(a, 'b', next);
    expect(await outcome).toMatchObject({
      why: 'replaced',
      reason: expect.stringMatching(/later/) as string,
    });
    expect((await closed).code).toBe(4411);
    expect(source.isLetGo).toBe(true);
    expect(a.transport.metrics().snapshotStreams).toBe(1);
    await turnsUntil(() => next.pulledBytes > 0);
    receiver.stop();
    expect(await later).toMatchObject({ why: 'disconnected' });
  });
});

describe('a peer that is not to be reached', () => {
  it('for want of an address, is sent no snapshot, though it is connected', async () => {
    const b = await stage.start('b', 2);
    const link = await greeted(b.transport.port, helloOf('a', 'b'));
    await stage.until(() => b.events.includes('a connected'));
    const source = new Source(MIB);
    expect(await send(b, 'a', source)).toMatchObject({ why: 'unreachable' });
    expect(source.isLetGo).toBe(true);
    expect(b.noticesOf('snapshot-ended')).toMatchObject([{ peer: 'a', direction: 'to-peer' }]);
    link.terminate();
  });

  it('because another is there, is sent none either, and the refusal is told', async () => {
    const [a, b] = await stage.pair();
    stage.urls.set('b', `ws://127.0.0.1:${a.transport.port}`);
    expect(await send(a, 'b', new Source(MIB))).toMatchObject({ why: 'unreachable' });
    const [refused] = a.noticesOf('refused').filter(({ by }) => by === 'the-peer');
    expect(refused).toMatchObject({ peer: 'b', refusal: 'self' });
    b.transport.send('a' as never, [heartbeat(1)]);
    await stage.until(() => a.events.includes('b spoke'));
  });
});

/** Those of this process that are open, and those that listen. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

describe('close', () => {
  it('during streams both ways leaves no socket and no timer', async () => {
    const before = sockets();
    const clock = new ManualClock();
    const [a, b] = await stage.pair({ clock });
    const takings = [taking(a), taking(b)];
    const sources = [new Source(64 * KIB, 'stands still'), new Source(64 * KIB, 'stands still')];
    const outcomes = [send(a, 'b', sources[0]!), send(b, 'a', sources[1]!)];
    await Promise.all(takings.map(({ begun }) => begun));
    expect(sockets()).toBeGreaterThan(before);
    await Promise.all([a.transport.close(), b.transport.close()]);
    for (const outcome of outcomes) expect(await outcome).toBeInstanceOf(SnapshotEndedError);
    for (const { outcome } of takings) expect(await outcome).toBeInstanceOf(SnapshotEndedError);
    expect(sources.map(({ isLetGo }) => isLetGo)).toEqual([true, true]);
    await clock.timers(0);
    await turnsUntil(() => sockets() === before);
    for (const party of [a, b]) expect(party.noticesOf('bad-frame')).toEqual([]);
  });
});
