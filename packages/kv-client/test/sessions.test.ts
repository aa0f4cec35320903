/** A session lives while the client does; what happens when it does not (R36). */

import { expect, it } from 'vitest';
import type { KvClient } from '../src/index.ts';
import { ScriptedCluster, watched, type Ended } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { failed, refused, type ScriptedNode } from './support/node.ts';

async function clusterWithSession(): Promise<{
  cluster: ScriptedCluster;
  a: ScriptedNode;
  kv: KvClient;
}> {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ offlineWaitMs: 60_000 });
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  return { cluster, a, kv };
}

it('is kept alive at a third of its time', async () => {
  const { cluster, a } = await clusterWithSession();
  await cluster.time.elapse(2_900);
  expect(a.of('keepAlive')).toHaveLength(0);
  await cluster.time.elapse(200);
  expect(a.of('keepAlive')).toHaveLength(1);
  await cluster.time.elapse(9_000);
  expect(a.of('keepAlive')).toHaveLength(4);
});

it('counts its time from when it was asked for, not from the answer', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  a.serve = (request) => (request.kind === 'open' ? undefined : cluster.store.serve(request));
  const put = watched(kv.put('n', '0'));
  await cluster.time.elapse(2_000);
  const [open] = a.of('open');
  open?.answer(cluster.store.serve(open.request));
  await cluster.time.elapse(900);
  expect(put.state).toBe('fulfilled');
  expect(a.of('keepAlive')).toHaveLength(0);
  await cluster.time.elapse(100);
  expect(a.of('keepAlive')).toHaveLength(1);
});

it('is given up for new writes when its time is over unheard, not for those that have a place in it', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  const placed = await cutOffWithPlacedWrite(cluster, a, kv);
  await cluster.time.elapse(9_000);
  const later = watched(kv.put('later', '', { timeoutMs: 20_000 }));
  let refusals = 1;
  // It is sent again when there is a new session already.
  a.serve = (request) =>
    request.kind === 'write' && refusals-- > 0 ? failed('overloaded') : cluster.store.serve(request);
  cluster.gone.clear();
  await cluster.time.elapse(10_000);
  // The cluster had kept the old one, so the write that stood in it was applied there, once.
  expect([placed.state, later.state]).toEqual(['fulfilled', 'fulfilled']);
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '10/2/2', '20/1/1', '10/2/2']);
  expect(cluster.store.applied).toBe(3);
});

it('is kept by a client that was cut off for less than its time', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  const placed = await cutOffWithPlacedWrite(cluster, a, kv);
  await cluster.time.elapse(5_000);
  cluster.gone.clear();
  await cluster.time.elapse(2_000);
  await Promise.all([kv.put('later', ''), cluster.time.settle()]);
  expect(placed.state).toBe('fulfilled');
  expect(a.of('open')).toHaveLength(1);
  expect(a.of('keepAlive').length).toBeGreaterThanOrEqual(1);
  expect(a.positions.at(-1)).toBe('10/3/3');
});

it('is kept by a client that writes once in a while', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  await cluster.time.elapse(60_000);
  await Promise.all([kv.put('n', '1'), cluster.time.settle()]);
  expect(a.positions).toEqual(['10/1/1', '10/2/2']);
});

it('serves writes also where it lives for no time at all, and is not asked for in a loop', async () => {
  const cluster = new ScriptedCluster();
  cluster.store.ttlMs = 0;
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  const puts = ['a', 'b', 'c'].map((key) => watched(kv.put(key, '')));
  await cluster.time.elapse(1_000);
  expect(puts.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect(a.of('open')).toHaveLength(1);
  expect(a.of('keepAlive').length).toBeLessThanOrEqual(20);
});

it('is kept alive through refusals and broken connections', async () => {
  const { cluster, a } = await clusterWithSession();
  a.serve = (request) => (request.kind === 'keepAlive' ? failed('not-leader') : undefined);
  await cluster.time.elapse(3_500);
  const before = a.of('keepAlive').length;
  expect(before).toBeGreaterThan(2);
  a.serve = () => undefined;
  await cluster.time.elapse(1_000);
  a.cut();
  a.serve = (request) => cluster.store.serve(request);
  await cluster.time.elapse(100);
  const after = a.of('keepAlive').length;
  await cluster.time.elapse(2_500);
  expect(a.of('keepAlive')).toHaveLength(after);
  await cluster.time.elapse(600);
  expect(a.of('keepAlive')).toHaveLength(after + 1);
});

it('ends a write whose only attempt found it expired as not applied, and opens another for the next', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  cluster.store.sessions.clear();
  const put = watched(kv.put('n', '1'));
  await cluster.time.settle();
  expect(put.error).toMatchObject({ code: 'KV_SESSION_EXPIRED', outcome: 'not-applied', retryable: true });
  await Promise.all([kv.put('n', '2'), cluster.time.settle()]);
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '20/1/1']);
  expect(new Set(a.of('open').map(({ request }) => request.nonce.join())).size).toBe(2);
});

