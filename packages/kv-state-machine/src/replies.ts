/** The replies that are kept for one session, by the sequence of the write that they answer. Source: R35, R37. */

import { ByteWriter } from '@raftkv/codec';
import { writeOutcome, type Outcome } from '@raftkv/kv-protocol';

export interface Reply {
  readonly outcome: Outcome;
  /** As many as the outcome takes on the wire. */
  readonly bytes: number;
}

/** So many replies, and their bytes. */
interface Amount {
  readonly count: number;
  readonly bytes: number;
}

const NONE: readonly number[] = [];
const measure = new ByteWriter();

export function replyOf(outcome: Outcome): Reply {
  writeOutcome(measure.cut(0), outcome);
  return { outcome, bytes: measure.length };
}

export class Replies {
  private readonly bySequence: Map<number, Reply>;
  private totalBytes: number;

  constructor(of?: Replies) {
    this.bySequence = new Map(of?.bySequence);
    this.totalBytes = of?.totalBytes ?? 0;
  }

  get count(): number {
    return this.bySequence.size;
  }

  get bytes(): number {
    return this.totalBytes;
  }

  get(sequence: number): Outcome | null {
    return this.bySequence.get(sequence)?.outcome ?? null;
  }

  set(sequence: number, reply: Reply): void {
    this.bySequence.set(sequence, reply);
    this.totalBytes += reply.bytes;
  }

  /** What there would be with one more, and without those from `from`, below which there are none, to before `to`. */
  amountWith(reply: Reply, from: number, to: number): Amount {
    let count = this.count + 1;
    let bytes = this.totalBytes + reply.bytes;
    for (const sequence of this.between(from, to)) {
      count -= 1;
      bytes -= this.bySequence.get(sequence)?.bytes ?? 0;
    }
    return { count, bytes };
  }

  /** Forgets those from `from`, below which there are none, to before `to`. */
  drop(from: number, to: number): void {
    for (const sequence of this.between(from, to)) {
      this.totalBytes -= this.bySequence.get(sequence)?.bytes ?? 0;
      this.bySequence.delete(sequence);
    }
  }

  /** In order. */
  entries(): [number, Outcome][] {
    const entries = [...this.bySequence].map(([sequence, { outcome }]): [number, Outcome] => [
      sequence,
      outcome,
    ]);
    return entries.toSorted(([one], [other]) => one - other);
  }

  private between(from: number, to: number): readonly number[] {
    if (from === to) return NONE;
    // A mark may rise by more than there are numbers to count in a lifetime.
    if (to - from > this.count) return [...this.bySequence.keys()].filter((sequence) => sequence < to);
    const found: number[] = [];
    for (let sequence = from; sequence < to; sequence += 1)
      if (this.bySequence.has(sequence)) found.push(sequence);
    return found;
  }
}
