import { describe, expect, it } from 'vitest';
import type { Server } from '../src/index.ts';
import { freePorts } from '../src/local-cluster/ports.ts';
import { http, start, started, temporaryDirectory, until } from './support.ts';

function put(server: Server, key: string, redirect: 'manual' | 'follow'): Promise<Response> {
  return fetch(http(server, `/v1/kv/${key}`), { method: 'PUT', body: key, redirect });
}

describe('three nodes', () => {
  it('elect, lead clients to the leader, go on without one, and catch up', async () => {
    const names = ['n1', 'n2', 'n3'];
    const ports = await freePorts(names.length);
    const initialCluster = new Map(names.map((name, at) => [name, `ws://127.0.0.1:${ports[at]}`]));
    const directories = new Map<string, string>();
    for (const name of names) directories.set(name, await temporaryDirectory());
    const startNode = (name: string): Promise<Server> =>
      start({
        name,
        initialCluster,
        dataDirectory: directories.get(name)!,
        listenPeer: { host: '127.0.0.1', port: ports[names.indexOf(name)]! },
      });
    let servers = await Promise.all(names.map(startNode));
    const leader = (): Server | undefined => servers.find((server) => server.status().role === 'leader');

    await until(() => leader() !== undefined);
    const first = leader()!;
    const follower = servers.find((server) => server !== first)!;
    // Members tell each other where clients reach them when they connect.
    await until(() =>
      servers.every((server) => server.status().members.every(({ clientUrl }) => clientUrl !== null)),
    );
    await until(async () => (await put(follower, 'a', 'manual')).status === 307);
    // On a slow disk office may change hands in between, and the answer then says so.
    await until(async () => (await put(follower, 'a', 'follow')).status === 200);

    await first.close();
    // It was told of a later term before it went: the others need not have noticed first that nobody leads.
    expect(first.status().role).toBe('follower');
    servers = servers.filter((server) => server !== first);
    await until(async () => leader() !== undefined && (await put(leader()!, 'b', 'manual')).status === 200);

    const back = await startNode(first.name);
    servers.push(back);
    await until(() => leader() !== undefined && back.status().revision === leader()?.status().revision);
    for (const key of ['a', 'b']) {
      expect(await (await fetch(http(back, `/v1/kv/${key}?consistency=serializable`))).text()).toBe(key);
    }

    // Nobody is left to hand over to: the last one goes all the same.
    const last = leader()!;
    await Promise.all(servers.filter((server) => server !== last).map((server) => server.close()));
    await last.close();
  });
});

describe('a data directory', () => {
  it('keeps what was written over a restart', async () => {
    const dataDirectory = await temporaryDirectory();
    const before = await started({ dataDirectory });
    await fetch(http(before, '/v1/kv/a'), { method: 'PUT', body: 'kept' });
    await before.close();
    const after = await started({ dataDirectory });
    expect(await (await fetch(http(after, '/v1/kv/a'))).text()).toBe('kept');
  });

  it('keeps its members, whatever initial-cluster says later', async () => {
    const dataDirectory = await temporaryDirectory();
    await (await started({ dataDirectory })).close();
    const lines: string[] = [];
    const add = (_: object, message: string): number => lines.push(message);
    const log = { debug: add, info: add, warn: add, error: add };
    const initialCluster = new Map([
      ['n1', 'ws://127.0.0.1:1'],
      ['n2', 'ws://127.0.0.1:2'],
    ]);
    const server = await started({ dataDirectory, initialCluster, log });
    expect(server.status().members.map(({ name }) => name)).toEqual(['n1']);
    expect(lines.filter((line) => line.includes('initial-cluster are ignored'))).toHaveLength(1);
  });
});
