import {
  encodeClientMessage,
  FRAME_BYTES_MAX,
  NO_CONDITION,
  PROTOCOL_VERSION,
  type Request,
} from '@raftkv/kv-protocol';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Client, http, started, until } from './support.ts';

const key = Buffer.from('color');

function write(session: number, sequence: number): Request {
  const operation = { kind: 'put', key, value: Buffer.from('green'), condition: NO_CONDITION } as const;
  return { kind: 'write', position: { session, sequence, acknowledgedBelow: 1 }, operation };
}

async function opened(client: Client): Promise<number> {
  const response = await client.ask({ kind: 'open', nonce: new Uint8Array(16).fill(1) });
  if (response.kind !== 'opened') throw new Error(response.kind);
  return response.session;
}

describe('a client', () => {
  it('says hello, opens a session, writes twice with one effect, reads, and stays alive', async () => {
    const server = await started();
    const client = await Client.greeted(server);
    const { clientUrl } = server;
    expect(client.heard[0]).toMatchObject({ kind: 'hello', cluster: 'raftkv', node: 'n1', clientUrl });
    const session = await opened(client);
    const first = await client.ask(write(session, 1));
    expect(first).toMatchObject({ outcome: { kind: 'put', version: 1 } });
    expect(await client.ask(write(session, 1))).toEqual(first);
    const got = await client.ask({ kind: 'get', key, consistency: 'linearizable' });
    expect(got).toMatchObject({ kind: 'value', entry: { version: 1 } });
    expect(await client.ask({ kind: 'keepAlive', session })).toEqual({ kind: 'alive', ttlMs: 60_000 });
  });

  it('is told where the leader is, when that becomes known', async () => {
    const server = await started();
    const client = await Client.greeted(server);
    await until(() => client.heard.length > 1 || JSON.stringify(client.heard).includes(server.clientUrl));
    expect(client.heard.at(-1)).toMatchObject({ directory: { leaderUrl: server.clientUrl } });
  });

  it('is disconnected with a code and a reason for what no client says; the others are not', async () => {
    const server = await started();
    const good = await Client.greeted(server);
    const ends: [string, (client: Client) => void, number][] = [
      ['garbage', (client) => client.socket.send(Buffer.from([9, 9, 9])), 1002],
      ['text', (client) => client.socket.send('hello'), 1003],
      ['a request before hello', (client) => client.send({ kind: 'keepAlive', session: 1 }), 1002],
      ['two hellos', (client) => [client.hello(), client.hello()], 1002],
      ['too long', (client) => client.socket.send(Buffer.alloc(FRAME_BYTES_MAX + 1)), 1009],
    ];
    for (const [what, act, code] of ends) {
      const client = await Client.connected(server);
      act(client);
      const end = await client.closed;
      expect([what, end.code]).toEqual([what, code]);
      // The library closes what is too long, and gives no reason but the code.
      expect(end.reason === '').toBe(code === 1009);
    }
    expect(await opened(good)).toBeGreaterThan(0);
  });

  it('has its requests of one frame proposed in one turn, and their responses in one frame', async () => {
    const server = await started();
    const client = await Client.greeted(server);
    const session = await opened(client);
    client.frames.length = 0;
    const ids = client.sendTogether(Array.from({ length: 100 }, (_, nth) => write(session, nth + 1)));
    await until(() => client.response(ids.at(-1)!) !== undefined);
    expect(client.frames).toEqual([100]);
  });

  it('gets hello and goodbye also where nothing comes between them', async () => {
    const server = await started();
    const client = await Client.connected(server);
    client.socket.send(encodeClientMessage({ kind: 'hello', version: 2 }));
    expect(await client.closed).toMatchObject({
      code: 1002,
      reason: expect.stringContaining('version 2') as string,
    });
    expect(client.heard.map(({ kind }) => kind)).toEqual(['hello']);
  });

  it('is not listened to after the message of a frame that ended its connection', async () => {
    const server = await started();
    const client = await Client.connected(server);
    const { commitIndex } = server.status();
    const hello = encodeClientMessage({ kind: 'hello', version: PROTOCOL_VERSION });
    const request = { kind: 'open', nonce: new Uint8Array(16) } as const;
    client.socket.send(
      Buffer.concat([hello, hello, encodeClientMessage({ kind: 'request', id: 1, request })]),
    );
    expect(await client.closed).toMatchObject({ code: 1002, reason: 'a second hello' });
    expect(client.heard.map(({ kind }) => kind)).toEqual(['hello']);
    await fetch(http(server, '/v1/kv/color'), { method: 'PUT', body: 'green' });
    expect(server.status().commitIndex).toBe(commitIndex + 1);
  });

  it('is answered overloaded beyond what it may have under way', async () => {
    const server = await started({ limits: { requestsUnderWayMax: 2 } });
    const client = await Client.greeted(server);
    const ids = [1, 2, 3, 4].map(() => client.send({ kind: 'get', key, consistency: 'linearizable' }));
    await until(() => ids.every((id) => client.response(id) !== undefined));
    const kinds = ids.map((id) => client.response(id)?.kind);
    expect(kinds.filter((kind) => kind === 'value').length).toBeGreaterThanOrEqual(2);
    expect(ids.map((id) => client.response(id))).toContainEqual({
      kind: 'failed',
      failure: expect.objectContaining({ code: 'overloaded', outcome: 'not-applied' }) as object,
    });
  });

  it('is cut off when it does not read, and nobody else notices', async () => {
    const server = await started({ limits: { bufferedBytesMax: 256 * 1024 } });
    await fetch(http(server, '/v1/kv/color'), { method: 'PUT', body: new Uint8Array(64 * 1024) });
    const client = await Client.greeted(server);
    client.socket.pause();
    const asking = setInterval(() => {
      for (let nth = 0; nth < 500; nth += 1) client.send({ kind: 'get', key, consistency: 'serializable' });
    }, 1);
    await until(async () => {
      const metrics = await (await fetch(http(server, '/metrics'))).text();
      return metrics.includes('raftkv_client_connections 0');
    });
    clearInterval(asking);
    expect((await fetch(http(server, '/readyz'))).status).toBe(200);
  });

  it('is not let in from the page of a foreign origin', async () => {
    const server = await started();
    const socket = new WebSocket(server.clientUrl, 'raftkv.client.v1', { origin: 'http://evil.example' });
    const error = await new Promise((resolve) => {
      socket.on('error', resolve);
    });
    expect(String(error)).toContain('403');
  });

  it('cannot end the process with garbage at either port', async () => {
    const server = await started();
    for (const url of [server.clientUrl, server.peerUrl]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.on('error', () => {});
      const closed = new Promise((resolve) => {
        socket.on('close', resolve);
      });
      socket.resume().write(Buffer.from('\0\xff garbage \r\n\r\n', 'latin1'));
      await closed;
    }
    expect((await fetch(http(server, '/readyz'))).status).toBe(200);
  });
});
