/**
 * The core's state, and when it moves: each input is stepped as it comes, and one flush follows at the end of the turn of
 * the event loop. So whatever comes in one turn is one write, one frame a peer and one batch to apply. Source: R1, R18.
 */

import { flush, step, type Effect, type Input, type NodeState } from '@raftkv/core';
import type { Clock } from '../ports/clock.ts';
import { ClockDoubt } from './clock-doubt.ts';
import { LateTimer } from './late-timer.ts';
import type { Counters } from './metrics.ts';

export interface TurnHost {
  /** Runs what the clock calls, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  perform(effects: readonly Effect[]): void;
  /** Has time no meaning for now? Then no timer is stepped. */
  isOnProbation(): boolean;
}

export class Turns {
  private current: NodeState;
  private readonly clock: Clock;
  private readonly host: TurnHost;
  private readonly counters: Counters;
  private readonly lateTimer: LateTimer;
  /** `null` where this node takes no lease. */
  private readonly clockDoubt: ClockDoubt | null;
  /** Is the end of this turn asked for? */
  private isOpen = false;
  private wereHeard = false;

  constructor(initial: NodeState, clock: Clock, host: TurnHost, counters: Counters) {
    this.current = initial;
    this.clock = clock;
    this.host = host;
    this.counters = counters;
    this.lateTimer = new LateTimer(initial.options);
    const { leasePromiseMs, clockDriftMaxMs } = initial.options;
    this.clockDoubt = leasePromiseMs === 0 ? null : new ClockDoubt(clockDriftMaxMs);
  }

  get state(): NodeState {
    return this.current;
  }

  /** @throws what the core throws: the node has to end. */
  step(input: Input): void {
    // Read now, after the input left its socket: an older time would make an old answer look new (R18).
    this.current = step(this.current, input, this.clock.nowMs());
    if (input.kind === 'receive') this.wereHeard = true;
    this.open();
  }

  /** The core is told that all is over; nothing of it is performed any more (R6). */
  fail(): void {
    this.stop();
    this.current = step(this.current, { kind: 'persistFailed' }, this.current.nowMs);
  }

  stop(): void {
    this.clock.wakeAt(null, () => {});
  }

  private open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.clock.endOfTurn(() => this.host.guard(() => this.end()));
  }

  private end(): void {
    this.isOpen = false;
    this.counters.turns += 1;
    this.stepHeldTimer();
    this.stepDoubt();
    const { state, effects, wakeAtMs } = flush(this.current);
    this.current = state;
    // Before the effects: one of them may end the node, and with it the wake-up.
    this.sleepUntil(wakeAtMs);
    this.host.perform(effects);
  }

  private sleepUntil(wakeAtMs: number | null): void {
    if (wakeAtMs === null || this.lateTimer.isHeld) this.stop();
    else this.clock.wakeAt(wakeAtMs, () => this.host.guard(() => this.onWake(wakeAtMs)));
  }

  private onWake(dueMs: number): void {
    // No turn is begun: the next one, with the peer that ends the probation, asks for the time again.
    if (this.host.isOnProbation()) return;
    if (!this.lateTimer.hold(dueMs, this.clock.nowMs())) return this.step({ kind: 'timer' });
    this.counters.lateTimers += 1;
    this.open();
  }

  /** After the last step: until the time of that, nothing that stood still is missed (R19). */
  private stepDoubt(): void {
    if (this.clockDoubt === null) return;
    // The time of day first: what passes in between then looks like less, and raises a doubt in the next turn.
    const wallMs = this.clock.wallMs();
    const nowMs = this.clock.nowMs();
    if (!this.clockDoubt.isRaisedBy(wallMs, nowMs)) return;
    this.counters.clockDoubts += 1;
    this.current = step(this.current, { kind: 'leaseDoubt' }, nowMs);
  }

  private stepHeldTimer(): void {
    const { wereHeard } = this;
    this.wereHeard = false;
    if (!this.lateTimer.isHeld) return;
    const nowMs = this.clock.nowMs();
    if (!this.lateTimer.release(wereHeard, nowMs)) return this.open();
    if (!this.host.isOnProbation()) this.current = step(this.current, { kind: 'timer' }, nowMs);
  }
}
