/** A node that says what no node says is left, and another is asked. */

import { expect, it } from 'vitest';
import { encodeServerMessage, type ServerMessage } from '@raftkv/kv-protocol';
import { connect } from '../src/index.ts';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { refused, type ScriptedNode } from './support/node.ts';
import type { MemorySocket } from './support/socket.ts';

const HELLO: ServerMessage = {
  kind: 'hello',
  version: 1,
  cluster: 'c1',
  node: 'a',
  clientUrl: null,
  directory: { leaderUrl: null, urls: [] },
};

const CASES: Record<string, (node: ScriptedNode, socket: MemorySocket) => void> = {
  text: (_, socket) => socket.deliver('hello'),
  'bytes that mean nothing': (_, socket) => socket.deliver(new Uint8Array([9, 9, 9]).buffer),
  'no bytes': (_, socket) => socket.deliver(new ArrayBuffer(0)),
  'a frame of a message and half of another': (_, socket) => {
    const bytes = encodeServerMessage(HELLO);
    const more = new Uint8Array(bytes.length + 1);
    more.set(bytes);
    socket.deliver(more.buffer);
  },
  'a second hello': (node, socket) => node.say(socket, HELLO),
  'an answer to what was never asked': (node, socket) =>
    node.say(socket, { kind: 'response', id: 99, response: { kind: 'alive', ttlMs: 1 } }),
  'an answer of the wrong kind to a read': (node) => node.of('get')[0]?.answer({ kind: 'alive', ttlMs: 1 }),
  'the outcome of a write to a read': (node) => node.of('get')[0]?.answer(refused('session-expired')),
  'a value to a write': (node) => node.of('write')[0]?.answer({ kind: 'value', entry: null, revision: 1 }),
  'the outcome of a delete to a put': (node) =>
    node
      .of('write')[0]
      ?.answer({ kind: 'outcome', outcome: { kind: 'deleted', revision: 1, isDeleted: true } }),
  'a failed condition where there was none': (node) =>
    node
      .of('write')[0]
      ?.answer({ kind: 'outcome', outcome: { kind: 'conditionFailed', revision: 1, current: 1 } }),
};

it.each(Object.keys(CASES))('leaves a node that says: %s', async (name) => {
  const cluster = new ScriptedCluster();
  const [a, b] = [cluster.node('ws://a'), cluster.node('ws://b')];
  a.serve = (request) => (request.kind === 'open' ? cluster.store.serve(request) : undefined);
  const kv = await cluster.client();
  const [put, got] = [watched(kv.put('k', 'v')), watched(kv.get('k'))];
  await cluster.time.settle();
  const [socket] = a.sockets;
  if (socket === undefined) throw new Error('not connected');
  CASES[name]?.(a, socket);
  await cluster.time.settle();
  expect(a.sockets[0]?.isClosed).toBe(true);
  expect([put.state, got.state]).toEqual(['fulfilled', 'fulfilled']);
  expect(b.positions).toEqual(['10/1/1']);
  expect(cluster.notices).toContainEqual(
    having({
      kind: 'distrusted',
      url: 'ws://a',
      error: having({ code: 'KV_PROTOCOL' }),
    }),
  );
});

it('leaves a node that answers the opening of a session as the state machine would', async () => {
  const cluster = new ScriptedCluster();
  const [a, b] = [cluster.node('ws://a'), cluster.node('ws://b')];
  a.serve = () => ({ kind: 'outcome', outcome: { kind: 'opened', session: 10 } });
  const kv = await cluster.client();
  const put = watched(kv.put('k', 'v'));
  await cluster.time.settle();
  expect(put.state).toBe('fulfilled');
  expect([a.positions, b.positions]).toEqual([[], ['10/1/1']]);
});

it('leaves a node that answers a keep-alive with a value', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  a.serve = (request) =>
    request.kind === 'keepAlive' ? { kind: 'value', entry: null, revision: 1 } : cluster.store.serve(request);
  const kv = await cluster.client({ endpoints: ['ws://a'] });
  await Promise.all([kv.put('k', 'v'), cluster.time.elapse(3_000)]);
  expect(cluster.notices.map(({ kind }) => kind)).toContain('distrusted');
});

it('believes nothing that stands in a frame behind what no node says', async () => {
  const cluster = new ScriptedCluster();
  const [a] = [cluster.node('ws://a'), cluster.node('ws://b')];
  const kv = await cluster.client();
  const lie = { kind: 'directory', directory: { leaderUrl: 'ws://nowhere', urls: [] } } as const;
  a.sayTogether([HELLO, lie]);
  await Promise.all([kv.get('k'), cluster.time.settle()]);
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
});

it('leaves a node of another version, or one whose first word is no hello', async () => {
  const cluster = new ScriptedCluster();
  const [a, b] = [cluster.node('ws://a'), cluster.node('ws://b')];
  a.version = 2;
  b.greet = (socket) => b.say(socket, { kind: 'directory', directory: HELLO.directory });
  cluster.node('ws://c');
  const connecting = watched(connect(cluster.options()));
  await cluster.time.elapse(100);
  expect(connecting.state).toBe('fulfilled');
  expect(cluster.notices.map(({ kind, url }) => `${kind} ${url}`)).toEqual([
    'distrusted ws://a',
    'distrusted ws://b',
    'connected ws://c',
  ]);
});

it('ignores a late answer to a call that has ended', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  a.serve = () => undefined;
  const got = watched(kv.get('k', { timeoutMs: 10 }));
  await cluster.time.elapse(10);
  expect(got.state).toBe('rejected');
  const [late] = a.of('get');
  late?.answer({ kind: 'value', entry: null, revision: 0 });
  late?.answer({ kind: 'value', entry: null, revision: 0 });
  await cluster.time.settle();
  expect(cluster.dialled).toEqual(['ws://a']);
});
