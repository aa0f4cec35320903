/** Every call to the cluster and what became of it: one outcome each, none acknowledged and lost, none refused and applied. */

import type { NodeId } from '@raftkv/core';
import type { Answer, Applied, Command, RaftError } from '@raftkv/runtime';
import type { Acknowledged } from '../check/acknowledged.ts';
import { check } from '../check/violation.ts';

/** How a call ended; `lost` where its process crashed before it answered. */
export type Outcome = 'done' | 'not-applied' | 'unknown' | 'lost';

export interface Request {
  readonly number: number;
  readonly kind: 'propose' | 'read' | 'change' | 'transfer';
  readonly by: NodeId;
  readonly askedMs: number;
  /** How stale a read may be; 0 for any other call. */
  readonly maxStalenessMs: number;
  /** What a read has to see: acknowledged before it was asked, or so long before. */
  readonly due: number;
  outcome: Outcome | null;
}

/** The number of the command in its first 8 bytes. */
export function commandOf(number: number, bytes: number): Uint8Array {
  const data = new Uint8Array(Math.max(bytes, 8));
  new DataView(data.buffer).setFloat64(0, number);
  return data;
}

export function numberOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getFloat64(0);
}

export class Requests {
  readonly all: Request[] = [];
  /** Without an outcome. */
  private readonly open = new Set<Request>();
  /** Indexes that any node has acknowledged. */
  private readonly acknowledged: Acknowledged;
  /** At which index each command took effect. */
  private readonly effects = new Map<number, number>();

  constructor(acknowledged: Acknowledged) {
    this.acknowledged = acknowledged;
  }

  ask(kind: Request['kind'], by: NodeId, askedMs: number, maxStalenessMs = 0): Request {
    const due = this.acknowledged.dueFor(by, maxStalenessMs);
    const number = this.all.length + 1;
    const request: Request = { number, kind, by, askedMs, maxStalenessMs, due, outcome: null };
    this.all.push(request);
    this.open.add(request);
    return request;
  }

  /** Nobody will hear of the calls to this process again. */
  onCrash(by: NodeId): void {
    for (const request of this.open) if (request.by === by) this.end(request, 'lost');
  }

  onApplied(command: Command): void {
    const number = numberOf(command.data);
    const index = this.effects.get(number) ?? command.index;
    this.effects.set(number, index);
    check(
      index === command.index,
      'one-outcome',
      () => `${number} took effect at ${index} and at ${command.index}`,
    );
    const outcome = this.all[number - 1]?.outcome;
    check(outcome !== 'not-applied', 'one-outcome', () => `${number} was refused and took effect`);
  }

  onProposed(request: Request, answer: Answer<Applied<unknown>>): Outcome {
    if (answer.error !== null) return this.onRefused(request, answer.error.outcome);
    const { index, result } = answer.value;
    this.end(request, 'done');
    this.acknowledged.note(index);
    const effect = this.effects.get(request.number);
    check(
      effect === index && result === request.number,
      'one-outcome',
      () => `${request.number} is acknowledged at ${index} and took effect at ${effect}`,
    );
    return 'done';
  }

  /** `appliedIndex`: what a read of the state machine would see at this moment. */
  onRead(request: Request, answer: Answer<number>, appliedIndex: number): Outcome {
    if (answer.error !== null) return this.onRefused(request, answer.error.outcome);
    this.end(request, 'done');
    const sees = Math.min(answer.value, appliedIndex);
    const { number, due, maxStalenessMs } = request;
    check(
      sees >= due,
      maxStalenessMs === 0 ? 'linearizable-read' : 'bounded-read',
      () => `${number} sees ${sees}, and ${due} was acknowledged ${maxStalenessMs} ms before it was asked`,
    );
    return 'done';
  }

  /** A change of members, or a transfer: what there is to see of it is how it ended. */
  onEnded(request: Request, error: RaftError | null): Outcome {
    const outcome = error?.outcome ?? 'done';
    this.end(request, outcome);
    return outcome;
  }

  /** Whatever is acknowledged took effect. To be asked when all that is committed was applied somewhere. */
  checkEffects(): void {
    for (const { number, kind, outcome } of this.all) {
      const isLost = kind === 'propose' && outcome === 'done' && !this.effects.has(number);
      check(!isLost, 'one-outcome', () => `${number} was acknowledged and is lost`);
    }
  }

  /** Those to hosts of `ids` that still wait. */
  waiting(ids: readonly string[]): Request[] {
    return [...this.open].filter((request) => ids.includes(request.by));
  }

  /** Of what was asked after `atMs`, something was written and something read. */
  isServedSince(atMs: number): boolean {
    const served = this.all.filter(({ askedMs, outcome }) => askedMs > atMs && outcome === 'done');
    return served.some(({ kind }) => kind === 'propose') && served.some(({ kind }) => kind === 'read');
  }

  /** How many ended in each way. */
  count(outcome: Outcome): number {
    return this.all.filter((request) => request.outcome === outcome).length;
  }

  private onRefused(request: Request, outcome: 'not-applied' | 'unknown'): Outcome {
    this.end(request, outcome);
    check(
      outcome === 'unknown' || !this.effects.has(request.number),
      'one-outcome',
      () => `${request.number} is refused and took effect`,
    );
    return outcome;
  }

  private end(request: Request, outcome: Outcome): void {
    const { number, outcome: known } = request;
    check(known === null, 'one-outcome', () => `${number} ends ${outcome}, and ended ${known} before`);
    request.outcome = outcome;
    this.open.delete(request);
  }
}
