/** Has a cluster grow, shrink, and take new nodes for dead ones, while others do what they do to it. */

import { setTimeout } from 'node:timers/promises';
import { connect, KvError, type KvClient, type Membership } from '@raftkv/kv-client';
import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import { promised } from './broken-promise.ts';
import type { Change, Pace, PlannedChange } from './changes.ts';
import { votersOf, type Roles } from './membership-view.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import { fulfil, FULFILLED_MS, type Wish } from './wish.ts';

export interface OperatorOptions {
  readonly cluster: LocalCluster;
  readonly network: Network;
  /** Nodes that are not there for others to hurt. */
  readonly away: Set<LocalNode>;
  /** Those among them that never come back. */
  readonly dead: Set<LocalNode>;
  readonly random: Random;
  readonly signal: AbortSignal;
  onOutcome(what: string, outcome: string): void;
  /** One was removed that has a process, which is left as it is. */
  onRemoved(node: LocalNode): unknown;
}

const LOOKED_EVERY_MS = 50;

export class Operator {
  private readonly options: OperatorOptions;

  constructor(options: OperatorOptions) {
    this.options = options;
  }

  /** Resolves when all is as it was wanted. @throws {BrokenPromise} where that does not come to be. */
  async run(changes: readonly PlannedChange[]): Promise<void> {
    const { signal } = this.options;
    for (const { afterMs, change } of changes) {
      await setTimeout(afterMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.make(change);
    }
  }

  private make(change: Change): Promise<void> {
    switch (change.kind) {
      case 'grow':
        return this.grow(change.pace);
      case 'shrink':
        return this.shrink(change.pace, change.withLeader);
      case 'replace':
        return this.replace(change.pace, change.victim);
    }
  }

  private async grow(pace: Pace): Promise<void> {
    const voters = this.names();
    const joiners = [await this.joiner(), await this.joiner()];
    const groups = pace === 'at-once' ? [joiners] : joiners.map((joiner) => [joiner]);
    for (const group of groups) {
      await this.learn('grow', voters, group);
      voters.push(...group.map(({ name }) => name));
      await this.vote('grow', voters, group);
    }
  }

  private async shrink(pace: Pace, withLeader: boolean): Promise<void> {
    const { cluster, random } = this.options;
    const { leader } = cluster;
    const others = random.shuffled(cluster.nodes.filter((node) => node !== leader));
    const leaving = [...(withLeader && leader !== null ? [leader] : []), ...others].slice(0, 2);
    const groups = pace === 'at-once' ? [leaving] : leaving.map((node) => [node]);
    for (const group of groups) {
      const rest = this.names().filter((name) => !group.some((node) => node.name === name));
      const [only, second] = group;
      const isRemoval = only !== undefined && second === undefined;
      await this.fulfil({
        what: 'shrink',
        roles: votersOf(rest),
        isOneChange: true,
        ask: (kv, now, timeoutMs) =>
          isRemoval ? kv.cluster.remove(only.name, { timeoutMs }) : changeTo(kv, now, rest, [], timeoutMs),
      });
      for (const node of group) this.letGo(node);
    }
  }

  private async replace(pace: Pace, victim: 'dead' | 'leader' | 'any'): Promise<void> {
    const old = await this.victim(victim);
    const joiner = await this.joiner();
    const others = this.names().filter((name) => name !== old.name && name !== joiner.name);
    if (pace === 'at-once') {
      const address = joiner.peerUrl;
      await this.fulfil({
        what: `replace ${victim}`,
        roles: votersOf([...others, joiner.name]),
        isOneChange: false,
        ask: ({ cluster }, _, timeoutMs) => cluster.replace(old.name, joiner.name, address, { timeoutMs }),
      });
    } else {
      await this.learn(`replace ${victim}`, [...others, old.name], [joiner]);
      await this.vote(`replace ${victim}`, [...others, joiner.name], [joiner]);
    }
    this.letGo(old);
  }

  /** A single joiner by the words that there are for it, more of them by one change. */
  private learn(what: string, voters: readonly string[], joiners: readonly LocalNode[]): Promise<void> {
    const [only, second] = joiners;
    const named = joiners.map(({ name, peerUrl }) => ({ id: name, address: peerUrl }));
    const members = [...voters];
    return this.fulfil({
      what,
      roles: new Map([...votersOf(members), ...joiners.map(({ name }) => [name, 'learner'] as const)]),
      isOneChange: true,
      ask: (kv, now, timeoutMs) =>
        only !== undefined && second === undefined
          ? kv.cluster.addLearner(only.name, only.peerUrl, { timeoutMs })
          : changeTo(kv, now, members, named, timeoutMs),
    });
  }

  private vote(what: string, voters: readonly string[], joiners: readonly LocalNode[]): Promise<void> {
    const [only, second] = joiners;
    const members = [...voters];
    const roles: Roles = votersOf(members);
    const isPromotion = only !== undefined && second === undefined && what === 'grow';
    return this.fulfil({
      what,
      roles,
      isOneChange: true,
      ask: (kv, now, timeoutMs) =>
        isPromotion
          ? kv.cluster.promote(only.name, { timeoutMs })
          : changeTo(kv, now, members, [], timeoutMs),
    });
  }

  /** Started, on a directory and under a name that nobody had. It waits to be added. */
  private async joiner(): Promise<LocalNode> {
    const { cluster, network, away } = this.options;
    await network.prepare();
    const node = await cluster.join();
    away.add(node);
    await node.start();
    away.delete(node);
    return node;
  }

  /** One that is `dead` is nobody's to start again. */
  private async victim(kind: 'dead' | 'leader' | 'any'): Promise<LocalNode> {
    const { cluster, random, away, dead, signal } = this.options;
    if (kind === 'dead') await this.untilAllHaveLogs();
    for (;;) {
      const there = random.shuffled(cluster.nodes.filter((node) => kind !== 'dead' || !away.has(node)));
      const node = kind === 'leader' ? (cluster.leader ?? there[0]) : there[0];
      if (node !== undefined) {
        if (kind !== 'dead') return node;
        away.add(node);
        dead.add(node);
        await node.kill();
        return node;
      }
      await setTimeout(LOOKED_EVERY_MS, undefined, { signal });
    }
  }

  /**
   * A member that ends before its first write is done has nothing on disk, and asks all others whether it ever had (R28): one
   * of them gone for good would be two gone. No fault here takes a log that has begun.
   */
  private async untilAllHaveLogs(): Promise<void> {
    const { cluster, signal } = this.options;
    for (const node of cluster.nodes) {
      while (!signal.aborted && ((await node.status())?.durableIndex ?? 0) === 0) {
        await setTimeout(LOOKED_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  private letGo(node: LocalNode): void {
    this.options.cluster.forget(node);
    if (!this.options.dead.has(node)) this.options.onRemoved(node);
  }

  private async fulfil(wish: Wish): Promise<void> {
    await using kv = await promised('live', () => this.connected());
    await fulfil(wish, kv, this.options);
  }

  /** A client gives up early where nobody answers at all, as may be for a while. */
  private async connected(): Promise<KvClient> {
    const endMs = performance.now() + FULFILLED_MS;
    for (;;) {
      const endpoints = this.options.network.endpointsOf(this.names());
      try {
        return await connect({ endpoints, timeoutMs: FULFILLED_MS });
      } catch (error) {
        if (!(error instanceof KvError) || this.options.signal.aborted || performance.now() > endMs)
          throw error;
      }
    }
  }

  private names(): string[] {
    return this.options.cluster.nodes.map(({ name }) => name);
  }
}

function changeTo(
  { cluster }: KvClient,
  { index }: Membership,
  voters: readonly string[],
  learners: readonly { readonly id: string; readonly address: string }[],
  timeoutMs: number,
): Promise<{ index: number }> {
  return cluster.change({ voters: voters.map((id) => ({ id })), learners, ifIndex: index }, { timeoutMs });
}
