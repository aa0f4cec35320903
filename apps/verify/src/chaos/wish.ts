/**
 * Members as an operator wants them: asked for until they are there. Where the outcome is unknown, it is looked at who the
 * members are, and asked again. What is answered is held against who the members are afterwards. Source: R21 to R25.
 */

import { setTimeout } from 'node:timers/promises';
import { KvError, type KvClient, type Membership } from '@raftkv/kv-client';
import { BrokenPromise } from './broken-promise.ts';
import { membershipText, rolesText, type Roles } from './membership-view.ts';
import { outcomeOf } from './outcome.ts';
import type { Random } from './random.ts';

export interface Wish {
  /** What is counted. */
  readonly what: string;
  readonly roles: Roles;
  /** Is it a single change: there all at once, or not at all? */
  readonly isOneChange: boolean;
  /** @param now who the members are. */
  ask(kv: KvClient, now: Membership, timeoutMs: number): Promise<{ readonly index: number }>;
}

export interface WishOptions {
  readonly random: Random;
  readonly signal: AbortSignal;
  onOutcome(what: string, outcome: string): void;
}

/** Beyond all faults of a round, and what a machine may have to do beside. */
export const FULFILLED_MS = 90_000;
/** Some are given up while they may yet take effect. */
const TIMEOUTS_MS = [1500, 5000, 15_000] as const;
const LOOK_MS = 4000;
const PAUSE_MS = 200;

/** @throws {BrokenPromise} if it is not fulfilled in time, or what was answered is not so. */
export function fulfil(wish: Wish, kv: KvClient, options: WishOptions): Promise<void> {
  return new Fulfilment(wish, kv, options).run();
}

type Attempt =
  | { readonly kind: 'done'; readonly index: number }
  | { readonly kind: 'refused' | 'unknown'; readonly outcome: string };

class Fulfilment {
  private readonly wish: Wish;
  private readonly options: WishOptions;
  private readonly kv: KvClient;
  private readonly endMs: number;
  /** Something was asked for that may yet happen. */
  private isOpen = false;

  constructor(wish: Wish, kv: KvClient, options: WishOptions) {
    this.wish = wish;
    this.options = options;
    this.kv = kv;
    this.endMs = performance.now() + FULFILLED_MS;
  }

  async run(): Promise<void> {
    for (let before = await this.look(); !this.options.signal.aborted;) {
      const attempt = await this.attempt(before);
      const now = await this.look();
      this.hold(attempt, before, now);
      if (this.isFulfilled(now)) {
        if (attempt.kind !== 'done') this.options.onOutcome(this.wish.what, 'found done');
        return;
      }
      if (performance.now() > this.endMs) throw this.tooLate(now);
      await setTimeout(PAUSE_MS);
      before = now;
    }
  }

  private async attempt(now: Membership): Promise<Attempt> {
    const { wish, options, kv } = this;
    const tell = (outcome: string): void => options.onOutcome(wish.what, outcome);
    try {
      const { index } = await wish.ask(kv, now, options.random.pick(TIMEOUTS_MS));
      tell('done');
      return { kind: 'done', index };
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      if (error.code === 'KV_INVALID_ARGUMENT' || error.code === 'KV_PROTOCOL') {
        throw new BrokenPromise('understood', error);
      }
      const outcome = outcomeOf(error);
      tell(outcome);
      return { kind: error.outcome === 'not-applied' ? 'refused' : 'unknown', outcome };
    }
  }

  /** Who asked is answered by what is so from then on, and nobody else changes members here. */
  private hold(attempt: Attempt, before: Membership, now: Membership): void {
    const { wish } = this;
    const [text, beforeText] = [membershipText(now), membershipText(before)];
    if (attempt.kind === 'done') {
      const isKept = this.isFulfilled(now) && now.index >= attempt.index;
      if (isKept) return;
      const told = `${wish.what}: told that ${rolesText(wish.roles)} are the members from entry ${attempt.index} on`;
      throw new BrokenPromise('members-kept', new Error(`${told}; they are ${text}, from ${now.index} on`));
    }
    this.isOpen ||= attempt.kind === 'unknown' || !wish.isOneChange;
    if (this.isOpen || before.index === now.index) return;
    const told = `${wish.what}: told '${attempt.outcome}'`;
    throw new BrokenPromise('members-kept', new Error(`${told}, yet ${beforeText} became ${text}`));
  }

  private tooLate(now: Membership): BrokenPromise {
    const wanted = `${this.wish.what}: ${rolesText(this.wish.roles)} were wanted`;
    return new BrokenPromise(
      'live',
      new Error(`${wanted}, and after ${FULFILLED_MS} ms they are ${membershipText(now)}`),
    );
  }

  private isFulfilled(now: Membership): boolean {
    return membershipText(now) === rolesText(this.wish.roles);
  }

  /** Sees whatever was acknowledged before. */
  private async look(): Promise<Membership> {
    for (;;) {
      try {
        return await this.kv.cluster.members({ consistency: 'linearizable', timeoutMs: LOOK_MS });
      } catch (error) {
        if (!(error instanceof KvError)) throw error;
        if (performance.now() > this.endMs || this.options.signal.aborted) {
          throw new BrokenPromise('live', error);
        }
        await setTimeout(PAUSE_MS);
      }
    }
  }
}
