/**
 * Feeds the state machine: what is committed, in order, one call at a time. What is handed over while a call is under
 * way goes together into the next.
 */

import type { Entry, LogIndex } from '@raftkv/core';
import type { Command, StateMachine } from '../ports/state-machine.ts';
import type { Counters } from './metrics.ts';

export interface ApplierHost<Result> {
  /** Runs what follows a call that took its time, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  fail(cause: unknown): void;
  /** Everything up to `index` took effect, `commands` with one result each. A turn follows, which calls `run`. */
  onApplied(index: LogIndex, commands: readonly Command[], results: readonly Result[]): void;
  /** A snapshot put the machine at `index`. A turn follows as well. */
  onInstalled(index: LogIndex): void;
}

export class Applier<Result> {
  private readonly machine: StateMachine<Result>;
  private readonly host: ApplierHost<Result>;
  private readonly counters: Counters;
  private waiting: Entry[] = [];
  private isBusy = false;

  constructor(machine: StateMachine<Result>, host: ApplierHost<Result>, counters: Counters) {
    this.machine = machine;
    this.host = host;
    this.counters = counters;
  }

  /** `entries` follow those handed over before. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.waiting.push(entry);
  }

  /**
   * A snapshot at `index` takes the place of all there is: by `work`, which nobody disturbs. All that was handed over before
   * is applied.
   */
  install(index: LogIndex, work: () => Promise<void>): void {
    this.isBusy = true;
    work().then(
      () =>
        this.host.guard(() => {
          this.isBusy = false;
          this.host.onInstalled(index);
        }),
      (error: unknown) => this.host.fail(error),
    );
  }

  /** @throws what the state machine throws, or that it did not answer each command: the node has to end. */
  run(): void {
    const last = this.waiting.at(-1);
    if (this.isBusy || last === undefined) return;
    // A no-op is for the core alone: it opens a leader's term.
    const commands = this.waiting.filter((entry) => entry.kind === 'command').map(commandOf);
    this.counters.noOpsSkipped += this.waiting.length - commands.length;
    this.waiting = [];
    const results = commands.length === 0 ? [] : this.machine.apply(commands);
    if ('then' in results) this.await(last.index, commands, results);
    else this.finish(last.index, commands, results);
  }

  private await(index: LogIndex, commands: readonly Command[], results: Promise<readonly Result[]>): void {
    this.isBusy = true;
    results.then(
      (answers) =>
        this.host.guard(() => {
          this.isBusy = false;
          this.finish(index, commands, answers);
        }),
      (error: unknown) => this.host.fail(error),
    );
  }

  private finish(index: LogIndex, commands: readonly Command[], results: readonly Result[]): void {
    if (results.length !== commands.length) {
      throw new TypeError(`the state machine gave ${results.length} results for ${commands.length} commands`);
    }
    this.counters.commandsApplied += commands.length;
    this.host.onApplied(index, commands, results);
  }
}

function commandOf({ index, term, data }: Entry): Command {
  return { index, term, data };
}
