/**
 * The attack: commands flow all the time, members are killed as if their power went, and start again. In the end all
 * logs are equal, and hold everything that was acknowledged, once.
 */

import type { NodeId } from '@raftkv/core';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { ProcessCluster, type Answer } from './cluster.ts';
import { fingerprintOf } from './disk-log.ts';
import { Ledger, type AppliedCommands } from './ledger.ts';

const NAMES = ['a', 'b', 'c'];
/** Commands under way at a time. */
const WINDOW = 32;
/** Commands acknowledged from one kill to the next, from and to. */
const PACE = [1, 120] as const;
const BYTES_MAX = 2000;
/** Far longer than a round takes: then something hangs. */
const ROUND_MS_MAX = 60_000;

export interface ChaosResult {
  readonly rounds: number;
  readonly kills: number;
  readonly acknowledged: number;
  /** The longest time without an acknowledgement, milliseconds. */
  readonly longestGapMs: number;
  readonly faults: readonly string[];
}

/** @param onRound is told after each round how many commands have been acknowledged. */
export async function runChaos(
  directory: string,
  rounds: number,
  onRound: (round: number, acknowledged: number) => void,
): Promise<ChaosResult> {
  const attack = new Attack(directory);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      await attack.round();
      onRound(round, attack.acknowledged);
    }
    return { rounds, ...(await attack.finish()) };
  } finally {
    await attack.end();
  }
}

class Attack {
  private readonly directory: string;
  private readonly ledger = new Ledger();
  private readonly cluster: ProcessCluster;
  /** Commands of which nothing was heard, and the member that they were sent to. */
  private readonly underWay = new Map<number, NodeId>();
  private readonly logs = new Map<NodeId, AppliedCommands>();
  private readonly failures: string[] = [];
  private kills = 0;
  private isFlowing = true;
  /** Are reports under way, or all of a round there? */
  private isAsking = false;
  private waiting: (() => void) | null = null;
  private lastAcknowledgedMs = performance.now();
  private longestGapMs = 0;

  constructor(directory: string) {
    this.directory = directory;
    this.cluster = new ProcessCluster(
      NAMES,
      directory,
      (id, answer) => this.onAnswer(id, answer),
      () => this.onChange(),
    );
    for (const id of this.cluster.ids) this.cluster.start(id);
  }

  get acknowledged(): number {
    return this.ledger.acknowledgedCount;
  }

  /** Waits for some commands, kills some members, sees the rest go on if they can, and starts the killed again. */
  async round(): Promise<void> {
    await this.moreAcknowledged(randomInt(...PACE));
    const victims = this.victims();
    await Promise.all(victims.map((id) => this.cluster.kill(id)));
    this.kills += victims.length;
    for (const [command, id] of this.underWay) if (victims.includes(id)) this.underWay.delete(command);
    if (victims.length === 1) await this.moreAcknowledged(1);
    for (const id of victims) this.cluster.start(id);
  }

  /** All come to rest at the same place, and are compared. */
  async finish(): Promise<Omit<ChaosResult, 'rounds'>> {
    await this.moreAcknowledged(1);
    this.isFlowing = false;
    await this.until(() => this.underWay.size === 0, 'every command is answered');
    await this.until(() => this.areAtRest(), 'all members have applied the same');
    for (const id of this.cluster.ids) await this.cluster.close(id);
    await this.compareDisks();
    const { kills, acknowledged, longestGapMs } = this;
    return {
      kills,
      acknowledged,
      longestGapMs,
      faults: [...this.failures, ...this.ledger.faults(this.logs)],
    };
  }

  private async compareDisks(): Promise<void> {
    const logs = new Map<string, string>();
    for (const id of NAMES) logs.set(id, await fingerprintOf(join(this.directory, id), id, NAMES));
    if (new Set(logs.values()).size > 1) this.failures.push(`the disks differ: ${JSON.stringify([...logs])}`);
  }

  async end(): Promise<void> {
    await Promise.all(this.cluster.living.map((id) => this.cluster.kill(id)));
  }

  private victims(): readonly NodeId[] {
    const { ids, leader } = this.cluster;
    const one = ids[randomInt(ids.length)] ?? ids[0];
    const kind = randomInt(10);
    if (kind === 0) return ids;
    if (kind === 1) return ids.filter((id) => id !== one);
    return [kind < 6 ? leader : one].filter((id) => id !== null && id !== undefined);
  }

  private async moreAcknowledged(count: number): Promise<void> {
    const wanted = this.acknowledged + count;
    this.flow();
    await this.until(() => this.acknowledged >= wanted, `${count} more commands are acknowledged`);
  }

  /** Keeps the window full, while there is a leader to ask. */
  private flow(): void {
    const { leader } = this.cluster;
    if (!this.isFlowing || leader === null) return;
    while (this.underWay.size < WINDOW) {
      const command = this.ledger.next();
      this.underWay.set(command, leader);
      this.cluster.order(leader, { kind: 'propose', command, bytes: randomInt(BYTES_MAX) });
    }
  }

  private onAnswer(id: NodeId, answer: Answer): void {
    if (answer.kind === 'report') this.logs.set(id, answer.commands);
    else if (answer.kind === 'failed') this.failures.push(`${id} failed: ${answer.error}`);
    else this.onOutcome(answer);
    this.onChange();
  }

  private onOutcome(answer: Extract<Answer, { kind: 'applied' | 'refused' }>): void {
    this.underWay.delete(answer.command);
    if (answer.kind === 'refused') return this.ledger.onRefused(answer.command, answer.outcome);
    this.ledger.onApplied(answer.command, answer.index);
    const nowMs = performance.now();
    this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastAcknowledgedMs);
    this.lastAcknowledgedMs = nowMs;
  }

  private onChange(): void {
    this.flow();
    this.waiting?.();
  }

  /**
   * Members report until they agree; a leader that was just elected has still to tell the others what is committed. One
   * round of reports at a time: more would keep them from talking to each other.
   */
  private areAtRest(): boolean {
    if (this.isAsking && this.logs.size < NAMES.length) return false;
    const lengths = new Set([...this.logs.values()].map((log) => log.length));
    if (this.isAsking && lengths.size === 1) return true;
    this.isAsking = true;
    this.logs.clear();
    for (const id of this.cluster.ids) this.cluster.order(id, { kind: 'report' });
    return false;
  }

  /** Looks at `condition` after each thing that happens. */
  private async until(condition: () => boolean, what: string): Promise<void> {
    const startMs = performance.now();
    const timer = setInterval(() => this.waiting?.(), 1000);
    try {
      while (!condition()) {
        if (this.failures.length > 0) throw new Error(this.failures.join('\n'));
        if (performance.now() - startMs > ROUND_MS_MAX) {
          throw new Error(`after ${ROUND_MS_MAX} ms not yet: ${what}
${this.cluster.describe()}`);
        }
        await new Promise<void>((resolve) => {
          this.waiting = resolve;
        });
      }
    } finally {
      clearInterval(timer);
    }
  }
}
