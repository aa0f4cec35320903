/** No call hangs: each ends by its answer, its time, its signal, or the close of the client. */

import { expect, it } from 'vitest';
import { connect, type KvClient } from '../src/index.ts';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { containing, having } from './support/matching.ts';
import { failed, type ScriptedNode } from './support/node.ts';

/** What a call may be doing when it ends, and what is then known of a write. */
const PHASES = {
  'waits for another call': { outcome: 'not-applied', enter: full },
  'waits for its session': { outcome: 'not-applied', enter: deaf },
  'waits for a node': { outcome: 'not-applied', enter: cutOff },
  'waits after a refusal': { outcome: 'not-applied', enter: refusing },
  'is under way': { outcome: 'unknown', enter: silentToWrites },
  'waits for a node after an attempt': { outcome: 'unknown', enter: cutOffAfterAttempt },
  'waits after an attempt of unknown outcome': { outcome: 'unknown', enter: unsure },
} as const;
type Phase = keyof typeof PHASES;
const NAMES = Object.keys(PHASES) as Phase[];

it.each(NAMES)('ends a write by its time while it %s', async (name) => {
  const { cluster, kv } = await entered(name);
  const put = watched(kv.put('k', 'v', { timeoutMs: 700 }));
  await cluster.time.elapse(699);
  expect(put.state).toBe('pending');
  await cluster.time.elapse(1);
  const { outcome } = PHASES[name];
  expect(put.error).toMatchObject({ code: 'KV_TIMEOUT', outcome, retryable: outcome === 'not-applied' });
});

it.each(NAMES)('ends a write by its signal, with the reason as it is, while it %s', async (name) => {
  const { cluster, kv } = await entered(name);
  const controller = new AbortController();
  const put = watched(kv.put('k', 'v', { signal: controller.signal }));
  await cluster.time.elapse(300);
  const reason = { why: 'enough' };
  controller.abort(reason);
  await cluster.time.settle();
  expect(put.error).toBe(reason);
  expect(reason).toEqual({ why: 'enough' });
});

it.each(NAMES)('ends a write by close while it %s', async (name) => {
  const { cluster, kv } = await entered(name);
  const put = watched(kv.put('k', 'v'));
  await cluster.time.elapse(300);
  const closed = watched(kv.close());
  await cluster.time.elapse(500);
  expect(put.error).toMatchObject({ code: 'KV_CLOSED', outcome: PHASES[name].outcome, retryable: false });
  expect(closed.state).toBe('fulfilled');
  expect(cluster.time.timerCount).toBe(0);
});

it('begins nothing for a signal that is aborted already', async () => {
  const { cluster, kv, a } = await entered('is under way');
  const before = a.asked.length;
  const got = watched(kv.get('k', { signal: AbortSignal.abort('no') }));
  await cluster.time.settle();
  expect(got.error).toBe('no');
  expect(a.asked).toHaveLength(before);
});

it('refuses calls after close, and closes once', async () => {
  const cluster = new ScriptedCluster();
  cluster.node('ws://a');
  const kv = await cluster.client();
  const first = kv.close();
  expect(kv.close()).toBe(first);
  await Promise.all([first, cluster.time.settle()]);
  await expect(kv.get('k')).rejects.toMatchObject({ code: 'KV_CLOSED', outcome: 'not-applied' });
});

it('is closed at the end of its block', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv[Symbol.asyncDispose](), cluster.time.settle()]);
  expect(a.sockets[0]?.isClosed).toBe(true);
});

it('ends calls when no node could be reached for offlineWaitMs', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ maxInFlight: 2, offlineWaitMs: 1_000 });
  cluster.gone.add('ws://a');
  a.cut();
  const early = [watched(kv.get('a')), watched(kv.get('b')), watched(kv.get('c'))];
  await cluster.time.elapse(600);
  const later = watched(kv.put('d', ''));
  await cluster.time.elapse(400);
  for (const { error } of early) {
    expect(error).toMatchObject({
      code: 'KV_UNAVAILABLE',
      outcome: 'not-applied',
      cause: having({ message: containing('refused') }),
    });
  }
  expect(later.state).toBe('pending');
  await cluster.time.elapse(600);
  expect(later.error).toMatchObject({ code: 'KV_UNAVAILABLE', outcome: 'not-applied' });
});

it('says unknown of a write that had been sent when no node could be reached any more', async () => {
  const { cluster, kv } = await entered('waits for a node after an attempt');
  const put = watched(kv.put('k', 'v'));
  await cluster.time.elapse(3_100);
  expect(put.error).toMatchObject({ code: 'KV_UNAVAILABLE', outcome: 'unknown' });
});

