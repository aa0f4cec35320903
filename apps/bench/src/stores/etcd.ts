/** Three etcd processes (Debian's etcd-server) with default settings, driven by the npm client `etcd3`. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { UsageError } from '../usage.ts';
import type { Connection, Store } from './store.ts';

const NODES = [1, 2, 3] as const;
const READY_MS = 30_000;

export async function startEtcd(): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'etcd-bench-'));
  const children = NODES.map((node) => startNode(node, directory));
  const end = async (): Promise<void> => {
    await Promise.all(children.map(kill));
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(children.map((child) => once(child, 'spawn')));
    await untilItWrites();
  } catch (error) {
    await end();
    if (!isMissing(error)) throw error;
    throw new UsageError('etcd is not installed here: on Debian, `apt-get install etcd-server`');
  }
  const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  return { name: 'etcd', pids, connect: () => Promise.resolve(connectTo()), close: end };
}

function startNode(node: number, directory: string): ChildProcess {
  const cluster = NODES.map((each) => `e${each}=${peerUrl(each)}`).join(',');
  return spawn(
    'etcd',
    [
      `--name=e${node}`,
      `--data-dir=${join(directory, String(node))}`,
      `--listen-client-urls=${clientUrl(node)}`,
      `--advertise-client-urls=${clientUrl(node)}`,
      `--listen-peer-urls=${peerUrl(node)}`,
      `--initial-advertise-peer-urls=${peerUrl(node)}`,
      `--initial-cluster=${cluster}`,
      '--log-level=error',
    ],
    { stdio: 'ignore' },
  );
}

function clientUrl(node: number): string {
  return `http://127.0.0.1:${node}2379`;
}

function peerUrl(node: number): string {
  return `http://127.0.0.1:${node}2380`;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function untilItWrites(): Promise<void> {
  const connection = connectTo();
  const endMs = performance.now() + READY_MS;
  for (;;) {
    try {
      await connection.put('ready', Buffer.from('yes'));
      return await connection.close();
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}

function connectTo(): Connection {
  const client = new Etcd3({ hosts: NODES.map(clientUrl) });
  return {
    put: async (key, value) => client.put(key).value(Buffer.from(value)),
    get: (key, consistency) => {
      const request = client.get(key);
      return consistency === 'serializable' ? request.serializable(true).buffer() : request.buffer();
    },
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
