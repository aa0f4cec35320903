/** What a disconnect is, and when a process is believed to be gone. Source: R13. */

import { once } from 'node:events';
import type { Greeting } from '@raftkv/runtime';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { encodeHello } from '../src/bytes/hello.ts';
import { greeted, helloOf, open } from './support/fake-peer.ts';
import { ManualClock } from './support/manual-clock.ts';
import { Proxy } from './support/proxy.ts';
import { B, greetingOf, heartbeat, Stage, type Party } from './support/stage.ts';

let stage = new Stage();
const ends: (() => void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) end();
  await stage.end();
  stage = new Stage();
});

/** The events of `party` from the end of its first connection on. */
function since(party: Party): string[] {
  return party.events.slice(1);
}

/** `a` reaches `b` through a network that can be broken, and both have been connected for a while. */
async function pairThroughProxy() {
  const clocks = [new ManualClock(), new ManualClock()] as const;
  const proxy = new Proxy(() => b.transport.port ?? 0);
  ends.push(() => proxy.stop());
  const url = await proxy.start();
  const b = await stage.start('b', 2, { clock: clocks[1] });
  stage.urls.set('b', url);
  const a = await stage.start('a', 1, { clock: clocks[0] });
  await stage.until(() => a.events.length === 1 && b.events.length === 1);
  for (const clock of clocks) clock.advance(1000);
  return { a, b, proxy, clocks };
}

