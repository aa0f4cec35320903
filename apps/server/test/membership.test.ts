/** Members that come, go and take over, among real servers, by the words of an operator. Rules R21 to R26, R28. */

import { connect, type KvClient } from '@raftkv/kv-client';
import { expect, it, onTestFinished } from 'vitest';
import type { Server, ServerOptions } from '../src/index.ts';
import { freePorts } from '../src/local-cluster/ports.ts';
import { http, start, until } from './support.ts';

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

  await until(async () => {
    if ((await cluster.status()).leader !== 'n5') await cluster.transferLeadership('n5').catch(() => null);
    return (await cluster.status()).leader === 'n5';
  });

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
