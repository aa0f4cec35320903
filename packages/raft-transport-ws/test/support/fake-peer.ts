/** Whoever speaks as a peer, and does what no transport does. */

import { nodeId } from '@raftkv/core';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { ByteWriter } from '@raftkv/codec';
import { writeConfiguration } from '@raftkv/runtime';
import { WebSocket } from 'ws';
import { encodeHello, type Hello } from '../../src/bytes/hello.ts';
import { configurationOf, greetingOf } from './stage.ts';

function digestOf(...ids: readonly string[]): Uint8Array {
  const writer = new ByteWriter();
  writeConfiguration(writer, configurationOf(...ids));
  return createHash('sha256').update(writer.finish()).digest();
}

export function helloOf(from: string, to: string, more: Partial<Hello> = {}): Hello {
  return {
    purpose: 'stay',
    from: nodeId(from),
    to: nodeId(to),
    cluster: 'tests',
    configurationDigest: digestOf('a', 'b'),
    greeting: greetingOf(9),
    ...more,
  };
}

/** Open, with nothing said. */
export async function open(port: number | null, protocol = 'raftkv.peer.v1'): Promise<WebSocket> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}`, protocol);
  await once(webSocket, 'open');
  return webSocket;
}

/** Greeted, and answered. */
export async function greeted(port: number | null, hello: Hello): Promise<WebSocket> {
  const webSocket = await open(port);
  webSocket.send(encodeHello(hello));
  await once(webSocket, 'message');
  return webSocket;
}

/** The error with which a WebSocket comes to nothing. */
export async function failure(webSocket: WebSocket): Promise<Error> {
  const [error] = (await once(webSocket, 'error')) as [Error];
  return error;
}

/** The code and the reason with which the other side closes. */
export async function closing(webSocket: WebSocket): Promise<{ code: number; reason: string }> {
  webSocket.on('error', () => {});
  const [code, reason] = (await once(webSocket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}
