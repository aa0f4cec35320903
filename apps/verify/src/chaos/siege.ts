/** One cluster, from its start to the comparison of its disks: attacked in rounds, and healed and checked after each. */

import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@raftkv/kv-client';
import {
  prepareLocalCluster,
  type Held,
  type LocalCluster,
  type LocalNodeEvent,
} from '@raftkv/server/local-cluster';
import { attack, type Deed } from './attack.ts';
import {
  checkEqual,
  checkHistory,
  checkOnce,
  type Failure,
  type Holdings,
  type Promised,
} from '../workload/check.ts';
import { ask, sharedKeys } from '../workload/calls.ts';
import { Load } from './clients.ts';
import { fingerprintOf } from './disk-log.ts';
import { History } from '../workload/history.ts';
import { Network } from './network.ts';
import { complaintsIn, lastLinesOf } from './node-logs.ts';
import type { Step } from './plan.ts';
import { Random } from './random.ts';

export interface SiegeOptions {
  /** Made, and left to whoever asked for it. */
  readonly directory: string;
  readonly nodeCount: number;
  readonly clientCount: number;
  /** What the nodes' processes get before the program. */
  readonly execArgv: readonly string[];
  /** Once aborted, what is under way is cut short, and only what clients were told is checked. */
  readonly signal: AbortSignal;
  onDeed(deed: Deed): void;
}

export interface RoundResult {
  readonly operations: number;
  readonly unknown: number;
  readonly failures: readonly Failure[];
}

/** Once all is healed, how long anything may take: a few seconds at most, unless the machine has other things to do. */
const HEALED_MS = 30_000;
/** So that logs go over many segments. */
const SEGMENT_BYTES = 1024 * 1024;
/** How much of a node's log is told where it ended by itself. */
const LAST_LINES = 15;

export class Siege {
  private readonly options: SiegeOptions;
  private readonly network: Network;
  private readonly cluster: LocalCluster;
  private readonly ends: { readonly name: string; readonly reason: string }[];
  private readonly histories: History[] = [];

  private constructor(
    options: SiegeOptions,
    network: Network,
    cluster: LocalCluster,
    ends: { name: string; reason: string }[],
  ) {
    this.options = options;
    this.network = network;
    this.cluster = cluster;
    this.ends = ends;
  }

  /** @throws {LocalNodeError} if a node does not start. */
  static async begin(options: SiegeOptions): Promise<Siege> {
    const { directory, nodeCount, execArgv } = options;
    const network = await Network.open(nodeCount);
    const ends: { name: string; reason: string }[] = [];
    const onEvent = (name: string, event: LocalNodeEvent): void => {
      if (event.kind === 'ended' && !event.isExpected) ends.push({ name, reason: event.reason });
    };
    const more = { directory, execArgv, segmentBytes: SEGMENT_BYTES, onEvent };
    const cluster = await prepareLocalCluster({ ...network.clusterOptions, ...more });
    const siege = new Siege(options, network, cluster, ends);
    try {
      await cluster.start();
    } catch (error) {
      await siege.abandon();
      throw error;
    }
    return siege;
  }

  /** @param round names what is kept of it; no other of this cluster has the same. */
  async round(round: number, steps: readonly Step[], random: Random): Promise<RoundResult> {
    const history = new History();
    this.histories.push(history);
    const failures = await this.failuresOf(() => this.fight(round, steps, random, history));
    await this.keep(round, history);
    failures.push(...checkHistory(history));
    const { operations, unknownCount: unknown } = history;
    return { operations: operations.length, unknown, failures };
  }

  /** All that was ever acknowledged, once more; then all nodes end, and their disks are compared. */
  async end(): Promise<Failure[]> {
    if (this.options.signal.aborted) {
      await this.abandon();
      return [];
    }
    return this.failuresOf(async () => {
      await this.promised('live', () => this.cluster.untilCaughtUp(HEALED_MS));
      const failures: Failure[] = [];
      for (const history of this.histories)
        failures.push(...checkOnce(history, await this.holdings(history)));
      const statuses = await Promise.all(this.cluster.nodes.map((node) => node.status()));
      const through = Math.min(...statuses.map((status) => status?.commitIndex ?? 0));
      await this.cluster.close();
      this.network.close();
      return [...failures, ...(await this.compareDisks(through)), ...(await this.complaints())];
    });
  }

  /** Ends everything, whatever state it is in. */
  async abandon(): Promise<void> {
    await Promise.all(this.cluster.nodes.map((node) => node.kill()));
    this.network.close();
  }

