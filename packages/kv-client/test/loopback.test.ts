/** The same over real sockets. */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CLIENT_SUBPROTOCOL } from '@raftkv/kv-protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import * as browser from '../src/index.ts';
import * as client from '../src/node.ts';
import { containing, having } from './support/matching.ts';
import { LoopbackNode } from './support/server.ts';

const home = join(import.meta.dirname, '..');
let node: LoopbackNode;
let url: string;

beforeEach(async () => {
  node = new LoopbackNode();
  url = await node.start();
});

afterEach(async () => {
  await node.stop();
});

it('writes, reads and deletes over ws in Node', async () => {
  await using kv = await client.connect({ endpoints: [url] });
  expect(await kv.put('color', 'green')).toEqual({ revision: 1, version: 1 });
  expect((await kv.get('color'))?.text()).toBe('green');
  expect(await kv.delete('color')).toEqual({ revision: 2, deleted: true });
  expect(node.subprotocols).toEqual([CLIENT_SUBPROTOCOL]);
});

it('takes values of the largest size there and back', async () => {
  await using kv = await client.connect({ endpoints: [url] });
  const value = new Uint8Array(1.5 * 1024 * 1024).fill(3);
  await kv.put('large', value);
  const got = await kv.get('large');
  // Not `toEqual`, which takes a minute for that.
  expect(Buffer.compare(value, got?.value ?? new Uint8Array())).toBe(0);
});

it('serves 200 overlapping puts, gets and conditional puts, those of one turn in one frame', async () => {
  await using kv = await client.connect({ endpoints: [url] });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, async (_, index) => {
      // However deep in promises: the turn is over when all of them have run.
      for (let depth = 0; depth < index % 7; depth += 1) await Promise.resolve();
      if (index % 4 === 0) return (await kv.put(`own-${index}`, `${index}`)).version;
      if (index % 4 === 1) return (await kv.get('counter'))?.version ?? 0;
      if (index % 4 === 2) return (await kv.put('counter', `${index}`)).version;
      return (await kv.put('once', `${index}`, { ifAbsent: true })).version;
    }),
  );
  const of = (rest: number): unknown[] =>
    outcomes
      .filter((_, index) => index % 4 === rest)
      .map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as unknown)));
  expect(of(0)).toEqual(Array.from({ length: 50 }, () => 1));
  expect(of(1).every((version) => typeof version === 'number')).toBe(true);
  expect((of(2) as number[]).toSorted((one, two) => one - two)).toEqual(
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
  expect(of(3).filter((version) => version === 1)).toHaveLength(1);
  expect(of(3).filter((error) => error instanceof client.ConditionFailedError)).toHaveLength(49);
  expect(node.store.applied).toBe(150);
  // A hello, the reads with the opening of the session, and the writes when that is answered.
  expect(node.frames).toEqual([1, 51, 150]);
});

it('applies a write once when the connection breaks after the request went through', async () => {
  await using kv = await client.connect({ endpoints: [url] });
  await kv.put('n', '0');
  node.cutsNext = true;
  expect(await kv.put('n', '1')).toEqual({ revision: 2, version: 2 });
  expect(node.store.applied).toBe(2);
});

it.each(['text', new Uint8Array(2 * 1024 * 1024), new Uint8Array([255])])(
  'leaves a node that sends garbage and comes back',
  async (garbage) => {
    await using kv = await client.connect({ endpoints: [url] });
    node.broadcast(garbage);
    expect(await kv.put('n', '0')).toEqual({ revision: 1, version: 1 });
    expect(node.subprotocols.length).toBeGreaterThanOrEqual(1);
  },
);

it('says what a server answered that is no node', async () => {
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connecting = client.connect({ endpoints: [`ws://127.0.0.1:${port}`], offlineWaitMs: 200 });
  await expect(connecting).rejects.toMatchObject({
    code: 'KV_UNAVAILABLE',
    cause: having({ message: containing('cannot be reached') }),
  });
  server.close();
});

const hasWebSocket = typeof WebSocket !== 'undefined';

it.runIf(hasWebSocket)('works over the global WebSocket', async () => {
  await using kv = await browser.connect({ endpoints: [url] });
  expect(await kv.put('n', '0')).toEqual({ revision: 1, version: 1 });
});

it.skipIf(hasWebSocket)('says so where there is no global WebSocket and no factory', async () => {
  await expect(browser.connect({ endpoints: [url], offlineWaitMs: 50 })).rejects.toMatchObject({
    code: 'KV_UNAVAILABLE',
    cause: having({ message: containing('cannot be dialled') }),
  });
});

it('exports the same names for Node and for browsers', () => {
  expect(Object.keys(client).toSorted()).toEqual(Object.keys(browser).toSorted());
});

it('keeps ws out of what browsers load', () => {
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    exports: { '.': { default: string } };
  };
  const loaded = new Set<string>();
  const load = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/(?:from|import\() ?'([^']+)'/g)) {
      expect(name).toMatch(/^(\.\/|@raftkv\/)/);
      if (name.startsWith('./')) load(join(home, 'dist', name));
    }
  };
  load(join(home, exports['.'].default));
  expect(loaded.size).toBeGreaterThan(10);
});

it('works from CommonJS by require, and lets the process end', async () => {
  const program = `
    const { connect } = require('@raftkv/kv-client');
    connect({ endpoints: [process.argv[1]] }).then(async (kv) => {
      await kv.put('color', 'green');
      console.log((await kv.get('color')).text());
      await kv.close();
    });`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', program, url], { cwd: home });
  expect([stdout, stderr]).toEqual(['green\n', '']);
});
