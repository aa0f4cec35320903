/** Seeded chance: whatever nodes and connections do, no call hangs and no outcome is a lie. */

import type { Request, Response } from '@raftkv/kv-protocol';
import { expect, it } from 'vitest';
import { KvError, type KvClient } from '../src/index.ts';
import { ScriptedCluster, watched, type Ended } from './support/cluster.ts';
import { failed, type ScriptedNode } from './support/node.ts';

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);
const CALLS = 60;

it.each(SEEDS)('holds what it promises in bad weather: seed %i', async (seed) => {
  const weather = new Weather(seed);
  const kv = await weather.cluster.client({
    maxInFlight: 8,
    offlineWaitMs: 800,
    helloTimeoutMs: 200,
    silenceMs: 400,
    timeoutMs: 1_500,
  });
  const calls: { key: string; ended: Ended }[] = [];
  for (let count = 0; count < CALLS; count += 1) {
    const key = `key-${count}`;
    calls.push({ key, ended: watched(kv.put(key, 'v')) });
    watched(kv.get(key));
    await weather.cluster.time.elapse(weather.below(40));
    weather.change();
  }
  await weather.cluster.time.elapse(1_500);
  expect(calls.filter(({ ended }) => ended.state === 'pending')).toEqual([]);

  // Copies still under way arrive when the session has moved on: they change nothing then, or were unknown.
  weather.calm();
  // Back-off, a node that is avoided, and one that knows nothing: by then the leader is found again.
  await weather.cluster.time.elapse(3_000);
  const versions = await versionsOf(weather, kv, calls);
  for (const [index, { key, ended }] of calls.entries()) {
    expect([key, isTrue(ended, versions[index] ?? 0), ended]).toEqual([key, true, ended]);
  }
  await Promise.all([kv.close(), weather.cluster.time.elapse(3_500)]);
  expect(weather.cluster.time.timerCount).toBe(0);
});

/** Whether what the call was told fits what the store has. */
function isTrue({ state, error }: Ended, version: number): boolean {
  if (state === 'fulfilled') return version === 1;
  if (!(error instanceof KvError)) return false;
  return error.outcome === 'not-applied' ? version === 0 : version <= 1;
}

async function versionsOf(
  { cluster }: Weather,
  kv: KvClient,
  calls: readonly { key: string }[],
): Promise<number[]> {
  const reads = calls.map(({ key }) => watched(kv.get(key)));
  await cluster.time.elapse(1_400);
  return reads.map(({ state, value }) => {
    if (state !== 'fulfilled') throw new Error('not read');
    return (value as { version: number } | null)?.version ?? 0;
  });
}

class Weather {
  readonly cluster = new ScriptedCluster();
  private readonly nodes: readonly ScriptedNode[];
  private leader = 0;
  private isCalm = false;
  private state: number;

  constructor(seed: number) {
    this.state = seed + 1;
    this.nodes = ['ws://a', 'ws://b', 'ws://c'].map((url) => this.cluster.node(url));
    for (const [index, node] of this.nodes.entries()) {
      node.serve = (request) => this.serve(node, index, request);
      node.directory = { leaderUrl: 'ws://a', urls: [] };
    }
  }

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  change(): void {
    const node = this.nodes[this.below(3)] as ScriptedNode;
    const { store, time, gone } = this.cluster;
    switch (this.below(12)) {
      case 0:
        return node.cut();
      case 1:
        gone.add(node.url);
        return node.cut();
      case 2:
      case 3:
        return gone.clear();
      case 4:
        return this.elect(this.below(3));
      case 5:
        if (this.below(4) === 0) store.sessions.clear();
        return;
      case 6:
        for (const socket of node.sockets.slice(-1)) socket.deliver('garbage');
        return;
      case 7:
        node.greets = !node.greets;
        return time.later(() => {});
      default:
    }
  }

  calm(): void {
    this.isCalm = true;
    this.cluster.gone.clear();
    for (const node of this.nodes) node.greets = true;
    this.elect(0);
  }

  private elect(leader: number): void {
    this.leader = leader;
    const leaderUrl = this.below(4) === 0 ? null : (this.nodes[leader]?.url ?? null);
    for (const node of this.nodes) node.announce({ leaderUrl, urls: [] });
  }

  private serve(node: ScriptedNode, index: number, request: Request): Response | undefined {
    const { store, time } = this.cluster;
    const leaderUrl = this.nodes[this.leader]?.url ?? null;
    if (this.leader !== index) return failed('not-leader', 'not-applied', leaderUrl);
    if (this.isCalm) return store.serve(request);
    switch (this.below(10)) {
      case 0:
        return failed('overloaded');
      case 1:
        return failed('unavailable', 'not-applied');
      case 2:
        // Lost on the way there.
        return undefined;
      case 3:
        // Applied, and the answer lost.
        store.serve(request);
        return undefined;
      case 4:
        store.serve(request);
        time.later(() => node.cut());
        return undefined;
      case 5:
        store.serve(request);
        return failed('outcome-unknown', 'unknown', leaderUrl);
      case 6:
        // Not yet: a copy that is applied when nobody expects it.
        time.setTimer(this.below(2_000), () => store.serve(request));
        return failed('outcome-unknown', 'unknown');
      default:
        return store.serve(request);
    }
  }
}
