/** One cluster, from its start to the comparison of its disks: attacked in rounds, and healed and checked after each. */

import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@raftkv/kv-client';
import {
  prepareLocalCluster,
  type LocalCluster,
  type LocalNode,
  type LocalNodeEvent,
} from '@raftkv/server/local-cluster';
import { attack, type Deed } from './attack.ts';
import { BrokenPromise, promised } from './broken-promise.ts';
import { checkCalm } from './calm.ts';
import type { PlannedChange } from './changes.ts';
import { checkEqual, checkHistory, checkOnce, type Failure } from '../workload/check.ts';
import { ask, sharedKeys } from '../workload/calls.ts';
import { fill, Load } from './clients.ts';
import { checkDisks } from './disk-log.ts';
import { History } from '../workload/history.ts';
import { checkStatuses, holdingsOf } from './holdings.ts';
import { Heard } from './heard.ts';
import { Network } from './network.ts';
import { checkLogs, lastLinesOf } from './node-logs.ts';
import { Operator } from './operator.ts';
import type { Step } from './plan.ts';
import { Random } from './random.ts';
import { checkShortLogs } from './short-logs.ts';
import type { SnapshotCounts } from './snapshot-counts.ts';
import { Transfers } from './transfers.ts';

export interface SiegeOptions {
  /** Made, and left to whoever asked for it. */
  readonly directory: string;
  readonly nodeCount: number;
  readonly clientCount: number;
  /** After how much of the log a snapshot is taken; null: as in service. */
  readonly snapshotLogBytes: number | null;
  /** Told of all nodes. */
  readonly snapshots: SnapshotCounts;
  /** What the nodes' processes get before the program. */
  readonly execArgv: readonly string[];
  /** Once aborted, what is under way is cut short, and only what clients were told is checked. */
  readonly signal: AbortSignal;
  onDeed(deed: Deed): void;
  /** How what an operator did ended, each time that it did. */
  onOutcome(what: string, outcome: string): void;
}

/** What befalls the cluster in a round. */
export interface RoundPlan {
  readonly steps: readonly Step[];
  readonly changes: readonly PlannedChange[];
}

export interface RoundResult {
  readonly operations: number;
  readonly unknown: number;
  readonly failures: readonly Failure[];
}

/** Once all is healed, how long anything may take: a few seconds at most, unless the machine has other things to do. */
const HEALED_MS = 60_000;
/** A transfer takes an election timeout at most, and more where something is in its way. */
const TRANSFER_MS = 4000;
/** So that logs go over many segments. */
const SEGMENT_BYTES = 1024 * 1024;
/** How much of a node's log is told where it ended by itself. */
const LAST_LINES = 15;

export class Siege {
  private readonly options: SiegeOptions;
  private readonly network: Network;
  private readonly cluster: LocalCluster;
  private readonly heard: Heard;
  /** Those whose processes run on. */
  private readonly removed: LocalNode[] = [];
  private readonly histories: History[] = [];

  private constructor(options: SiegeOptions, network: Network, cluster: LocalCluster, heard: Heard) {
    this.options = options;
    this.network = network;
    this.cluster = cluster;
    this.heard = heard;
  }

  /** @throws {LocalNodeError} if a node does not start. */
  static async begin(options: SiegeOptions): Promise<Siege> {
    const { directory, nodeCount, execArgv } = options;
    const network = await Network.open(nodeCount);
    const heard = new Heard();
    const onEvent = (name: string, event: LocalNodeEvent): void => heard.onEvent(name, event);
    const more = { directory, nodeCount, execArgv, segmentBytes: SEGMENT_BYTES, onEvent };
    const { snapshotLogBytes } = options;
    const cluster = await prepareLocalCluster({
      ...network.clusterOptions,
      ...more,
      ...(snapshotLogBytes === null ? {} : { snapshotLogBytes }),
    });
    const siege = new Siege(options, network, cluster, heard);
    try {
      await cluster.start();
    } catch (error) {
      await siege.abandon();
      throw error;
    }
    return siege;
  }

  /** Of those that there are now. */
  get nodeCount(): number {
    return this.cluster.nodes.length;
  }

