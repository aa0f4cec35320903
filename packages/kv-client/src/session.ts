/** The numbers of one session's writes (R35). */

import { SESSION_REPLIES_MAX, type SessionId, type WritePosition } from '@raftkv/kv-protocol';
import type { CallOutcome } from './errors.ts';

/** Where a write stands; kept however often it is sent. */
export interface Place {
  readonly session: Session;
  readonly sequence: number;
}

/** What a session knows of the call that a write belongs to. */
export interface Writer {
  /** Null until the first time that it is sent. */
  place: Place | null;
  readonly cancelAttempt: (() => void) | null;
  readonly outcome: CallOutcome;
  fail(reason: Error): void;
}

export class Session {
  readonly id: SessionId;
  /** The cluster has said so. */
  isExpired = false;
  /** Until then it lives, as far as the client can know without asking. */
  trustedUntilMs: number;
  private nextSequence = 1;
  /** In rising order of their sequence: a map keeps the order in which they came. */
  private readonly awaited = new Map<number, Writer>();

  constructor(id: SessionId, trustedUntilMs: number) {
    this.id = id;
    this.trustedUntilMs = trustedUntilMs;
  }

  /**
   * Where `writer` stands: at its first attempt the next place, at each later one the same. Null while the lowest that is
   * awaited is so far behind that the cluster would refuse another.
   */
  positionOf(writer: Writer): WritePosition | null {
    if (writer.place === null) {
      if (this.nextSequence - this.acknowledgedBelow >= SESSION_REPLIES_MAX) return null;
      writer.place = { session: this, sequence: this.nextSequence };
      this.awaited.set(this.nextSequence, writer);
      this.nextSequence += 1;
    }
    const { acknowledgedBelow } = this;
    return { session: this.id, sequence: writer.place.sequence, acknowledgedBelow };
  }

  /** The call has ended, one way or another: its reply is not waited for any more. */
  release({ sequence }: { readonly sequence: number }): void {
    this.awaited.delete(sequence);
  }

  get writers(): readonly Writer[] {
    return [...this.awaited.values()];
  }

  private get acknowledgedBelow(): number {
    const [lowest = this.nextSequence] = this.awaited.keys();
    return lowest;
  }
}