  private async fight(
    round: number,
    steps: readonly Step[],
    random: Random,
    history: History,
  ): Promise<Failure[]> {
    const { clientCount, signal } = this.options;
    const { cluster, network } = this;
    const prefix = `round-${round}`;
    const load = await this.promised('live', () =>
      Load.start({ endpoints: network.endpoints, clientCount, prefix, history, random }),
    );
    const onDeed = (deed: Deed, what: string): void => this.onDeed(round, deed, what);
    try {
      await this.promised('alive', () => attack({ cluster, network, steps, random, signal, onDeed }));
    } finally {
      await load.stop(signal.aborted);
    }
    if (signal.aborted || this.ends.length > 0) return [];
    await this.settle(prefix, history);
    const holdings = await this.holdings(history);
    return [...checkOnce(history, holdings), ...checkEqual(holdings), ...(await this.compareStatuses())];
  }

  /** The cluster serves, from the last word of each key to a new write, and every node hears of it. */
  private async settle(prefix: string, history: History): Promise<void> {
    const { cluster, network, options } = this;
    await this.promised('live', async () => {
      await cluster.untilLed(HEALED_MS);
      await using kv = await connect({ endpoints: network.endpoints, timeoutMs: HEALED_MS });
      const last = { kind: 'put', key: `${prefix}/once/last`, value: 'last', ifRevision: null } as const;
      const reads = sharedKeys(prefix).map((key) => ({ kind: 'get', key }) as const);
      for (const input of [last, ...reads]) {
        const output = await history.record(options.clientCount, input, () => ask(kv, input, HEALED_MS));
        if (output === null) throw new Error(`no answer to ${JSON.stringify(input)} within ${HEALED_MS} ms`);
      }
      await cluster.untilCaughtUp(HEALED_MS);
    });
  }

  private async holdings(history: History): Promise<Holdings> {
    const asked = [...history.operations.map(({ input }) => input), ...history.refused];
    const keys = [...new Set(asked.map(({ key }) => key))];
    const holdings = new Map<string, ReadonlyMap<string, Held | null>>();
    for (const node of this.cluster.nodes) {
      const held = await this.promised('live', () => node.held(keys));
      holdings.set(node.name, new Map(keys.map((key, at) => [key, held[at] ?? null])));
    }
    return holdings;
  }

  private async compareStatuses(): Promise<Failure[]> {
    const statuses = await Promise.all(this.cluster.nodes.map((node) => node.status()));
    const texts = statuses.map((status) => JSON.stringify([status?.revision, status?.keys]));
    if (new Set(texts).size <= 1) return [];
    return [{ promise: 'nodes-equal', what: `revision and number of keys: ${texts.join(', ')}` }];
  }

  private async compareDisks(through: number): Promise<Failure[]> {
    const names = this.cluster.nodes.map(({ name }) => name);
    const logs: [string, string][] = [];
    for (const { name, dataDirectory } of this.cluster.nodes) {
      logs.push([name, await fingerprintOf(dataDirectory, name, names, through)]);
    }
    if (new Set(logs.map(([, fingerprint]) => fingerprint)).size <= 1) return [];
    return [{ promise: 'disks-equal', what: `up to entry ${through}: ${JSON.stringify(logs)}` }];
  }

  /** What `act` finds, and what it dies of; and which nodes ended by themselves meanwhile. */
  private async failuresOf(act: () => Promise<Failure[]>): Promise<Failure[]> {
    const failures: Failure[] = [];
    try {
      failures.push(...(await act()));
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      // Where a node has ended by itself, that is what there is to tell.
      if (this.ends.length === 0) failures.push({ promise: error.promise, what: error.message });
    }
    if (this.options.signal.aborted) return failures;
    for (const { name, reason } of this.ends.splice(0)) {
      const lines = await lastLinesOf(join(this.options.directory, `${name}.log`), LAST_LINES);
      failures.push({ promise: 'alive', what: `${name} ended by itself: ${reason}\n${lines}` });
    }
    return failures;
  }

  private async promised<Result>(promise: Promised, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act();
    } catch (error) {
      throw new BrokenPromise(promise, error);
    }
  }

  private async complaints(): Promise<Failure[]> {
    const failures: Failure[] = [];
    for (const { name, logFile } of this.cluster.nodes) {
      const [first, ...others] = await complaintsIn(logFile);
      if (first === undefined) continue;
      failures.push({
        promise: 'understood',
        what: `${name} says, and ${others.length} times more: ${first}`,
      });
    }
    return failures;
  }

  private onDeed(round: number, deed: Deed, what: string): void {
    this.options.onDeed(deed);
    const line = JSON.stringify({ round, at: performance.now(), deed, what });
    appendFileSync(join(this.options.directory, 'deeds.jsonl'), `${line}\n`);
  }

  /** Before it is checked: whatever the check comes to, it is there. */
  private async keep(round: number, { operations }: History): Promise<void> {
    const file = join(this.options.directory, `history-${round}.jsonl`);
    await writeFile(file, operations.map((operation) => `${JSON.stringify(operation)}\n`).join(''));
  }
}

class BrokenPromise extends Error {
  readonly promise: Promised;

  constructor(promise: Promised, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.promise = promise;
  }
}