/** A server in the place of node `b`, which can go as a process does. */
async function fakeServer(
  processNumber: () => number,
  answer: (greeting: Greeting) => Uint8Array | string = (greeting) =>
    encodeHello(helloOf('b', 'a', { greeting })),
): Promise<{ server: Server; kill: () => void }> {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  const webSockets = new WebSocketServer({ server, handleProtocols: () => 'raftkv.peer.v1' });
  webSockets.on('connection', (webSocket) => {
    webSocket.on('error', () => {});
    webSocket.once('message', () => {
      webSocket.send(answer(greetingOf(processNumber())));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.urls.set('b', `ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const kill = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  ends.push(kill);
  return { server, kill };
}

describe('R13: the connection broke, and the peer is there', () => {
  it('is no process gone, for either side, and there is a connection again', async () => {
    const { a, b, proxy } = await pairThroughProxy();
    proxy.cut();
    await stage.until(() => since(a).length === 2 && since(b).length === 2);
    expect(since(a)).toEqual(['b disconnected', 'b connected']);
    expect(since(b)).toEqual(['a disconnected', 'a connected']);
  });

  it('is no process gone where the connection was young, and back-off decides when there is one again', async () => {
    const { a, b, proxy, clocks } = await pairThroughProxy();
    proxy.cut();
    await stage.until(() => since(a).length === 2 && since(b).length === 2);
    proxy.cut();
    await stage.until(() => since(a).length === 3 && since(b).length === 3);
    expect(since(a)[2]).toBe('b disconnected');
    await clocks[0].timerWithin(50);
    clocks[0].advance(50);
    await stage.until(() => since(a).length === 4 && since(b).length === 4);
    expect(since(b).slice(2)).toEqual(['a disconnected', 'a connected']);
  });

  it('is told after all that was sent before', async () => {
    const { a, b } = await pairThroughProxy();
    for (let inTerm = 1; inTerm <= 20; inTerm += 1) a.transport.send(B, [heartbeat(inTerm)]);
    await a.transport.close();
    await stage.until(() => b.events.at(-1) === 'a gone');
    expect(b.events).toEqual(['a connected', ...Array.from({ length: 20 }, () => 'a spoke'), 'a gone']);
  });
});

describe('R13: a process is gone', () => {
  it('where the redial is refused, at once', async () => {
    const clock = new ManualClock();
    const { kill } = await fakeServer(() => 5);
    const a = await stage.start('a', 1, { clock });
    await stage.until(() => a.events.length === 1);
    kill();
    await stage.until(() => a.events.length === 2);
    expect(a.events).toEqual(['b connected', 'b gone']);
  });

  it('where the side that does not dial asks for a sign of life, and is refused', async () => {
    const clock = new ManualClock();
    const b = await stage.start('b', 2, { clock });
    stage.urls.set('a', 'ws://127.0.0.1:9');
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    peer.terminate();
    await stage.until(() => b.events.length === 2);
    expect(b.events).toEqual(['a connected', 'a gone']);
  });

  it('where the redial has no answer within 100 ms', async () => {
    const { a, b, proxy, clocks } = await pairThroughProxy();
    proxy.isHole = true;
    const before = proxy.connections;
    const connected = once(proxy.server, 'connection');
    proxy.cut();
    await connected;
    expect([proxy.connections, since(a)]).toEqual([before + 1, []]);
    clocks[0].advance(99);
    expect(since(a)).toEqual([]);
    clocks[0].advance(1);
    expect(since(a)).toEqual(['b gone']);
    await stage.until(() => since(b).length === 1);
    expect(since(b)).toEqual(['a disconnected']);
  });

  it('where this process stood still while it waited for the answer, only after it waited once more (R12)', async () => {
    const { a, proxy, clocks } = await pairThroughProxy();
    proxy.isHole = true;
    const connected = once(proxy.server, 'connection');
    proxy.cut();
    await connected;
    clocks[0].stall(500);
    expect(since(a)).toEqual([]);
    clocks[0].advance(100);
    expect(since(a)).toEqual(['b gone']);
  });

  it('where another process answers the redial', async () => {
    const clock = new ManualClock();
    let processNumber = 5;
    const first = await fakeServer(() => processNumber);
    const a = await stage.start('a', 1, { clock });
    await stage.until(() => a.events.length === 1);
    clock.advance(1000);
    processNumber = 6;
    const second = await fakeServer(() => processNumber);
    first.kill();
    await stage.until(() => a.events.length === 3);
    second.kill();
    expect(a.events).toEqual(['b connected', 'b gone', 'b connected']);
    expect(a.greetings.map((greeting) => greeting.processNumber)).toEqual([5, 6]);
  });

  it('where another process of the peer dials while the old connection looks alive', async () => {
    const b = await stage.start('b', 2);
    await greeted(b.transport.port, helloOf('a', 'b', { greeting: greetingOf(1) }));
    await greeted(b.transport.port, helloOf('a', 'b', { greeting: greetingOf(3) }));
    expect(b.events).toEqual(['a connected', 'a gone', 'a connected']);
  });

  it('where another process of the peer asks to be dialed while the old connection looks alive', async () => {
    const { kill } = await fakeServer(() => 5);
    const a = await stage.start('a', 1);
    await stage.until(() => a.events.length === 1);
    ends.push(kill);
    await fakeServer(() => 6);
    await greeted(a.transport.port, helloOf('b', 'a', { purpose: 'probe', greeting: greetingOf(6) }));
    await stage.until(() => a.events.length === 3);
    expect(a.events).toEqual(['b connected', 'b gone', 'b connected']);
  });

  it('where a node was closed, and is met again when it comes back with another number', async () => {
    const [a, b] = await stage.pair();
    await b.transport.close();
    await stage.until(() => a.events.includes('b gone'));
    const again = await stage.start('b', 4);
    await stage.until(() => again.events.length === 1 && a.events.length === 3);
    expect(a.events).toEqual(['b connected', 'b gone', 'b connected']);
    expect(a.greetings.map((greeting) => greeting.processNumber)).toEqual([2, 4]);
  });
});

describe('R13: this side closed the connection', () => {
  it('is no process gone where the peer was silent', async () => {
    const clock = new ManualClock();
    const b = await stage.start('b', 2, { clock });
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    peer.pause();
    clock.advance(3000);
    expect(b.events).toEqual(['a connected']);
    clock.advance(1000);
    expect(b.events).toEqual(['a connected', 'a disconnected']);
    expect(b.noticesOf('disconnected')[0]?.reason).toMatch(/silent/);
    peer.terminate();
  });

  it('is not taken for silence where this process stood still', async () => {
    const clock = new ManualClock();
    const b = await stage.start('b', 2, { clock });
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    clock.stall(60_000);
    expect(b.events).toEqual(['a connected']);
    // The pong that had been on its way is read now.
    await once(peer, 'ping');
    peer.terminate();
  });

  it('is no process gone where the same process dials once more', async () => {
    const b = await stage.start('b', 2);
    const first = await greeted(b.transport.port, helloOf('a', 'b'));
    const closed = once(first, 'close');
    await greeted(b.transport.port, helloOf('a', 'b'));
    await closed;
    expect(b.events).toEqual(['a connected', 'a disconnected', 'a connected']);
  });
});

describe('an answer to a hello', () => {
  it('that is garbage is refused by the node that dialed', async () => {
    await fakeServer(
      () => 5,
      () => new Uint8Array(40),
    );
    const a = await stage.start('a', 1);
    await stage.until(() => a.notices.length === 1);
    expect(a.notices[0]).toMatchObject({
      kind: 'refused',
      by: 'this-node',
      peer: 'b',
      refusal: 'not-a-hello',
    });
  });

  it('of another node than was dialed is refused', async () => {
    await fakeServer(
      () => 5,
      (greeting) => encodeHello(helloOf('c', 'a', { greeting })),
    );
    stage.urls.set('c', 'ws://127.0.0.1:9');
    const a = await stage.start('a', 1);
    await stage.until(() => a.noticesOf('refused').length === 1);
    expect(a.noticesOf('refused')[0]).toMatchObject({ by: 'this-node', peer: 'b', refusal: 'wrong-node' });
  });

  it('that is a text is none', async () => {
    await fakeServer(
      () => 5,
      () => 'hello',
    );
    const a = await stage.start('a', 1);
    await stage.until(() => a.notices.length === 1);
    expect(a.noticesOf('unreachable')[0]?.reason).toMatch(/text frame/);
  });
});

describe('a sign of life', () => {
  it('is given without a connection that stays', async () => {
    const [a, b] = await stage.pair();
    const probe = await open(a.transport.port);
    probe.send(encodeHello(helloOf('b', 'a', { purpose: 'probe', greeting: greetingOf(2) })));
    await once(probe, 'close');
    expect([a.events, b.events]).toEqual([['b connected'], ['a connected']]);
  });
});
