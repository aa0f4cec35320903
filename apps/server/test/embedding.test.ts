/** A node in another program's process: what that program may do wrong. */

import { NO_CONDITION } from '@raftkv/kv-protocol';
import { DirectoryLockedError } from '@raftkv/storage-file';
import { ListenError } from '@raftkv/transport-ws';
import { expect, it } from 'vitest';
import { ClientListenError } from '../src/index.ts';
import { Client, http, start, started, temporaryDirectory } from './support.ts';

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

it('is told which port is in use, by a class for each, and can try again with the same directory', async () => {
  const server = await start();
  const dataDirectory = await temporaryDirectory();
  const taken = { listenClient: addressOf(server.clientUrl), listenPeer: addressOf(server.peerUrl) };
  await expect(start({ dataDirectory, listenClient: taken.listenClient })).rejects.toBeInstanceOf(
    ClientListenError,
  );
  await expect(start({ dataDirectory, listenPeer: taken.listenPeer })).rejects.toBeInstanceOf(ListenError);
  const other = await started({ dataDirectory });
  expect(other.status().role).toBe('leader');
});

it('is told that a directory is in use, and the node that has it goes on', async () => {
  const dataDirectory = await temporaryDirectory();
  const server = await started({ dataDirectory });
  await expect(start({ dataDirectory })).rejects.toBeInstanceOf(DirectoryLockedError);
  expect((await fetch(http(server, '/v1/kv/a'), { method: 'PUT', body: 'x' })).status).toBe(200);
});

it('may close a node twice, and at once', async () => {
  const dataDirectory = await temporaryDirectory();
  const server = await started({ dataDirectory });
  await Promise.all([server.close(), server[Symbol.asyncDispose]()]);
  await server.close();
  await expect(fetch(http(server, '/livez'))).rejects.toThrow('fetch failed');
  expect((await started({ dataDirectory })).status().role).toBe('leader');
});

it('may close a node while calls are under way: each ends, and what was acknowledged is kept', async () => {
  const dataDirectory = await temporaryDirectory();
  const server = await started({ dataDirectory });
  const client = await Client.greeted(server);
  const opened = await client.ask({ kind: 'open', nonce: new Uint8Array(16) });
  if (opened.kind !== 'opened') throw new Error(`it was answered ${opened.kind}`);
  const { session } = opened;
  const keys = Array.from({ length: 50 }, (_, at) => String(at));
  const calls = keys.map((key, at) => {
    const position = { session, sequence: at + 1, acknowledgedBelow: 1 };
    const [bytes, value] = [Buffer.from(`socket-${key}`), Buffer.from('x')];
    const operation = { kind: 'put', key: bytes, value, condition: NO_CONDITION } as const;
    return client.send({ kind: 'write', position, operation });
  });
  const puts = keys.map((key) => fetch(http(server, `/v1/kv/http-${key}`), { method: 'PUT', body: 'x' }));
  await Promise.any(puts);
  await server.close();
  const answers = await Promise.allSettled(puts);
  await client.closed;

  const isWritten = (id: number): boolean => {
    const response = client.response(id);
    return response?.kind === 'outcome' && response.outcome.kind === 'put';
  };
  const acknowledged = [
    ...keys.filter((_, at) => isWritten(calls[at]!)).map((key) => `socket-${key}`),
    ...keys.filter((_, at) => isOk(answers[at])).map((key) => `http-${key}`),
  ];
  expect(acknowledged.length).toBeGreaterThan(0);
  const after = await started({ dataDirectory });
  for (const key of acknowledged) expect((await fetch(http(after, `/v1/kv/${key}`))).status).toBe(200);
});

function isOk(answer: PromiseSettledResult<Response> | undefined): boolean {
  return answer?.status === 'fulfilled' && answer.value.status === 200;
}
