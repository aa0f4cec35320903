/** Writes are applied once, however often they are sent (R35). */

import { expect, it } from 'vitest';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { failed, refused } from './support/node.ts';

it('writes and reads back', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  const put = watched(kv.put('color', 'green'));
  await cluster.time.settle();
  expect(put.value).toEqual({ revision: 1, version: 1 });
  const got = watched(kv.get('color'));
  const absent = watched(kv.get('size'));
  await cluster.time.settle();
  expect(got.value).toMatchObject({ createRevision: 1, modRevision: 1, version: 1 });
  expect(absent.value).toBeNull();
});

it('opens one session with a nonce of 16 bytes at the first write, and none for reads', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.get('a'), cluster.time.settle()]);
  expect(a.of('open')).toHaveLength(0);
  await Promise.all([kv.put('a', '1'), kv.put('b', '2'), cluster.time.settle()]);
  expect(a.of('open').map(({ request }) => request.nonce.length)).toEqual([16]);
});

it('repeats the nonce when the opening of the session has to be repeated', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  a.serve = () => undefined;
  const kv = await cluster.client();
  const put = watched(kv.put('a', '1'));
  await cluster.time.settle();
  a.cut();
  await cluster.time.settle();
  a.of('open')[1]?.answer(failed('not-leader'));
  a.serve = (request) => cluster.store.serve(request);
  await cluster.time.elapse(100);
  const nonces = a.of('open').map(({ request }) => request.nonce.join());
  expect(nonces).toHaveLength(3);
  expect(new Set(nonces).size).toBe(1);
  expect(put.state).toBe('fulfilled');
});

it('numbers writes from 1 in the order of the calls, and acknowledges below the lowest that is awaited', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('a', '1'), cluster.time.settle()]);
  const calls = ['b', 'c', 'd'].map((key) => kv.put(key, ''));
  await Promise.all([...calls, cluster.time.settle()]);
  await Promise.all([kv.delete('a'), cluster.time.settle()]);
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '10/3/2', '10/4/2', '10/5/5']);
});

it('acknowledges a call that timed out or was aborted from then on', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('a', '1'), cluster.time.settle()]);
  a.serve = () => undefined;
  const controller = new AbortController();
  const late = watched(kv.put('b', '', { timeoutMs: 100 }));
  const aborted = watched(kv.put('c', '', { signal: controller.signal }));
  await cluster.time.elapse(100);
  controller.abort();
  await cluster.time.settle();
  expect([late.state, aborted.state]).toEqual(['rejected', 'rejected']);
  watched(kv.put('d', ''));
  await cluster.time.settle();
  expect(a.positions.at(-1)).toBe('10/4/4');
});

it('sends a write again in the same place when the connection breaks before the answer', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  a.serve = (request) => {
    // It goes through, and the answer is lost.
    cluster.store.serve(request);
    a.cut();
    a.serve = (again) => cluster.store.serve(again);
    return undefined;
  };
  const put = watched(kv.put('n', '1'));
  await cluster.time.settle();
  expect(put.value).toEqual({ revision: 2, version: 2 });
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '10/2/2']);
  expect(cluster.store.applied).toBe(2);
});

it.each(['not-leader', 'overloaded', 'unavailable', 'outcome-unknown'] as const)(
  'sends a write again in the same place after %s',
  async (code) => {
    const cluster = new ScriptedCluster();
    const a = cluster.node('ws://a');
    const kv = await cluster.client();
    await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
    let refusals = 3;
    a.serve = (request) => (refusals-- > 0 ? failed(code) : cluster.store.serve(request));
    const put = watched(kv.put('n', '1'));
    await cluster.time.elapse(2_000);
    expect(put.value).toEqual({ revision: 2, version: 2 });
    expect(new Set(a.positions.slice(1))).toEqual(new Set(['10/2/2']));
  },
);

it('tries a write that finds the session full again under the same number', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  let refusals = 2;
  a.serve = (request) => (refusals-- > 0 ? refused('session-full') : cluster.store.serve(request));
  const put = watched(kv.put('n', '1'));
  await cluster.time.elapse(1_000);
  expect(put.state).toBe('fulfilled');
  expect(a.positions).toEqual(['10/1/1', '10/2/2', '10/2/2', '10/2/2']);
});

it('holds a write back while its place is beyond what a session may have under way', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  let held = '';
  a.serve = (request) => {
    if (request.kind === 'write' && request.position.sequence === 1) return undefined;
    return cluster.store.serve(request);
  };
  const kv = await cluster.client({ maxInFlight: 4, silenceMs: 60_000 });
  const first = watched(kv.put('stuck', ''));
  await cluster.time.settle();
  for (let count = 0; count < 1023; count += 3) {
    await Promise.all([kv.put('a', ''), kv.put('b', ''), kv.put('c', ''), cluster.time.settle()]);
  }
  const beyond = watched(kv.put('beyond', ''));
  await cluster.time.settle();
  held = a.positions.at(-1) ?? '';
  expect(held).toBe('10/1024/1');
  expect(beyond.state).toBe('pending');
  const stuck = a.of('write')[0];
  if (stuck !== undefined) stuck.answer(cluster.store.serve(stuck.request));
  await cluster.time.settle();
  expect([first.state, beyond.state]).toEqual(['fulfilled', 'fulfilled']);
  expect(a.positions.at(-1)).toBe('10/1025/1025');
});

it('ends a write as the state machine says where its place is refused for good', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  a.serve = () => refused('invalid');
  const invalid = watched(kv.put('n', '1'));
  await cluster.time.settle();
  expect(invalid.error).toMatchObject({ code: 'KV_PROTOCOL', outcome: 'not-applied' });
  a.serve = () => refused('already-acknowledged');
  const dropped = watched(kv.put('n', '1'));
  await cluster.time.settle();
  expect(dropped.error).toMatchObject({ code: 'KV_PROTOCOL', outcome: 'unknown' });
});

it('does not repeat what the cluster calls invalid', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  a.serve = () => failed('invalid-request');
  const put = watched(kv.put('n', '1'));
  await cluster.time.elapse(10_000);
  expect(put.error).toMatchObject({ code: 'KV_INVALID_ARGUMENT', outcome: 'not-applied' });
  expect(a.positions).toHaveLength(2);
});

it('says what the key is at where a condition fails, and that nothing was applied', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0', { ifAbsent: true }), cluster.time.settle()]);
  const calls = [
    watched(kv.put('n', '1', { ifAbsent: true })),
    watched(kv.put('m', '1', { ifRevision: 7 })),
    watched(kv.delete('n', { ifRevision: 7 })),
    watched(kv.delete('n', { ifRevision: 1 })),
    watched(kv.delete('n')),
  ];
  await cluster.time.settle();
  expect(calls.map(({ value, error }) => error ?? value)).toEqual([
    conditionFailed(1),
    conditionFailed(0),
    conditionFailed(1),
    { revision: 2, deleted: true },
    { revision: 2, deleted: false },
  ]);
});

function conditionFailed(current: number): unknown {
  return having({ code: 'KV_CONDITION_FAILED', outcome: 'not-applied', current });
}
