/** The end of a transport, and its beginning. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { OptionsError } from '@raftkv/core';
import { ListenError, TransportClosedError } from '../src/index.ts';
import { greeted, helloOf, open } from './support/fake-peer.ts';
import { get } from './support/http.ts';
import { Proxy } from './support/proxy.ts';
import { A, B, Stage } from './support/stage.ts';

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

describe('start', () => {
  it('names the port that is taken, and what to do', async () => {
    const b = await stage.start('b', 2);
    const { port } = b.transport;
    const other = stage.party('b', 3, { listen: { host: '127.0.0.1', port: port ?? 0 } });
    await expect(other.start()).rejects.toThrow(ListenError);
    await expect(other.start()).rejects.toThrow(TransportClosedError);
    await other.transport.close();
    expect(other.transport.port).toBeNull();
  });

  it('names a host that is not of this machine', async () => {
    const b = stage.party('b', 2, { listen: { host: '192.0.2.1', port: 0 } });
    await expect(b.start()).rejects.toMatchObject({ code: 'TRANSPORT_LISTEN', host: '192.0.2.1' });
  });

  it('is refused after close', async () => {
    const b = stage.party('b', 2);
    await b.transport.close();
    await expect(b.start()).rejects.toThrow(TransportClosedError);
  });

  it('lets options that make no sense through to nobody', () => {
    const bad = [{ cluster: 'x'.repeat(257) }, { cluster: '\ud800' }, { limits: { silenceMsMax: 0 } }];
    for (const options of [...bad, { limits: { frameBytesMax: 10 } }, { limits: { backOffMsMin: 5000 } }]) {
      expect(() => stage.party('b', 2, options)).toThrow(OptionsError);
    }
  });
});

describe('close', () => {
  it('frees the port, and can be called again', async () => {
    const [a, b] = await stage.pair();
    const port = a.transport.port ?? 0;
    await Promise.all([a.transport.close(), a.transport.close()]);
    expect(a.transport.port).toBeNull();
    const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [Error];
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    await b.transport[Symbol.asyncDispose]();
  });

  it('while the port is being opened leaves nothing open', async () => {
    const b = stage.party('b', 2, { listen: { host: 'localhost', port: 0 } });
    const starting = b.transport.start(b);
    await b.transport.close();
    await starting;
    expect(b.transport.port).toBeNull();
  });

  it('while a peer is being dialed leaves nothing open, and tells nothing', async () => {
    const proxy = new Proxy(() => 9);
    proxy.isHole = true;
    stage.urls.set('b', await proxy.start());
    const dialed = once(proxy.server, 'connection');
    const a = await stage.start('a', 1);
    const [socket] = (await dialed) as [Socket];
    await Promise.all([a.transport.close(), once(socket.resume(), 'close')]);
    expect([a.events, a.notices]).toEqual([[], []]);
    proxy.stop();
  });

  it('cuts those who have not said who they are', async () => {
    const b = await stage.start('b', 2);
    const webSocket = await open(b.transport.port);
    const socket = connect(b.transport.port ?? 0, '127.0.0.1');
    await once(socket, 'connect');
    const closed = Promise.all([
      once(
        webSocket.on('error', () => {}),
        'close',
      ),
      once(socket, 'close'),
    ]);
    await b.transport.close();
    await closed;
    expect(b.events).toEqual([]);
  });

  it('does not wait for ever for a peer that does not answer', async () => {
    const b = await stage.start('b', 2, {});
    const peer = await greeted(b.transport.port, helloOf('a', 'b'));
    peer.pause();
    await b.transport.close();
    expect(b.events).toEqual(['a connected']);
    peer.terminate();
  });

  it('out of an event ends the events', async () => {
    const [a, b] = await stage.pair();
    const closed: Promise<void>[] = [];
    const spy = a.onReceived.bind(a);
    a.onReceived = (from, messages) => {
      spy(from, messages);
      closed.push(a.transport.close());
    };
    for (let nth = 0; nth < 5; nth += 1)
      b.transport.send(A, [{ kind: 'voteReply', term: nth, isGranted: true } as never]);
    await stage.until(() => b.events.includes('a gone'));
    await Promise.all(closed);
    expect(a.events).toEqual(['b connected', 'b spoke']);
  });
});

describe("the host's own server", () => {
  it('serves peers beside what else it serves, and stays open when the transport closes', async () => {
    const server = createServer((_, response) => response.end('ours'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const b = await stage.start('b', 2, { listen: { server } });
    expect(b.transport.port).toBe(port);
    const a = await stage.start('a', 1);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
    await b.transport.close();
    await stage.until(() => a.events.length === 2);
    expect(a.events).toEqual(['b connected', 'b gone']);
    expect(await get(port)).toEqual({ status: 200, text: 'ours' });
    a.transport.send(B, []);
    server.closeAllConnections();
    server.close();
  });

  it('is left the upgrades that ask for something else', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const b = await stage.start('b', 2, { listen: { server } });
    const others = new Promise((resolve) => server.once('upgrade', (_, socket) => resolve(socket.destroy())));
    const webSocket = open(port, 'other');
    await expect(webSocket).rejects.toThrow('socket hang up');
    await others;
    expect(b.notices.filter(({ kind }) => kind === 'stranger')).toEqual([]);
    await b.transport.close();
    server.close();
  });
});
