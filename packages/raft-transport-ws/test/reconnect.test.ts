/** Attempts to reach a peer that is not there. */

import { nodeId } from '@raftkv/core';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { BackOff } from '../src/back-off.ts';
import { decodeHello } from '../src/bytes/hello.ts';
import { SUBPROTOCOL } from '../src/channel.ts';
import { greeted, helloOf } from './support/fake-peer.ts';
import { A, B, greetingOf, Stage } from './support/stage.ts';
import { ManualClock } from './support/manual-clock.ts';

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

describe('back-off', () => {
  it('doubles from half the first span by chance, up to the longest, and begins anew', () => {
    const low = new BackOff(50, 2000, () => 0);
    expect(Array.from({ length: 8 }, () => low.nextMs())).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000]);
    const high = new BackOff(50, 2000, () => 0.999);
    expect(high.nextMs()).toBeCloseTo(50, 0);
    high.nextMs();
    high.reset();
    expect(high.nextMs()).toBeCloseTo(50, 0);
  });
});

describe('a peer that is not there', () => {
  it('is dialed again and again, told once, and connected when it comes', async () => {
    const clock = new ManualClock();
    stage.urls.set('b', 'ws://127.0.0.1:9');
    const a = await stage.start('a', 1, { clock, random: () => 0 });
    await stage.until(() => a.notices.length === 1);
    for (let dials = 2; dials <= 6; dials += 1) {
      clock.advance(clock.nextInMs());
      expect(a.transport.metrics().dials).toBe(dials);
      await clock.timerWithin(1000);
    }
    expect(a.notices).toHaveLength(1);
    expect(a.noticesOf('unreachable')[0]?.reason).toContain('ECONNREFUSED');
    const b = await stage.start('b', 2);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
  });

  it('that starts is dialed at once, however long the wait of the others still is', async () => {
    const clock = new ManualClock();
    const a = await stage.start('a', 1, { clock });
    await stage.until(() => a.noticesOf('unreachable').length === 1);
    const b = await stage.start('b', 2);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
    expect(clock.nowMs()).toBe(0);
  });

  it('whose URL is none is told, and harms nobody', async () => {
    stage.urls.set('b', 'htp:/nowhere');
    const a = await stage.start('a', 1);
    await stage.until(() => a.notices.length === 1);
    expect(a.noticesOf('unreachable')[0]?.reason).toMatch(/URL/);
  });

  it('is looked up anew at each attempt', async () => {
    const a = await stage.start('a', 1);
    await stage.until(() => a.noticesOf('unreachable').length === 1);
    expect(a.noticesOf('unreachable')[0]?.reason).toBe('its address is not known');
    const b = await stage.start('b', 2);
    await stage.until(() => b.events.includes('a connected'));
    expect(A < B).toBe(true);
  });
});

it('a peer that is not wanted any more is asked whether it is there, not dialed: its own dial would be crossed', async () => {
  const [D, clusterId] = [nodeId('d'), new Uint8Array(16).fill(1)];
  const clock = new ManualClock();
  const purposes: string[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => SUBPROTOCOL });
  server.on('connection', (socket) =>
    socket.on('message', (bytes: Buffer) => {
      const heard = decodeHello(bytes);
      purposes.push(heard.kind === 'hello' ? heard.hello.purpose : heard.kind);
      stage.changed();
    }),
  );
  await once(server, 'listening');
  try {
    const a = stage.party('a', 1, { clock, greeting: { clusterId, hasLog: true }, peers: new Map() });
    const { port } = server.address() as AddressInfo;
    a.transport.setPeers([{ id: D, address: `ws://127.0.0.1:${port}` }]);
    a.transport.setPeers([]);
    await a.start();
    const greeting = greetingOf(4, { clusterId, hasLog: true });
    const d = await greeted(a.transport.port, helloOf('d', 'a', { purpose: 'probe', greeting }));
    await stage.until(() => a.events.includes('d connected'));
    clock.advance(clock.nextInMs());
    d.terminate();
    await stage.until(() => purposes.length > 0);
    expect(purposes).toEqual(['probe']);
  } finally {
    server.close();
  }
});
