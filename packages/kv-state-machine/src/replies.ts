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

const measure = new ByteWriter();

export function replyOf(outcome: Outcome): Reply {
  writeOutcome(measure.cut(0), outcome);
  return { outcome, bytes: measure.length };
}

export class Replies {
  /** The client waits for no reply below it. */
  private first: number;
  /** From `first` on; `null` where there is none. No longer than the window that the sequences of a session are in. */
  private readonly replies: (Reply | null)[];
  private amount: Amount;

  constructor(first: number, of?: Replies) {
    this.first = first;
    this.replies = of?.replies.slice() ?? [];
    this.amount = of?.amount ?? { count: 0, bytes: 0 };
  }

  get mark(): number {
    return this.first;
  }

  get count(): number {
    return this.amount.count;
  }

  get bytes(): number {
    return this.amount.bytes;
  }

  /** To be changed without a change here. */
  copy(): Replies {
    return new Replies(this.first, this);
  }

  get(sequence: number): Outcome | null {
    return this.replies[sequence - this.first]?.outcome ?? null;
  }

  /** What there would be with one more, and without those below `mark`. */
  amountWith(reply: Reply, mark: number): Amount {
    let count = this.count + 1;
    let bytes = this.bytes + reply.bytes;
    const end = Math.min(mark - this.first, this.replies.length);
    for (let at = 0; at < end; at += 1) {
      const gone = this.replies[at] ?? null;
      if (gone === null) continue;
      count -= 1;
      bytes -= gone.bytes;
    }
    return { count, bytes };
  }

  /** Forgets those below `mark`, if it is higher than before, and keeps one more; `amount` is what there is then. */
  keep(sequence: number, reply: Reply, mark: number, amount: Amount): void {
    this.amount = amount;
    if (mark > this.first) {
      this.replies.splice(0, mark - this.first);
      this.first = mark;
    }
    while (this.replies.length < sequence - this.first) this.replies.push(null);
    this.replies[sequence - this.first] = reply;
  }

  /** In order. */
  *entries(): IterableIterator<[number, Outcome]> {
    for (const [at, reply] of this.replies.entries())
      if (reply !== null) yield [this.first + at, reply.outcome];
  }
}
