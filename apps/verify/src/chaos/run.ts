/** Rounds of attack on one cluster after another, until it is enough or something was found. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalNodeError } from '@raftkv/server';
import type { Deed } from './attack.ts';
import type { Failure } from '../workload/check.ts';
import { planChanges } from './changes.ts';
import { planRound } from './plan.ts';
import { Random } from './random.ts';
import { SHORT_LOG_BYTES, snapshotLogBytesOf } from './short-logs.ts';
import { Siege } from './siege.ts';
import { SnapshotCounts, type SnapshotDeed } from './snapshot-counts.ts';

/** After so many rounds of short logs there has been everything that can be done with a snapshot. */
const SHORT_ROUNDS = 5;

export interface ChaosOptions {
  /** Gets a directory for each cluster, which stays where something is found. */
  readonly directory: string;
  /** The same seed plans the same faults. */
  readonly seed: number;
  /** Of the clusters, by turns. */
  readonly nodeCounts: readonly number[];
  readonly clientCount: number;
  /** How long faults happen in a round; what follows takes a second or two. */
  readonly roundMs: number;
  /** After so many rounds a cluster ends, and its disks are compared. */
  readonly roundsPerCluster: number;
  /** What the nodes' processes get before the program. */
  readonly execArgv: readonly string[];
  /** Ends the run, with what was found so far. */
  readonly signal: AbortSignal;
  /** Asked after each round. */
  isEnough(rounds: number): boolean;
  onRound(progress: Progress): void;
}

/** What has been done so far. */
export interface Progress {
  readonly rounds: number;
  readonly deeds: ReadonlyMap<Deed, number>;
  /** Of all nodes, as far as they could tell before they were killed. */
  readonly snapshots: Readonly<Record<SnapshotDeed, number>>;
  /** How often what an operator did ended how: `grow: done`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly operations: number;
  /** Those of them whose outcome their client was not told. */
  readonly unknown: number;
}

export interface ChaosResult extends Progress {
  /** Empty where all promises were kept; else of the last round, in which the run ended. */
  readonly failures: readonly Failure[];
}

/** @throws what the machine throws, such as where there is no disk space. Broken promises are in the result. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const run = new Run(options);
  const failures: Failure[] = [];
  while (failures.length === 0 && !run.isOver) failures.push(...(await run.siege()));
  if (failures.length === 0) failures.push(...run.missing());
  return { ...run.progress, failures };
}

class Run {
  private readonly options: ChaosOptions;
  private readonly deeds = new Map<Deed, number>();
  private readonly outcomes = new Map<string, number>();
  private readonly snapshots = new SnapshotCounts();
  private rounds = 0;
  /** Those of clusters that take snapshots all the time. */
  private shortRounds = 0;
  private clusters = 0;
  private operations = 0;
  private unknown = 0;

  constructor(options: ChaosOptions) {
    this.options = options;
  }

  get isOver(): boolean {
    return this.options.signal.aborted || this.options.isEnough(this.rounds);
  }

  get progress(): Progress {
    const { rounds, deeds, outcomes, operations, unknown } = this;
    return { rounds, deeds, outcomes, snapshots: this.snapshots.totals(), operations, unknown };
  }

  /** What has to have happened to snapshots where logs were short for long enough. */
  missing(): readonly Failure[] {
    if (this.options.signal.aborted || this.shortRounds < SHORT_ROUNDS) return [];
    const missing = Object.entries(this.snapshots.totals()).filter(([, total]) => total === 0);
    return missing.map(([deed]) => ({
      promise: 'logs-short',
      what: `in ${this.shortRounds} rounds no snapshot was ${deed}`,
    }));
  }

  /** One cluster, from its first start to its end; what is kept of it goes where nothing was found. */
  async siege(): Promise<readonly Failure[]> {
    const { directory, nodeCounts, signal } = this.options;
    const nodeCount = nodeCounts[this.clusters % nodeCounts.length] ?? 3;
    this.clusters += 1;
    const ownDirectory = join(directory, `cluster-${this.clusters}`);
    try {
      const failures = await this.besiege(ownDirectory, nodeCount);
      if (failures.length === 0) await rm(ownDirectory, { recursive: true, force: true });
      return failures;
    } catch (error) {
      if (!(error instanceof LocalNodeError)) throw error;
      // Whoever interrupts this process interrupts the nodes too.
      return signal.aborted ? [] : [{ promise: 'alive', what: error.message }];
    }
  }

  private async besiege(directory: string, nodeCount: number): Promise<readonly Failure[]> {
    const { seed, clientCount, execArgv, signal, roundsPerCluster } = this.options;
    const snapshotLogBytes = snapshotLogBytesOf(new Random(Math.imul(seed, 0x9e3779b1) ^ this.clusters));
    const siege = await Siege.begin({
      directory,
      nodeCount,
      clientCount,
      snapshotLogBytes,
      snapshots: this.snapshots,
      execArgv,
      signal,
      onDeed: (deed) => count(this.deeds, deed),
      onOutcome: (what, outcome) => count(this.outcomes, `${what}: ${outcome}`),
    });
    try {
      for (let round = 0; round < roundsPerCluster && !(round > 0 && this.isOver); round += 1) {
        const failures = await this.round(siege);
        if ((snapshotLogBytes ?? Infinity) <= SHORT_LOG_BYTES) this.shortRounds += 1;
        if (failures.length > 0) return failures;
      }
      return await siege.end();
    } finally {
      await siege.abandon();
    }
  }

  private async round(siege: Siege): Promise<readonly Failure[]> {
    const { seed, roundMs } = this.options;
    const round = this.rounds + 1;
    const { nodeCount } = siege;
    const steps = planRound(seed, round, nodeCount, roundMs);
    const changes = planChanges(seed, round, nodeCount);
    const random = new Random(seed + round);
    const { operations, unknown, failures } = await siege.round(round, { steps, changes }, random);
    this.rounds = round;
    this.operations += operations;
    this.unknown += unknown;
    this.options.onRound(this.progress);
    return failures;
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
