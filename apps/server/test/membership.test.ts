/** Members that come, go and take over, among real servers, by the words of an operator. Rules R21 to R26, R28. */

import { connect, type KvClient } from '@raftkv/kv-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Server, ServerOptions } from '../src/index.ts';
import { freePorts } from '../src/local-cluster/ports.ts';
import { http, start, temporaryDirectory, until } from './support.ts';

const PATIENT = { timeoutMs: 60_000 };

async function threeServers(): Promise<Server[]> {
  const names = ['n1', 'n2', 'n3'];
  const ports = await freePorts(names.length);
  const initialCluster = new Map(names.map((name, at) => [name, `ws://127.0.0.1:${ports[at]}`]));
  const listenPeer = (at: number) => ({ host: '127.0.0.1', port: ports[at]! });
  return Promise.all(names.map((name, at) => start({ name, initialCluster, listenPeer: listenPeer(at) })));
}

async function clientOf(servers: readonly Server[]): Promise<KvClient> {
  const kv = await connect({ endpoints: servers.map(({ clientUrl }) => clientUrl), ...PATIENT });
  onTestFinished(() => kv.close());
  return kv;
}

/** It knows nobody: whoever adds it is told where it is. */
function joining(name: string, options: ServerOptions = {}): Promise<Server> {
  return start({ name, join: true, ...options });
}

/** `n1 n2, n3` has two voters and a learner. */
async function membersOf({ cluster }: KvClient): Promise<string> {
  const { members } = await cluster.members({ consistency: 'linearizable' });
  const named = (role: string) =>
    members
      .filter((member) => member.role === role)
      .map(({ id }) => id)
      .toSorted()
      .join(' ');
  return [named('voter'), named('learner')].filter((names) => names !== '').join(', ');
}

async function readiness(server: Server): Promise<string> {
  const response = await fetch(http(server, '/readyz'));
  return `${response.status} ${(await response.text()).trim()}`;
}

/** On a slow disk a target may not take over in time: then who led leads on, and is asked again. */
async function handOver({ cluster }: KvClient, target: string): Promise<void> {
  await until(async () => {
    const { leader } = await cluster.members({ consistency: 'linearizable' });
    if (leader !== target) await cluster.transferLeadership(target).catch(() => null);
    return leader === target;
  });
}

/** Writes one after another, each of which has to succeed, until it is told to end. */
class Writer {
  count = 0;
  private isToEnd = false;
  private readonly done: Promise<void>;

  constructor(kv: KvClient) {
    this.done = this.write(kv);
  }

  /** Resolves when the last write has; gives how many there were. */
  async end(): Promise<number> {
    this.isToEnd = true;
    await this.done;
    return this.count;
  }

  private async write(kv: KvClient): Promise<void> {
    while (!this.isToEnd) {
      await kv.put('count', String(this.count + 1), PATIENT);
      this.count += 1;
    }
  }
}

it('a cluster grows from three to five, hands over, replaces a dead member and shrinks, while a client writes', async () => {
  const servers = await threeServers();
  const kv = await clientOf(servers);
  const { cluster } = kv;
  const writer = new Writer(await clientOf(servers));

  for (const name of ['n4', 'n5']) {
    const server = await joining(name);
    servers.push(server);
    await cluster.addLearner(name, server.peerUrl, PATIENT);
    expect(await membersOf(kv)).toContain(`, ${name}`);
    await cluster.promote(name, PATIENT);
  }
  expect(await membersOf(kv)).toBe('n1 n2 n3 n4 n5');
  const at = writer.count;
  await until(() => writer.count > at);

  await handOver(kv, 'n5');

  const dead = servers.find(({ name }) => name === 'n2')!;
  await dead.close();
  const n6 = await joining('n6');
  servers.push(n6);
  await cluster.replace('n2', 'n6', n6.peerUrl, PATIENT);
  expect(await membersOf(kv)).toBe('n1 n3 n4 n5 n6');

  for (const name of ['n1', 'n5']) await cluster.remove(name, PATIENT);
  expect(await membersOf(kv)).toBe('n3 n4 n6');
  const written = await writer.end();
  expect((await kv.get('count', PATIENT))?.text()).toBe(String(written));

  const left = servers.filter(({ name }) => ['n3', 'n4', 'n6'].includes(name));
  for (const server of left) {
    await until(
      () =>
        server
          .status()
          .members.map(({ name }) => name)
          .join(' ') === 'n3 n4 n6',
    );
    await until(() => server.status().revision === left[0]!.status().revision);
  }
  for (const gone of servers.filter(({ name }) => ['n1', 'n5'].includes(name))) {
    await until(() => gone.status().isRemoved);
    expect(await readiness(gone)).toContain('503 this node was removed');
  }
});

