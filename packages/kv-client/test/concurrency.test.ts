/** One client may be used by any number of calls at once, whatever happens to its connections. */

import { expect, it } from 'vitest';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { having } from './support/matching.ts';

it('serves 200 overlapping puts, gets and conditional puts while connections break, each applied once', async () => {
  const cluster = new ScriptedCluster();
  const nodes = ['ws://a', 'ws://b', 'ws://c'].map((url) => cluster.node(url));
  const kv = await cluster.client({ maxInFlight: 32 });
  let served = 0;
  for (const node of nodes) {
    node.serve = (request) => {
      const response = cluster.store.serve(request);
      served += 1;
      // The request went through; with every tenth the connection breaks before the answer.
      if (served % 10 !== 0) return response;
      cluster.time.later(() => node.cut());
      return undefined;
    };
  }
  const calls = Array.from({ length: 200 }, (_, index) => {
    if (index % 4 === 0) return watched(kv.put(`own-${index}`, `${index}`));
    if (index % 4 === 1) return watched(kv.get('counter'));
    if (index % 4 === 2) return watched(kv.put('counter', `${index}`));
    return watched(kv.put('once', `${index}`, { ifAbsent: true }));
  });
  await cluster.time.elapse(4_900);

  const of = (rest: number): typeof calls => calls.filter((_, index) => index % 4 === rest);
  expect(calls.filter(({ state }) => state === 'pending')).toEqual([]);
  expect(of(0).map(({ value }) => value)).toEqual(Array.from({ length: 50 }, () => having({ version: 1 })));
  expect(of(1).every(({ state }) => state === 'fulfilled')).toBe(true);
  const versions = of(2).map(({ value }) => (value as { version: number }).version);
  expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  expect(of(3).filter(({ state }) => state === 'fulfilled')).toHaveLength(1);
  expect(
    of(3).filter(({ error }) => (error as { code?: string } | undefined)?.code === 'KV_CONDITION_FAILED'),
  ).toHaveLength(49);
  expect(cluster.store.applied).toBe(150);
  expect(cluster.dialled.length).toBeGreaterThan(10);
}, 30_000);