it('ends a write with an attempt of unknown outcome as unknown, and sends it under no other session', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  a.serve = (request) => (request.kind === 'write' ? undefined : cluster.store.serve(request));
  const put = watched(kv.put('n', '1'));
  await cluster.time.settle();
  cluster.store.sessions.clear();
  a.serve = (request) => cluster.store.serve(request);
  a.cut();
  await cluster.time.settle();
  expect(put.error).toMatchObject({ code: 'KV_SESSION_EXPIRED', outcome: 'unknown', retryable: false });
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '10/2/2']);
});

it('moves writes that were never sent to a new session', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ maxInFlight: 1 });
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  cluster.store.sessions.clear();
  const first = watched(kv.put('n', '1'));
  const second = watched(kv.put('n', '2'));
  await cluster.time.settle();
  expect(first.error).toMatchObject({ code: 'KV_SESSION_EXPIRED', outcome: 'not-applied' });
  expect(second.state).toBe('fulfilled');
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '20/1/1']);
});

it('ends refused writes that wait for another attempt as not applied', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  a.serve = (request) => (request.kind === 'write' ? failed('overloaded') : cluster.store.serve(request));
  const waits = watched(kv.put('a', ''));
  await cluster.time.settle();
  a.serve = (request) =>
    request.kind === 'write' ? refused('session-expired') : cluster.store.serve(request);
  // The other write brings the news.
  const meets = watched(kv.put('b', ''));
  await cluster.time.settle();
  for (const { error } of [waits, meets]) {
    expect(error).toMatchObject({ code: 'KV_SESSION_EXPIRED', outcome: 'not-applied' });
  }
});

it('lets attempts under way have their own answer when it has expired', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  a.serve = (request) => (request.kind === 'write' ? undefined : cluster.store.serve(request));
  const calls = ['b', 'c', 'd', 'e', 'f'].map((key) => watched(kv.put(key, '')));
  await cluster.time.settle();
  const [, b, c, d, e] = a.of('write');
  b?.answer(refused('session-expired'));
  c?.answer({ kind: 'outcome', outcome: { kind: 'put', revision: 2, version: 1 } });
  d?.answer(refused('session-expired'));
  e?.answer(failed('outcome-unknown', 'unknown'));
  await cluster.time.settle();
  expect(calls[4]?.state).toBe('pending');
  a.cut();
  await cluster.time.elapse(100);
  expect(calls.map(({ value, error }) => error ?? value)).toEqual([
    expired('not-applied'),
    { revision: 2, version: 1 },
    expired('not-applied'),
    expired('unknown'),
    expired('unknown'),
  ]);
  expect(a.positions).toHaveLength(6);
});

it('is replaced when the answer to a keep-alive says that it has expired', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  cluster.store.sessions.clear();
  await cluster.time.elapse(3_100);
  const put = watched(kv.put('n', '1'));
  await cluster.time.settle();
  expect(put.state).toBe('fulfilled');
  expect(a.positions.at(-1)).toBe('20/1/1');
});

it('refuses writes, not reads, where the cluster takes no more sessions', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  a.serve = (request) =>
    request.kind === 'open'
      ? { kind: 'outcome', outcome: { kind: 'refused', reason: 'too-many-sessions' } }
      : cluster.store.serve(request);
  const kv = await cluster.client();
  const [put, got] = [watched(kv.put('a', '')), watched(kv.get('a'))];
  await cluster.time.settle();
  expect(put.error).toMatchObject({ code: 'KV_OVERLOADED', outcome: 'not-applied', retryable: true });
  expect(got.state).toBe('fulfilled');
});

it('is ended by close, which waits for that a short while only', async () => {
  const { cluster, a, kv } = await clusterWithSession();
  const closed = watched(kv.close());
  await cluster.time.settle();
  expect(closed.state).toBe('fulfilled');
  expect(a.of('end').map(({ request }) => request.session)).toEqual([10]);
  expect(cluster.store.sessions.size).toBe(0);
  expect(cluster.time.timerCount).toBe(0);

  const deaf = await clusterWithSession();
  deaf.a.serve = () => undefined;
  const late = watched(deaf.kv.close());
  await deaf.cluster.time.elapse(499);
  expect(late.state).toBe('pending');
  await deaf.cluster.time.elapse(1);
  expect(late.state).toBe('fulfilled');
  expect(deaf.cluster.time.timerCount).toBe(0);
});

/** Its node is gone after it got a write and before it answered. */
async function cutOffWithPlacedWrite(
  cluster: ScriptedCluster,
  a: ScriptedNode,
  kv: KvClient,
): Promise<Ended> {
  a.serve = () => undefined;
  const placed = watched(kv.put('placed', '', { timeoutMs: 60_000 }));
  await cluster.time.settle();
  a.serve = (request) => cluster.store.serve(request);
  cluster.gone.add(a.url);
  a.cut();
  await cluster.time.settle();
  return placed;
}

function expired(outcome: string): unknown {
  return having({ code: 'KV_SESSION_EXPIRED', outcome });
}
