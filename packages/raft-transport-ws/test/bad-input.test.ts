/** Garbage at the port: closed, told, and of no effect on anyone else. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { FrameEncoder } from '../src/bytes/frame.ts';
import { encodeHello } from '../src/bytes/hello.ts';
import { closing, failure, greeted, helloOf, open } from './support/fake-peer.ts';
import { get } from './support/http.ts';
import { ManualClock } from './support/manual-clock.ts';
import { B, heartbeat, Stage, type Party } from './support/stage.ts';

const LIMITS = { frameBytesMax: 4096, strangersMax: 3, noticePauseMs: 5000 };

let stage = new Stage();
let clock = new ManualClock();
let b: Party;

beforeEach(async () => {
  clock = new ManualClock();
  b = await stage.start('b', 2, { clock, limits: LIMITS });
});

/** Whatever came before, a peer that behaves is served. */
afterEach(async () => {
  expect(b.events.filter((event) => event.endsWith('spoke'))).toEqual([]);
  const peer = await greeted(b.transport.port, helloOf('a', 'b'));
  peer.send(new FrameEncoder(4096).encode([heartbeat(7)])[0]!);
  await stage.until(() => b.events.at(-1) === 'a spoke');
  expect(b.frames).toEqual([[heartbeat(7)]]);
  await stage.end();
  stage = new Stage();
});

/** The one stranger that was told of. */
async function stranger(): Promise<string> {
  await stage.until(() => b.noticesOf('stranger').length > 0);
  const [notice, ...more] = b.noticesOf('stranger');
  expect(more).toEqual([]);
  expect(notice?.address).toMatch(/127\.0\.0\.1 port \d+/);
  return notice?.reason ?? '';
}