  /** What clients are given: where those are that there are now. */
  private get endpoints(): readonly string[] {
    return this.network.endpointsOf(this.cluster.nodes.map(({ name }) => name));
  }

  /** @param round names what is kept of it; no other of this cluster has the same. */
  async round(round: number, plan: RoundPlan, random: Random): Promise<RoundResult> {
    const history = new History();
    this.histories.push(history);
    const failures = await this.failuresOf(() => this.fight(round, plan, random, history));
    await this.keep(round, history);
    failures.push(...checkHistory(history));
    const { operations, unknownCount: unknown } = history;
    return { operations: operations.length, unknown, failures };
  }

  /** All nodes are killed and come back with all that was ever acknowledged; then they end, and their disks are compared. */
  async end(): Promise<Failure[]> {
    if (this.options.signal.aborted) {
      await this.abandon();
      return [];
    }
    return this.failuresOf(async () => {
      await this.comeBack();
      const failures: Failure[] = [];
      for (const history of this.histories)
        failures.push(...checkOnce(history, await holdingsOf(this.cluster.nodes, history)));
      const statuses = await Promise.all(this.cluster.nodes.map((node) => node.status()));
      const through = Math.min(...statuses.map((status) => status?.commitIndex ?? 0));
      await this.cluster.close();
      this.network.close();
      const { directory } = this.options;
      const logFiles = [...this.heard.names].map((name) => join(directory, `${name}.log`));
      return [
        ...failures,
        ...(await checkDisks(this.cluster.nodes, through)),
        ...(await checkLogs(logFiles)),
      ];
    });
  }

  /** Ends everything, whatever state it is in. */
  async abandon(): Promise<void> {
    await Promise.all([...this.cluster.nodes, ...this.removed].map((node) => node.kill()));
    this.network.close();
  }

  private async fight(
    round: number,
    { steps, changes }: RoundPlan,
    random: Random,
    history: History,
  ): Promise<Failure[]> {
    const { clientCount, signal, snapshotLogBytes } = this.options;
    const { cluster, network, endpoints } = this;
    const isFilling = snapshotLogBytes !== null;
    const prefix = `round-${round}`;
    const transfers = new Transfers(this.heard.leaders);
    const onDeed = (deed: Deed, what: string): void => this.onDeed(round, deed, what);
    const onOutcome = (what: string, outcome: string): void => this.onOutcome(round, what, outcome);
    const sets = { away: new Set<LocalNode>(), dead: new Set<LocalNode>() };
    const either = AbortSignal.any([signal, this.heard.endSignal]);
    const shared = { cluster, network, ...sets, random, signal: either };
    const onRemoved = (node: LocalNode): unknown => this.removed.push(node);
    const operator = new Operator({ ...shared, onOutcome, onRemoved });
    const load = await promised('live', () =>
      Load.start({ endpoints, clientCount, prefix, isFilling, history, random }),
    );
    try {
      await using kv = await promised('live', () => connect({ endpoints, timeoutMs: HEALED_MS }));
      const handOver = async (target: string | null): Promise<void> =>
        onOutcome('transfer', await transfers.handOver(kv, target, TRANSFER_MS));
      const works = [
        promised('alive', () => attack({ ...shared, steps, onDeed, handOver })),
        promised('alive', () => operator.run(changes)),
      ];
      await this.options.snapshots.countWhile(all(works), () => cluster.nodes);
    } finally {
      await load.stop(signal.aborted);
    }
    if (signal.aborted || this.heard.hasEnds) return [];
    await this.settle(prefix, history);
    await this.calm(transfers, random, onOutcome);
    const holdings = await holdingsOf(this.cluster.nodes, history);
    return [
      ...checkOnce(history, holdings),
      ...checkEqual(holdings),
      ...(await checkStatuses(this.cluster.nodes)),
    ];
  }