it('keeps waiting calls to maxInFlight + maxWaiting, and takes more as they end', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ maxInFlight: 2, maxWaiting: 1 });
  a.serve = () => undefined;
  const calls = ['a', 'b', 'c', 'd'].map((key) => watched(kv.get(key)));
  await cluster.time.settle();
  expect(calls.map(({ state }) => state)).toEqual(['pending', 'pending', 'pending', 'rejected']);
  expect(calls[3]?.error).toMatchObject({ code: 'KV_OVERLOADED', outcome: 'not-applied', retryable: true });
  expect(a.of('get')).toHaveLength(2);
  a.of('get')[0]?.answer({ kind: 'value', entry: null, revision: 0 });
  await cluster.time.settle();
  expect(a.of('get')).toHaveLength(3);
});

it('keeps the bytes of calls under way to pendingBytesMax, but always takes one', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ pendingBytesMax: 100 });
  a.serve = () => undefined;
  const large = watched(kv.put('k', new Uint8Array(1_000)));
  const small = watched(kv.put('k', 'v'));
  await cluster.time.settle();
  expect(large.state).toBe('pending');
  expect(small.error).toMatchObject({ code: 'KV_OVERLOADED' });
  await cluster.time.elapse(5_000);
  expect(large.state).toBe('rejected');
  expect(watched(kv.put('k', 'v')).state).toBe('pending');
});

it('ends connect by its time, its signal, or when no node can be reached', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  cluster.gone.add('ws://a');
  const unreachable = watched(connect(cluster.options()));
  await cluster.time.elapse(3_000);
  expect(unreachable.error).toMatchObject({ code: 'KV_UNAVAILABLE', outcome: 'not-applied' });

  const late = watched(connect(cluster.options({ timeoutMs: 2_000 })));
  await cluster.time.elapse(2_000);
  expect(late.error).toMatchObject({
    code: 'KV_TIMEOUT',
    cause: having({ code: 'KV_UNAVAILABLE' }),
  });

  const controller = new AbortController();
  const aborted = watched(connect(cluster.options({ signal: controller.signal })));
  await cluster.time.elapse(100);
  controller.abort('enough');
  await cluster.time.settle();
  expect(aborted.error).toBe('enough');
  expect(watched(connect(cluster.options({ signal: AbortSignal.abort('no') }))).state).toBe('pending');

  await cluster.time.settle();
  expect(cluster.time.timerCount).toBe(0);
  const dials = cluster.dialled.length;
  cluster.gone.delete('ws://a');
  await cluster.time.elapse(10_000);
  expect(cluster.dialled).toHaveLength(dials);
  expect(a.sockets).toHaveLength(0);
});

it('leaves nothing behind of calls that ended', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client();
  await Promise.all([kv.put('k', ''), cluster.time.settle()]);
  const timers = cluster.time.timerCount;
  const { signal } = new AbortController();
  const added = { count: 0 };
  signal.addEventListener = () => void (added.count += 1);
  signal.removeEventListener = () => void (added.count -= 1);
  a.serve = (request) => (request.kind === 'keepAlive' ? undefined : cluster.store.serve(request));
  for (let count = 0; count < 50; count += 1) {
    await Promise.all([kv.put('k', '', { signal }), kv.get('k', { signal }), cluster.time.settle()]);
  }
  expect(cluster.time.timerCount).toBe(timers);
  expect(added.count).toBe(0);
});

interface Setting {
  cluster: ScriptedCluster;
  a: ScriptedNode;
  kv: KvClient;
}

async function entered(phase: Phase): Promise<Setting> {
  const cluster = new ScriptedCluster();
  const a = cluster.node('ws://a');
  const kv = await cluster.client({ maxInFlight: 2 });
  const setting = { cluster, a, kv };
  await PHASES[phase].enter(setting);
  return setting;
}

async function full({ cluster, a, kv }: Setting): Promise<void> {
  a.serve = () => undefined;
  for (const key of ['x', 'y']) watched(kv.get(key));
  await cluster.time.settle();
}

async function deaf({ a }: Setting): Promise<void> {
  a.serve = () => undefined;
  await Promise.resolve();
}

async function cutOff({ cluster, a }: Setting): Promise<void> {
  cluster.gone.add('ws://a');
  a.cut();
  await cluster.time.settle();
}

async function refusing({ cluster, a, kv }: Setting): Promise<void> {
  await Promise.all([kv.put('n', ''), cluster.time.settle()]);
  a.serve = () => failed('overloaded');
}

async function silentToWrites({ cluster, a, kv }: Setting): Promise<void> {
  await Promise.all([kv.put('n', ''), cluster.time.settle()]);
  a.serve = (request) => (request.kind === 'write' ? undefined : cluster.store.serve(request));
}

async function cutOffAfterAttempt({ cluster, a, kv }: Setting): Promise<void> {
  await Promise.all([kv.put('n', ''), cluster.time.settle()]);
  a.serve = () => {
    cluster.gone.add('ws://a');
    a.cut();
    return undefined;
  };
}

async function unsure({ cluster, a, kv }: Setting): Promise<void> {
  await Promise.all([kv.put('n', ''), cluster.time.settle()]);
  let attempts = 0;
  // Refused for certain later: that takes nothing back of the first attempt.
  a.serve = () => ((attempts += 1) === 1 ? failed('outcome-unknown', 'unknown') : failed('not-leader'));
}