describe('a node that joins', () => {
  it('is alive and not ready, until it is added: then it is a member as the others are', async () => {
    const first = await start();
    const kv = await clientOf([first]);
    const dataDirectory = await temporaryDirectory();
    const joined = await joining('n2', { dataDirectory });
    expect((await fetch(http(joined, '/livez'))).status).toBe(200);
    expect(await readiness(joined)).toBe(
      '503 this node belongs to no cluster yet: it waits until a leader adds it',
    );
    expect(joined.status()).toMatchObject({ members: [], configurationIndex: 0, isRemoved: false });

    const { index } = await kv.cluster.addLearner('n2', joined.peerUrl, PATIENT);
    await until(async () => (await readiness(joined)) === '200 ok');
    const members = [
      { name: 'n1', clientUrl: first.clientUrl, peerUrl: first.peerUrl, role: 'voter' },
      { name: 'n2', clientUrl: joined.clientUrl, peerUrl: joined.peerUrl, role: 'learner' },
    ];
    expect(joined.status()).toMatchObject({ members, configurationIndex: index });
    await until(() => first.status().members.every(({ clientUrl }) => clientUrl !== null));
    expect(first.status()).toMatchObject({ members, configurationIndex: index });

    // What it was told is in its directory: it needs no flag to come back.
    await joined.close();
    const { hostname: host, port } = new URL(joined.peerUrl);
    const back = await start({ name: 'n2', dataDirectory, listenPeer: { host, port: Number(port) } });
    await until(async () => (await readiness(back)) === '200 ok');
    expect(back.status().members.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'n1 voter',
      'n2 learner',
    ]);
  });

  it('dials the members itself where its name comes first, by the addresses that it is given', async () => {
    const first = await start();
    const kv = await clientOf([first]);
    const early = await joining('a1', { initialCluster: new Map([['n1', first.peerUrl]]) });
    await kv.cluster.addLearner('a1', early.peerUrl, PATIENT);
    await kv.cluster.promote('a1', PATIENT);
    expect(await membersOf(kv)).toBe('a1 n1');
  });
});

describe('a node that was removed', () => {
  it('says so, and is not heard of again: no election of the others is its own', async () => {
    const servers = await threeServers();
    const kv = await clientOf(servers);
    const { leader } = await kv.cluster.members({ consistency: 'linearizable', ...PATIENT });
    const gone = servers.find(({ name }) => name !== leader)!;
    const left = servers.filter((server) => server !== gone);
    await kv.cluster.remove(gone.name, PATIENT);
    await until(() => gone.status().isRemoved);
    expect(await readiness(gone)).toMatch(/^503 this node was removed from the cluster/);

    const { term } = gone.status();
    const next = left.find(({ name }) => name !== leader)!;
    await handOver(kv, next.name);
    await until(() => left.every((server) => server.status().leader === next.name));
    await kv.put('color', 'green', PATIENT);
    expect(next.status().term).toBeGreaterThan(term);
    expect(gone.status()).toMatchObject({ term, role: 'follower', isRemoved: true });
    for (const server of left) {
      expect(server.status().members.map(({ name }) => name)).not.toContain(gone.name);
    }
  });

  it('has one line in its log for that', async () => {
    const lines: string[] = [];
    const add = (_: object, message: string): number => lines.push(message);
    const log = { debug: add, info: add, warn: add, error: add };
    const first = await start();
    const kv = await clientOf([first]);
    const joined = await joining('n2', { log });
    await kv.cluster.addLearner('n2', joined.peerUrl, PATIENT);
    await until(() => joined.status().leader === 'n1');
    await kv.cluster.remove('n2', PATIENT);
    await until(() => lines.some((line) => line.includes('was removed')));
    expect(joined.status().isRemoved).toBe(true);
    expect(lines.filter((line) => line.includes('was removed'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('no members yet'))).toHaveLength(1);
  });

  it('is not where clients are sent', async () => {
    const servers = await threeServers();
    const kv = await clientOf(servers);
    const { leader } = await kv.cluster.members({ consistency: 'linearizable', ...PATIENT });
    await kv.cluster.remove(leader!, PATIENT);
    const gone = servers.find(({ name }) => name === leader)!;
    // Given no other address, it is led on to the others.
    const other = await clientOf([gone]);
    expect((await other.put('color', 'green', PATIENT)).version).toBe(1);
  });
});
