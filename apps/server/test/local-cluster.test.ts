/** Processes, as `npm run build` left them. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from '@raftkv/kv-client';
import { afterEach, describe, expect, it } from 'vitest';
import {
  prepareLocalCluster,
  startLocalCluster,
  type LocalCluster,
  type LocalClusterOptions,
  type LocalNodeEvent,
} from '../src/local-cluster/index.ts';
import { portsFrom, takenPorts } from '../src/local-cluster/ports.ts';
import { http, temporaryDirectory, until } from './support.ts';

const SEGMENT_BYTES = 1024 * 1024;
const PATIENCE_MS = 60_000;
const clusters: LocalCluster[] = [];

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await Promise.all(cluster.nodes.map((node) => node.kill()));
});

async function started(options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const directory = await temporaryDirectory();
  const cluster = await startLocalCluster({ directory, segmentBytes: SEGMENT_BYTES, ...options });
  clusters.push(cluster);
  return cluster;
}

describe('a local cluster', () => {
  it('elects, tells of it, loses its leader, and takes it back', async () => {
    const events: [string, LocalNodeEvent][] = [];
    const cluster = await started({ onEvent: (name, event) => events.push([name, event]) });
    const first = await cluster.until(() => cluster.leader, PATIENCE_MS, 'one leads');
    expect((await first.status())?.role).toBe('leader');
    await first.kill();
    expect([first.state, first.pid, first.part, await first.status()]).toEqual(['down', null, null, null]);
    expect(events).toContainEqual([
      first.name,
      { kind: 'ended', isExpected: true, reason: 'it ended with code SIGKILL' },
    ]);

    const second = await cluster.until(() => cluster.leader, PATIENCE_MS, 'another leads');
    expect(second).not.toBe(first);
    const address = first.clientUrl;
    await first.start();
    expect(first.clientUrl).toBe(address);
    await cluster.until(() => first.part?.leader ?? null, PATIENCE_MS, 'it knows a leader');
    expect(events).toContainEqual([
      second.name,
      { kind: 'changed', part: { role: 'leader', term: second.part?.term, leader: second.name } },
    ]);
    expect(await readFile(first.logFile, 'utf8')).toContain('this node takes part');
    await cluster[Symbol.asyncDispose]();
    expect(cluster.nodes.map(({ state }) => state)).toEqual(['down', 'down', 'down']);
  });

  it('tells of a node that ended by itself, and of none that was told to', async () => {
    const ends: LocalNodeEvent[] = [];
    const cluster = await started({
      nodeCount: 1,
      onEvent: (_, event) => event.kind === 'ended' && ends.push(event),
    });
    const [node] = cluster.nodes;
    process.kill(node!.pid!, 'SIGKILL');
    await cluster.until(() => ends[0] ?? null, PATIENCE_MS, 'its end is told');
    expect(ends).toEqual([expect.objectContaining({ isExpected: false })]);
  });

  // Windows has no signal that pauses.
  it.runIf(process.platform !== 'win32')('pauses a node and resumes it', async () => {
    const cluster = await started({ nodeCount: 1 });
    const [node] = cluster.nodes;
    await cluster.until(() => cluster.leader, PATIENCE_MS, 'it leads');
    node!.pause();
    expect([node!.state, await node!.status()]).toEqual(['paused', null]);
    node!.resume();
    await until(async () => (await node!.status())?.role === 'leader');
    node!.pause();
    await node!.stop();
    expect(node!.state).toBe('down');
  });

  // As above. The signal comes from elsewhere, so that the node does not know that it is paused.
  it.runIf(process.platform !== 'win32')('kills a node that does not stop', async () => {
    const cluster = await started({ nodeCount: 1 });
    const [node] = cluster.nodes;
    process.kill(node!.pid!, 'SIGSTOP');
    const stopping = node!.stop();
    await node!.kill();
    await stopping;
    expect(node!.state).toBe('down');
  });

  it('says when all nodes have caught up, and what each holds', async () => {
    const cluster = await started();
    const leader = await cluster.untilLed(PATIENCE_MS);
    const put = await fetch(http(leader, '/v1/kv/a'), { method: 'PUT', body: 'x' });
    expect(put.status).toBe(200);
    await cluster.untilCaughtUp(PATIENCE_MS);
    for (const node of cluster.nodes) {
      expect(await node.held(['a', 'b'])).toEqual([{ value: 'x', revision: 2, version: 1 }, null]);
    }
    await cluster.nodes[0]?.kill();
    await expect(cluster.untilCaughtUp(1)).rejects.toMatchObject({ code: 'SERVER_LOCAL_NODE' });
  });

  it('tells each node where to reach each other, as it is told itself', async () => {
    const asked: string[] = [];
    const cluster = await started({
      peerUrl: (from, to, url) => {
        asked.push(`${from} to ${to}`);
        // The same place by another name, which shows in what the node says of its peers.
        return from === 'n1' ? url.replace('127.0.0.1', 'localhost') : url;
      },
    });
    const names = ['n1', 'n2', 'n3'];
    expect(asked.toSorted()).toEqual(names.flatMap((from) => names.map((to) => `${from} to ${to}`)));
    expect(cluster.nodes.map(({ peerUrl }) => new URL(peerUrl).hostname)).toEqual([
      'localhost',
      '127.0.0.1',
      '127.0.0.1',
    ]);
    await cluster.untilLed(PATIENCE_MS);
    const [first, second] = await Promise.all(cluster.nodes.map((node) => node.status()));
    const hosts = (members = first!.members): string[] =>
      members.map(({ peerUrl }) => new URL(peerUrl!).hostname).toSorted();
    expect(hosts()).toEqual(['localhost', 'localhost', 'localhost']);
    expect(hosts(second!.members)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
  });

  it('has nodes that join, by names that nobody had, until they are forgotten', async () => {
    const cluster = await started({ nodeCount: 1 });
    const [first] = cluster.nodes;
    await using kv = await connect({ endpoints: cluster.endpoints, timeoutMs: PATIENCE_MS });
    const patient = { timeoutMs: PATIENCE_MS };
    const second = await cluster.join();
    expect([second.name, second.state, cluster.nodes]).toEqual(['n2', 'down', [first, second]]);
    await second.start();
    expect((await second.status())?.members).toEqual([]);
    await kv.cluster.addLearner(second.name, second.peerUrl, patient);
    await kv.cluster.promote(second.name, patient);
    await cluster.untilCaughtUp(PATIENCE_MS);
    expect((await second.status())?.members.map(({ name }) => name)).toEqual(['n1', 'n2']);

    await kv.cluster.remove(second.name, patient);
    cluster.forget(second);
    expect(cluster.nodes).toEqual([first]);
    await second.stop();
    expect((await cluster.join()).name).toBe('n3');
  });

  it('starts the processes of its nodes with what Node is to be given', async () => {
    const directory = await temporaryDirectory();
    const hook = join(directory, 'hook.mjs');
    await writeFile(hook, `process.stderr.write('the hook was run');process.exit(7);`);
    const starting = startLocalCluster({
      directory,
      nodeCount: 1,
      execArgv: [`--import=${pathToFileURL(hook).href}`],
    });
    await expect(starting).rejects.toThrow('n1 did not start: the hook was run');
  });

  it('says why a node does not start, and stops the others', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'n2'), 'a file where the data should go');
    const starting = startLocalCluster({ directory, segmentBytes: SEGMENT_BYTES });
    await expect(starting).rejects.toMatchObject({ code: 'SERVER_LOCAL_NODE' });
    await expect(starting).rejects.toThrow(/^n2 did not start: raftkv-server: .*n2 cannot be used/);
  });

  it('refuses a number of nodes that it cannot have', async () => {
    const directory = await temporaryDirectory();
    for (const nodeCount of [0, 1.5, 10]) {
      await expect(prepareLocalCluster({ directory, nodeCount })).rejects.toMatchObject({
        code: 'SERVER_USAGE',
      });
    }
  });

  it('takes the ports that it is given, or free ones where one is taken', async () => {
    const firstPort = await twoFreePorts();
    const holder = createServer().listen(firstPort + 1, '127.0.0.1');
    await once(holder, 'listening');
    const directory = await temporaryDirectory();
    const other = await prepareLocalCluster({ directory, nodeCount: 1, firstPort });
    expect(other.portsTaken).toEqual([firstPort + 1]);
    expect(other.endpoints).not.toEqual([`ws://127.0.0.1:${firstPort}`]);
    holder.close();
    await once(holder, 'close');
    const wanted = await prepareLocalCluster({ directory, nodeCount: 1, firstPort });
    expect([wanted.portsTaken, wanted.endpoints]).toEqual([[], [`ws://127.0.0.1:${firstPort}`]]);
  });

  it('ends with the process that started it, however that ends', async () => {
    const directory = await temporaryDirectory();
    const built = pathToFileURL(join(import.meta.dirname, '../dist/local-cluster/index.js')).href;
    const program = join(directory, 'starter.mjs');
    await writeFile(
      program,
      `import { startLocalCluster } from ${JSON.stringify(built)};
       const cluster = await startLocalCluster({ directory: ${JSON.stringify(directory)}, nodeCount: 1 });
       process.send(cluster.endpoints[0]);`,
    );
    const starter = fork(program, { execArgv: [] });
    const [clientUrl] = (await once(starter, 'message')) as [string];
    expect((await fetch(http({ clientUrl }, '/livez'))).status).toBe(200);
    starter.kill('SIGKILL');
    await until(() =>
      fetch(http({ clientUrl }, '/livez')).then(
        () => false,
        () => true,
      ),
    );
  });
});

/** The first of two, below those that systems give to whoever connects: nobody comes to have one by chance meanwhile. */
async function twoFreePorts(): Promise<number> {
  for (let port = 20_000 + (process.pid % 5_000) * 2; port < 32_000; port += 2) {
    if ((await takenPorts(portsFrom(port, 1))).length === 0) return port;
  }
  throw new Error('no two ports below 32000 are free');
}