  /** Those that were removed end with it. */
  private async calm(
    transfers: Transfers,
    random: Random,
    onOutcome: (what: string, outcome: string) => void,
  ): Promise<void> {
    const { cluster, endpoints, removed } = this;
    const { leaders } = this.heard;
    await checkCalm({ cluster, removed, endpoints, leaders, transfers, timeoutMs: HEALED_MS, onOutcome });
    await Promise.all(removed.splice(0).map((node) => node.stop()));
    await using kv = await promised('live', () => connect({ endpoints, timeoutMs: HEALED_MS }));
    const write = (): Promise<unknown> => fill(kv, random, HEALED_MS);
    const { snapshotLogBytes, snapshots } = this.options;
    const limits = { snapshotLogBytes, segmentBytes: SEGMENT_BYTES, timeoutMs: HEALED_MS };
    await checkShortLogs(cluster.nodes, { ...limits, write });
    await promised('live', () => cluster.untilCaughtUp(HEALED_MS));
    await snapshots.look(cluster.nodes);
  }

  /** All at once, as if the power had failed but for the disks: what was acknowledged comes from snapshot and log. */
  private async comeBack(): Promise<void> {
    const { nodes } = this.cluster;
    await Promise.all(nodes.map((node) => node.kill()));
    await promised('alive', () => this.cluster.start());
    await promised('live', async () => {
      await this.cluster.untilLed(HEALED_MS);
      await this.cluster.untilCaughtUp(HEALED_MS);
    });
    await this.options.snapshots.look(nodes);
  }

  /** The cluster serves, from the last word of each key to a new write, and every node hears of it. */
  private async settle(prefix: string, history: History): Promise<void> {
    const { cluster, options } = this;
    await promised('live', async () => {
      await cluster.untilLed(HEALED_MS);
      await using kv = await connect({ endpoints: this.endpoints, timeoutMs: HEALED_MS });
      const last = { kind: 'put', key: `${prefix}/once/last`, value: 'last', ifRevision: null } as const;
      const reads = sharedKeys(prefix).map((key) => ({ kind: 'get', key }) as const);
      for (const input of [last, ...reads]) {
        const output = await history.record(options.clientCount, input, () => ask(kv, input, HEALED_MS));
        if (output === null) throw new Error(`no answer to ${JSON.stringify(input)} within ${HEALED_MS} ms`);
      }
      await cluster.untilCaughtUp(HEALED_MS);
    });
  }

  /** What `act` finds, and what it dies of; and which nodes ended by themselves meanwhile. */
  private async failuresOf(act: () => Promise<Failure[]>): Promise<Failure[]> {
    const failures: Failure[] = [];
    try {
      failures.push(...(await act()));
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      // Where a node has ended by itself, that is what there is to tell; where all was cut short, nothing.
      const isCutShort = this.options.signal.aborted || this.heard.hasEnds;
      if (!isCutShort) failures.push({ promise: error.promise, what: error.message });
    }
    if (this.options.signal.aborted) return failures;
    for (const { name, reason } of this.heard.takeEnds()) {
      const lines = await lastLinesOf(join(this.options.directory, `${name}.log`), LAST_LINES);
      failures.push({ promise: 'alive', what: `${name} ended by itself: ${reason}\n${lines}` });
    }
    return failures;
  }

  private onDeed(round: number, deed: Deed, what: string): void {
    this.options.onDeed(deed);
    this.note({ round, at: performance.now(), deed, what });
  }

  private onOutcome(round: number, what: string, outcome: string): void {
    this.options.onOutcome(what, outcome);
    this.note({ round, at: performance.now(), what, outcome });
  }

  private note(deed: object): void {
    appendFileSync(join(this.options.directory, 'deeds.jsonl'), `${JSON.stringify(deed)}\n`);
  }

  /** Before it is checked: whatever the check comes to, it is there. */
  private async keep(round: number, { operations }: History): Promise<void> {
    const file = join(this.options.directory, `history-${round}.jsonl`);
    await writeFile(file, operations.map((operation) => `${JSON.stringify(operation)}\n`).join(''));
  }
}

/** Resolves when all have ended; rejects then with the first that did not succeed. */
async function all(works: readonly Promise<void>[]): Promise<void> {
  for (const end of await Promise.allSettled(works)) if (end.status === 'rejected') throw end.reason;
}
