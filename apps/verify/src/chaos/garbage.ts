/** What no peer and no client says, said to a node's port. Nothing of it may matter to anyone. */

import { CLIENT_SUBPROTOCOL, encodeClientMessage, PROTOCOL_VERSION } from '@raftkv/kv-protocol';
import { connect, type Socket } from 'node:net';
import type { Random } from './random.ts';

export const GARBAGE = [
  'bytes',
  'http',
  'half-an-upgrade',
  'frames',
  'frames-after-hello',
  'endless-frame',
  'silence',
] as const;
export type Garbage = (typeof GARBAGE)[number];

/** The subprotocols, without which a port lets nobody in. */
const SUBPROTOCOLS = { client: CLIENT_SUBPROTOCOL, peer: 'raftkv.peer.v1' } as const;
/** Who is not thrown out by then, leaves. */
const STAYS_MS = 700;
const HOST = '127.0.0.1';
const BINARY = 0x82;
const MASKED = 0x80;

/** Resolves, when it has gone, with the first line of what it was answered, if it was. Never rejects. */
export function throwGarbage(
  port: number,
  kind: 'client' | 'peer',
  garbage: Garbage,
  random: Random,
): Promise<string> {
  const socket = connect(port, HOST);
  // Later chunks come when the port has answered, as far as it does.
  const [first = Buffer.alloc(0), ...later] = chunksOf(garbage, kind, random);
  socket.write(first);
  return answerTo(socket, () => later.forEach((chunk) => socket.write(chunk)));
}

function answerTo(socket: Socket, onAnswer: () => void): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const leave = setTimeout(() => socket.destroy(), STAYS_MS);
    socket.on('data', (chunk) => {
      if (answer === '') onAnswer();
      answer ||= chunk.toString('latin1').split('\r\n')[0] ?? '';
    });
    // Being thrown out is what is due; how does not matter.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(leave);
      resolve(answer);
    });
  });
}

function chunksOf(garbage: Garbage, kind: 'client' | 'peer', random: Random): readonly Buffer[] {
  const upgrade = upgradeTo(SUBPROTOCOLS[kind], random);
  const frames = Array.from({ length: 5 }, () => frameOf(random.bytes(random.between(0, 300)), random));
  switch (garbage) {
    case 'bytes':
      return [random.bytes(random.between(1, 4000))];
    case 'http':
      return [
        Buffer.from(
          `${random.pick(['POST', 'FOO', 'GET'])} /%ff${'x'.repeat(random.between(0, 20_000))} HTTP/1.1\r\nHost: x\r\n\r\n`,
        ),
      ];
    case 'half-an-upgrade':
      return [upgrade.subarray(0, random.between(1, upgrade.length))];
    case 'frames':
      return [upgrade, ...frames];
    case 'frames-after-hello': {
      const hello = encodeClientMessage({ kind: 'hello', version: PROTOCOL_VERSION });
      return [upgrade, frameOf(Buffer.from(hello), random), ...frames];
    }
    case 'endless-frame':
      return [upgrade, endlessFrame(random)];
    case 'silence':
      return [upgrade];
  }
}

function upgradeTo(subprotocol: string, random: Random): Buffer {
  return Buffer.from(
    [
      'GET / HTTP/1.1',
      `Host: ${HOST}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${random.bytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Protocol: ${subprotocol}`,
      '\r\n',
    ].join('\r\n'),
  );
}

/** A binary frame as a client has to send it. */
function frameOf(body: Buffer, random: Random): Buffer {
  const mask = random.bytes(4);
  const head = Buffer.from([BINARY, MASKED | 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

/** Says that terabytes follow. */
function endlessFrame(random: Random): Buffer {
  const head = Buffer.alloc(10);
  head.set([BINARY, MASKED | 127]);
  head.writeBigUInt64BE(2n ** 42n, 2);
  return Buffer.concat([head, random.bytes(1000)]);
}
