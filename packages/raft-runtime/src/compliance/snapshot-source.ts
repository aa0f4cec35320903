/** Snapshots to send, and what becomes of their sending. */

import type { NodeId } from '@raftkv/core';
import { assert, assertEqual } from './assert.ts';
import type { Witness } from './witness.ts';

/** What a content does when its pieces have been taken. */
type Ending = 'ends' | 'stands still' | Error;

/**
 * A content that knows whether it was let go, as a file has to. It gives all of its pieces in the same memory, one over the
 * other, as who reads a file may.
 */
export class SnapshotSource implements AsyncIterableIterator<Uint8Array> {
  /** Resolves when `return` was called: the only word that a file gets, where it was not read to its end. */
  readonly letGo: Promise<void>;
  private readonly gate = new Gate();
  private readonly pieces: Iterator<Uint8Array, void>;
  private readonly ending: Ending;
  private memory = new Uint8Array(0);

  constructor(pieces: Iterable<Uint8Array, void>, ending: Ending = 'ends') {
    this.pieces = pieces[Symbol.iterator]();
    this.ending = ending;
    this.letGo = this.gate.opened;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = this.pieces.next();
    if (piece.done !== true) return Promise.resolve({ done: false, value: this.over(piece.value) });
    if (this.ending instanceof Error) return Promise.reject(this.ending);
    if (this.ending === 'stands still') return new Promise(() => {});
    return Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.gate.open();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The piece, in memory that the next one takes. */
  private over(piece: Uint8Array): Uint8Array {
    if (this.memory.length < piece.length) this.memory = new Uint8Array(piece.length);
    this.memory.set(piece);
    return this.memory.subarray(0, piece.length);
  }
}

/** Something that a case waits for, and something else lets happen. */
export class Gate {
  readonly opened: Promise<void>;
  private resolve: () => void = nothing;

  constructor() {
    this.opened = new Promise((resolve) => (this.resolve = resolve));
  }

  open(): void {
    this.resolve();
  }
}

/** One call of `sendSnapshot`, and what was told of it. */
export class Sent {
  /** What `done` was told first. */
  readonly outcome: Promise<Error | null>;
  private readonly outcomes: (Error | null)[] = [];
  private isToldWithinCall = false;

  constructor(by: Witness, to: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>) {
    let isWithinCall = true;
    this.outcome = new Promise((resolve) => {
      by.transport.sendSnapshot(to, head, content, (error) => {
        this.isToldWithinCall ||= isWithinCall;
        this.outcomes.push(error);
        resolve(error);
      });
    });
    isWithinCall = false;
  }

  async delivered(): Promise<void> {
    const error = await this.outcome;
    assert(error === null, `not delivered: ${String(error)}`);
    this.isToldOnce();
  }

  async failed(): Promise<void> {
    assert((await this.outcome) instanceof Error, 'delivered, where there has to be an error');
    this.isToldOnce();
  }

  isToldOnce(): void {
    assertEqual(this.outcomes.length, 1, 'calls of done');
    assert(!this.isToldWithinCall, 'the end was told within the call');
  }
}

/** `length` bytes, each unlike its neighbours, and unlike those of another seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8) + seed * 31) % 251);
}

/** All that a content gives, as it is when the last of it has come. */
export async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return joined(pieces);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function nothing(): void {}
