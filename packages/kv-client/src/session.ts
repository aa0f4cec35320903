/** The numbers of one session's writes (R35). */

import { SESSION_REPLIES_MAX, type SessionId, type WritePosition } from '@raftkv/kv-protocol';
import type { Attempt } from './connection.ts';
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
  readonly attempt: Attempt | null;
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
  /** The lowest that is awaited; the next one where none is. */
  private acknowledgedBelow = 1;
  /** By sequence, modulo its length: those that are awaited lie within one window of that length. */
  private readonly awaited = Array.from<Writer | null>({ length: SESSION_REPLIES_MAX }).fill(null);

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
      this.awaited[slotOf(this.nextSequence)] = writer;
      this.nextSequence += 1;
    }
    const { acknowledgedBelow } = this;
    return { session: this.id, sequence: writer.place.sequence, acknowledgedBelow };
  }

  /** The call has ended, one way or another: its reply is not waited for any more. */
  release({ sequence }: { readonly sequence: number }): void {
    if (sequence < this.acknowledgedBelow) return;
    this.awaited[slotOf(sequence)] = null;
    while (this.acknowledgedBelow < this.nextSequence && this.writerOf(this.acknowledgedBelow) === null) {
      this.acknowledgedBelow += 1;
    }
  }

  /** Those that are awaited, in rising order of their sequence. */
  get writers(): readonly Writer[] {
    const writers: Writer[] = [];
    for (let sequence = this.acknowledgedBelow; sequence < this.nextSequence; sequence += 1) {
      const writer = this.writerOf(sequence);
      if (writer !== null) writers.push(writer);
    }
    return writers;
  }

  private writerOf(sequence: number): Writer | null {
    return this.awaited[slotOf(sequence)] ?? null;
  }
}

function slotOf(sequence: number): number {
  return sequence % SESSION_REPLIES_MAX;
}