describe('before anything of the protocol', () => {
  it('raw bytes are closed and told', async () => {
    const socket = connect(b.transport.port ?? 0, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Uint8Array.from({ length: 1000 }, (_, at) => at * 7));
    await once(socket, 'close');
    expect(await stranger()).toMatch(/no HTTP/);
  });

  it('an HTTP request is answered with what this port is for', async () => {
    const { status, text } = await get(b.transport.port, '/metrics');
    expect(status).toBe(426);
    expect(text).toMatch(/raftkv\.peer\.v1/);
    expect(await stranger()).toMatch(/GET \/metrics/);
  });

  it('a stranger is not quoted at length', async () => {
    await get(b.transport.port, `/${'x'.repeat(10_000)}`);
    expect(await stranger()).toMatch(/^GET \/x{100,}…$/);
    expect((await stranger()).length).toBeLessThan(300);
  });

  it('a WebSocket of another subprotocol, or of none, is refused', async () => {
    for (const protocols of [['raftkv.client.v1'], []]) {
      const webSocket = new WebSocket(`ws://127.0.0.1:${b.transport.port}`, protocols);
      expect(String(await failure(webSocket))).toMatch(/400/);
    }
    clock.advance(LIMITS.noticePauseMs);
    const reasons = b.noticesOf('stranger').map(({ reason }) => reason);
    expect(reasons).toEqual(reasons.map(() => 'a WebSocket without subprotocol raftkv.peer.v1'));
    expect(reasons).toHaveLength(2);
  });

  it('a web page is refused', async () => {
    const options = { origin: 'https://example.org' };
    const webSocket = new WebSocket(`ws://127.0.0.1:${b.transport.port}`, 'raftkv.peer.v1', options);
    expect(String(await failure(webSocket))).toMatch(/403/);
    expect(await stranger()).toMatch(/a web page of https:\/\/example\.org/);
  });

  it('an upgrade that is none is refused', async () => {
    const socket = connect(b.transport.port ?? 0, '127.0.0.1');
    const head = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    socket.write(`${head}Sec-WebSocket-Protocol: raftkv.peer.v1\r\nSec-WebSocket-Version: 13\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400/);
    await once(socket.resume(), 'close');
    expect(await stranger()).toMatch(/Sec-WebSocket-Key/);
  });

  it('whoever says nothing is cut when the time for a handshake is over', async () => {
    const webSocket = await open(b.transport.port);
    const socket = connect(b.transport.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    // Of both, and until the peer that is not there is asked again.
    await clock.timers(3);
    const closed = Promise.all([closing(webSocket), once(socket, 'close')]);
    clock.advance(2000);
    await closed;
    clock.advance(LIMITS.noticePauseMs);
    expect(b.noticesOf('stranger').map(({ reason }) => reason)).toEqual([
      'no hello within 2000 ms',
      'no hello within 2000 ms',
    ]);
  });

  it('whoever comes when too many have not said who they are is cut', async () => {
    const there = [await open(b.transport.port), await open(b.transport.port), await open(b.transport.port)];
    const socket = connect(b.transport.port ?? 0, '127.0.0.1');
    await once(
      socket.on('error', () => {}),
      'close',
    );
    expect(await stranger()).toMatch(/4th at once/);
    const closed = there.map(closing);
    for (const webSocket of there) webSocket.terminate();
    await Promise.all(closed);
    await clock.timers(1);
  });
});

describe('many that are no peers', () => {
  it('are told of twice, the second time with the number of the others', async () => {
    for (let nth = 1; nth <= 20; nth += 1) await get(b.transport.port, `/${nth}`);
    expect(b.noticesOf('stranger')).toHaveLength(1);
    clock.advance(LIMITS.noticePauseMs);
    const told = b.noticesOf('stranger').map(({ reason, untold }) => [reason.split(',')[0], untold]);
    expect(told).toEqual([
      ['GET /1', 0],
      ['GET /20', 18],
    ]);
  });

  it('do not hide a peer that is refused', async () => {
    for (let nth = 0; nth < 5; nth += 1) {
      const webSocket = await open(b.transport.port);
      webSocket.send(encodeHello(helloOf(`scanner-${nth}`, 'b', { cluster: 'other' })));
      expect((await closing(webSocket)).code).toBe(4404);
    }
    const webSocket = await open(b.transport.port);
    webSocket.send(encodeHello(helloOf('a', 'b', { cluster: 'other' })));
    expect((await closing(webSocket)).code).toBe(4402);
    expect(b.noticesOf('refused').map(({ peer }) => peer)).toEqual(['scanner-0', 'a']);
  });
});

describe('instead of a hello', () => {
  it('a frame of garbage is refused with a code, and told', async () => {
    const webSocket = await open(b.transport.port);
    webSocket.send(new Uint8Array(100).fill(200));
    const { code, reason } = await closing(webSocket);
    expect([code, reason]).toEqual([4400, 'no hello: no hello of a raftkv node at byte 0']);
    expect(b.noticesOf('refused')[0]).toMatchObject({ refusal: 'not-a-hello', peer: null });
  });

  it('a hello cut short is refused', async () => {
    const webSocket = await open(b.transport.port);
    webSocket.send(encodeHello(helloOf('a', 'b')).slice(0, 30));
    expect((await closing(webSocket)).code).toBe(4400);
  });

  it('more bytes than a hello has are cut, before they are collected', async () => {
    const webSocket = await open(b.transport.port);
    // The head of a binary frame of 4,000 bytes, and most of them.
    rawly(webSocket, Uint8Array.of(0x82, 0xfe, 0x0f, 0xa0, 0, 0, 0, 0));
    rawly(webSocket, new Uint8Array(3000));
    expect((await closing(webSocket)).code).toBe(1006);
    expect(await stranger()).toMatch(/more bytes than a hello has/);
  });
});

describe('a peer that was greeted and sends', () => {
  const wrongs: readonly [string, (webSocket: WebSocket) => void, RegExp, number][] = [
    ['a frame of garbage', (peer) => peer.send(Uint8Array.of(1, 99, 3)), /unknown kind of message/, 4410],
    ['an empty frame', (peer) => peer.send(new Uint8Array(0)), /bytes end/, 4410],
    ['a frame cut short', (peer) => peer.send(Uint8Array.of(2, 6, 3, 1)), /bytes end/, 4410],
    ['a text frame', (peer) => peer.send('hello'), /text frame/, 1003],
    [
      'a frame that is too long',
      (peer) => peer.send(new Uint8Array(5000)),
      /Max payload size exceeded/,
      1009,
    ],
    [
      'bytes that are no WebSocket frame',
      (peer) => rawly(peer, new Uint8Array(20).fill(0xff)),
      /Invalid WebSocket frame/,
      1002,
    ],
  ];
  for (const [what, send, words, expectedCode] of wrongs) {
    it(`${what}, is closed and told, and is no process gone (R13)`, async () => {
      const peer = await greeted(b.transport.port, helloOf('a', 'b'));
      send(peer);
      const { code } = await closing(peer);
      expect(code).toBe(expectedCode);
      expect(b.events).toEqual(['a connected', 'a disconnected']);
      expect(b.noticesOf('bad-frame').map(({ peer: who }) => who)).toEqual(['a']);
      expect(b.noticesOf('bad-frame')[0]?.reason).toMatch(words);
    });
  }
});

describe('a node that is given what it cannot send', () => {
  it('sends nothing, and says so', async () => {
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    const long = { ...heartbeat(1), kind: 'voteReply', isGranted: true, term: -1 } as never;
    b.transport.send('a' as never, [long]);
    expect(b.noticesOf('unsendable').map(({ reason }) => reason)).toEqual([
      '-1 is no integer from 0 to 2^53 - 1',
    ]);
    expect(b.transport.metrics().sendsDropped).toBe(1);
    b.transport.send(B, [heartbeat(1)]);
    b.transport.send('a' as never, []);
    peer.terminate();
    // Nobody said where it is: it cannot be asked for a sign of life, and so is not believed to be gone.
    await stage.until(() => b.events.at(-1) === 'a disconnected');
  });
});

/** Past the framing of WebSocket. */
function rawly(webSocket: WebSocket, bytes: Uint8Array): void {
  const { _socket: socket } = webSocket as unknown as { _socket: { write(bytes: Uint8Array): void } };
  socket.write(bytes);
}
