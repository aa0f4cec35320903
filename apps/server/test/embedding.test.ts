/** A node in another program's process: what that program may do wrong. */

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
  await Promise.all([server.close(), server.close()]);
  await server.close();
  await expect(fetch(http(server, '/livez'))).rejects.toThrow('fetch failed');
  expect((await started({ dataDirectory })).status().role).toBe('leader');
});

it('may close a node while calls are under way: each is answered, and what was acknowledged is kept', async () => {
  const dataDirectory = await temporaryDirectory();
  const server = await started({ dataDirectory });
  const client = await Client.greeted(server);
  const opened = await client.ask({ kind: 'open', nonce: new Uint8Array(16) });
  if (opened.kind !== 'opened') throw new Error(`it was answered ${opened.kind}`);
  const puts = Array.from({ length: 50 }, (_, at) =>
    fetch(http(server, `/v1/kv/${at}`), { method: 'PUT', body: 'x' }),
  );
  await Promise.any(puts);
  const closing = server.close();
  const answers = await Promise.allSettled(puts);
  await closing;
  const acknowledged = answers.flatMap((answer, at) =>
    answer.status === 'fulfilled' && answer.value.status === 200 ? [at] : [],
  );
  expect(acknowledged.length).toBeGreaterThan(0);
  const after = await started({ dataDirectory });
  for (const at of acknowledged) expect((await fetch(http(after, `/v1/kv/${at}`))).status).toBe(200);
  expect(await client.closed).toMatchObject({ code: expect.any(Number) as unknown });
});
