/** Three etcd processes (Debian's etcd-server) with default settings. */

import { freePorts } from '@raftkv/server/local-cluster';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { temporaryDirectory, type End, type Endings } from '../endings.ts';
import { BenchError } from '../errors.ts';
import { checkProgram } from '../machine/programs.ts';

const NODES = [0, 1, 2] as const;
const HOST = '127.0.0.1';
const WORDS_MAX = 2000;

export interface EtcdCluster {
  /** `host:port` of each. */
  readonly endpoints: readonly string[];
  readonly pids: readonly number[];
  /** Kills the processes, and removes what they held. */
  readonly close: End;
  /** Rejects when one of them ends, with what it said. */
  readonly broken: Promise<never>;
}

/** @throws {BenchError} where there is none. */
export function checkEtcd(): Promise<void> {
  return checkProgram('etcd', 'on Debian, `apt-get install etcd-server` brings it');
}

/** They may not have a leader yet. */
export async function startEtcdCluster(endings: Endings): Promise<EtcdCluster> {
  const ports = await freePorts(2 * NODES.length);
  const endpoints = NODES.map((node) => `${HOST}:${ports[node]}`);
  const peers = NODES.map((node) => `http://${HOST}:${ports[node + NODES.length]}`);
  const directory = temporaryDirectory(endings, 'bench-etcd');
  const children: ChildProcess[] = [];
  const kill = endings.owe(async () => {
    await Promise.all(children.map(killed));
  });
  for (const node of NODES) {
    const args = argsOf(node, join(directory.path, String(node)), endpoints, peers);
    children.push(spawn('etcd', args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  }
  const broken = Promise.race(children.map(endOf));
  broken.catch(() => {});
  return {
    endpoints,
    pids: children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    broken,
    close: async () => {
      await kill();
      await directory.remove();
    },
  };
}

function argsOf(
  node: number,
  dataDirectory: string,
  endpoints: readonly string[],
  peers: readonly string[],
): string[] {
  const client = `http://${endpoints[node]}`;
  const peer = peers[node] ?? '';
  return [
    `--name=e${node}`,
    `--data-dir=${dataDirectory}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${peers.map((url, each) => `e${each}=${url}`).join(',')}`,
    '--log-level=error',
  ];
}

async function endOf(child: ChildProcess): Promise<never> {
  let lastWords = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-WORDS_MAX);
  });
  await once(child, 'exit');
  throw new BenchError(`etcd ended: ${lastWords.trim()}`);
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
