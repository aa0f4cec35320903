/**
 * A client that keeps to the rules of sessions: numbers rise, a write is sent again until it is answered or given up,
 * and what it acknowledges is what it waits for no more. Its copies may reach the log late, twice, and out of order.
 */

import type { Command, Operation, Outcome } from '@raftkv/kv-protocol';

export interface Write {
  readonly sequence: number;
  readonly operation: Operation;
  /** As the client stood when the first copy was sent. */
  readonly acknowledgedBelow: number;
}

export class Client {
  readonly writes: Write[] = [];
  /** What the client was told, of the writes it was told of. */
  readonly told: Map<number, Outcome> = new Map();
  private session: number;
  private givenUp: Set<number> = new Set();

  constructor(session: number) {
    this.session = session;
  }

  get id(): number {
    return this.session;
  }

  /** The old session has ended: the numbers begin anew. */
  moveTo(session: number): void {
    this.session = session;
    this.writes.length = 0;
    this.told.clear();
    this.givenUp = new Set();
  }

  begin(operation: Operation): Write {
    const sequence = this.writes.length + 1;
    const write = { sequence, operation, acknowledgedBelow: Math.min(this.firstAwaited(), sequence) };
    this.writes.push(write);
    return write;
  }

  /** A copy as it was sent first, or as it would be sent now. */
  copy({ sequence, operation, acknowledgedBelow }: Write, isSentNow: boolean): Command {
    const acknowledged = isSentNow ? Math.min(this.firstAwaited(), sequence) : acknowledgedBelow;
    return {
      kind: 'write',
      position: { session: this.session, sequence, acknowledgedBelow: acknowledged },
      operation,
    };
  }

  isAwaited({ sequence }: Write): boolean {
    return !this.told.has(sequence) && !this.givenUp.has(sequence);
  }

  giveUp({ sequence }: Write): void {
    if (!this.told.has(sequence)) this.givenUp.add(sequence);
  }

  private firstAwaited(): number {
    return this.writes.find((write) => this.isAwaited(write))?.sequence ?? this.writes.length + 1;
  }
}
