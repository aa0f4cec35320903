/** Looking at a cluster, as a shell sees it. */

import { freePorts } from '@raftkv/server/local-cluster';
import { startServer, type Server } from '@raftkv/server';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { afterTest, temporaryDirectory } from './support/cleanups.ts';
import { raftkv, raftkvHere } from './support/command.ts';
import { at, started, until, withoutQuorum } from './support/servers.ts';
import { containing } from './support/matching.ts';

/** As the table shows it. */
const addressIn = (clientUrl: string): string => clientUrl.replace('ws://', '');
const HEADER = /^NAME +ROLE +TERM +LEADER +COMMIT +APPLIED +REVISION +KEYS +CLIENT$/;

function rows(output: string): string[][] {
  const [header = '', ...lines] = output.trimEnd().split('\n');
  expect(header).toMatch(HEADER);
  return lines.map((line) => line.split(/ {2,}/));
}

async function threeNodes(): Promise<{ leader: Server; others: Server[] }> {
  const ports = await freePorts(3);
  const initialCluster = new Map(ports.map((port, index) => [`n${index + 1}`, `ws://127.0.0.1:${port}`]));
  const servers = await Promise.all(
    ports.map(async (port, index) => {
      const dataDirectory = await temporaryDirectory();
      const listenPeer = { host: '127.0.0.1', port };
      const listenClient = { host: '127.0.0.1', port: 0 };
      const segmentBytes = 1024 * 1024;
      const name = `n${index + 1}`;
      return startServer({ name, dataDirectory, segmentBytes, listenClient, listenPeer, initialCluster });
    }),
  );
  for (const server of servers) afterTest(() => server.close());
  // Members tell each other where clients reach them when they connect.
  const leaderOf = (server: Server): Server | undefined => {
    const { leader, members } = server.status();
    return members.every(({ clientUrl }) => clientUrl !== null)
      ? servers.find(({ name }) => name === leader)
      : undefined;
  };
  const isAgreed = (server: Server): boolean =>
    leaderOf(server) !== undefined && leaderOf(server) === leaderOf(servers[0]!);
  await until(() => servers.every(isAgreed));
  const leader = leaderOf(servers[0]!)!;
  return { leader, others: servers.filter((server) => server !== leader) };
}

it('shows a node as a table and as JSON', async () => {
  const server = await started();
  const { name, clientUrl } = server;
  await raftkvHere(['put', 'k', 'v'], at(server));
  const table = await raftkv(['status'], at(server));
  expect(table).toMatchObject({ code: 0, errors: '' });
  const [row = []] = rows(table.output);
  expect([row.slice(0, 2), row.slice(3, 4), row.slice(6)]).toEqual([
    [name, 'leader'],
    [name],
    ['2', '1', addressIn(clientUrl)],
  ]);

  const json = await raftkvHere(['status', '-o', 'json'], at(server));
  const [node, ...more] = JSON.parse(json.output) as { commitIndex: number; appliedIndex: number }[];
  expect([json.code, more]).toEqual([0, []]);
  const { term, clusterId } = server.status();
  expect(node).toMatchObject({
    name,
    clientUrl,
    isReachable: true,
    reason: null,
    role: 'leader',
    term,
    leader: name,
  });
  expect(node).toMatchObject({ revision: 2, keys: 1, clusterId });
  expect(node?.commitIndex).toBeGreaterThanOrEqual(node?.appliedIndex ?? Infinity);
});

describe('of a cluster of three', () => {
  it('finds the leader and the other follower from a follower', async () => {
    const { leader, others } = await threeNodes();
    const [asked, unasked] = others as [Server, Server];
    const { code, output } = await raftkvHere(['status'], at(asked));
    const byName = new Map(rows(output).map((row) => [row[0], row]));
    expect([code, byName.size]).toEqual([0, 3]);
    expect(byName.get(leader.name)).toMatchObject({ 1: 'leader', 8: addressIn(leader.clientUrl) });
    expect(byName.get(asked.name)).toMatchObject({
      1: 'follower',
      3: leader.name,
      8: addressIn(asked.clientUrl),
    });
    expect(byName.get(unasked.name)).toMatchObject({
      1: 'follower',
      3: leader.name,
      8: addressIn(unasked.clientUrl),
    });
  });

  it('shows one that is gone as unreachable, with the reason', async () => {
    const { leader, others } = await threeNodes();
    const [gone] = others as [Server, Server];
    await gone.close();
    const endpoints = [...others, leader].map(({ clientUrl }) => clientUrl).join();
    const { code, output } = await raftkvHere(['status', '-o', 'json', '--endpoints', endpoints]);
    const nodes = JSON.parse(output) as { clientUrl: string; isReachable: boolean; reason: string }[];
    expect(code).toBe(0);
    const missed = nodes.find(({ clientUrl }) => clientUrl === gone.clientUrl);
    expect(missed).toMatchObject({
      isReachable: false,
      role: null,
      reason: containing('ECONNREFUSED'),
    });
    expect(nodes.filter(({ isReachable }) => isReachable)).toHaveLength(2);
  });
});

describe('exits with 4', () => {
  it('where a node is there, and no leader', async () => {
    const server = await withoutQuorum();
    const { code, output, errors } = await raftkvHere(['status'], at(server));
    expect([code, errors]).toEqual([4, containing('no leader')]);
    const [own] = rows(output);
    expect(own).toMatchObject({ 0: 'n1', 3: '-', 8: addressIn(server.clientUrl) });
    expect(own?.[1]).toMatch(/^(follower|pre-candidate)$/);
    expect(rows(output).map(([name]) => name)).toEqual(['n1', 'n2', 'n3']);
  });

  it('where no node answers, whatever else answers there', async () => {
    const page = createServer((request, response) =>
      response.end(request.url === '/v1/status' ? '<html>' : ''),
    );
    page.listen(0, '127.0.0.1');
    await once(page, 'listening');
    afterTest(() => page.close());
    const { port } = page.address() as AddressInfo;
    const [nobody] = await freePorts(1);
    const endpoints = `127.0.0.1:${port},127.0.0.1:${nobody}`;
    const { code, output, errors } = await raftkvHere(['status', '--endpoints', endpoints]);
    expect([code, errors]).toEqual([4, containing('no node answers')]);
    expect(output).toContain(`127.0.0.1:${port} (it answers, but not as a node of raftkv)`);
    expect(output).toMatch(new RegExp(`127.0.0.1:${nobody} \\(connect ECONNREFUSED`));
  });
});

it('says that endpoints are of several clusters', async () => {
  const [one, other] = await Promise.all([started(), started()]);
  // A new leader has its cluster's id a moment later, by its first entry.
  await until(() => [one, other].every((server) => server.status().clusterId !== null));
  const endpoints = `${one.clientUrl},${other.clientUrl}`;
  const { code, errors, output } = await raftkvHere(['status', '--endpoints', endpoints]);
  expect([code, rows(output).length, errors]).toEqual([0, 2, containing('nodes of 2 clusters')]);
});
