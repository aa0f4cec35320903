/**
 * One snapshot on its way: the receiver asks for a piece, and it arrives as late as a message would. A stream is as whole as
 * its connection, and may break by itself; what the receiver has kept, the sender need not have heard.
 */

import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import type { Endpoint } from './connection.ts';

type Piece = IteratorResult<Uint8Array, undefined>;

/** How a stream gets from one end to the other. */
export interface StreamPath {
  readonly world: Timeline;
  readonly chance: Chance;
  /** How long one piece, or an answer, takes. */
  delayMs(): number;
  /** Does anything pass in that direction at present? Else it waits. */
  isClear(direction: 'there' | 'back'): boolean;
}

/** Of all streams. */
const BROKEN_SHARE = 0.05;
/** Of those that break, how many pieces pass before that, at most. */
const BROKEN_PIECES_MAX = 4;
/** How long something that does not get through waits before it is tried again. */
const RETRY_MS = 20;

const ENDED = 'the stream has ended with its connection';

export class SnapshotStream {
  private readonly path: StreamPath;
  private readonly receiver: Endpoint;
  private readonly source: AsyncIterator<Uint8Array>;
  private readonly onEnd: (error: Error | null) => void;
  private isOver = false;
  /** Pieces that pass before it breaks; `null` where it does not. */
  private left: number | null;
  /** Whoever waits for a piece at the receiver. */
  private failReceiver: (error: Error) => void = () => {};

  /** `onEnd` is called once: `null` when the receiver's answer has come that it is kept. */
  constructor(
    path: StreamPath,
    receiver: Endpoint,
    content: AsyncIterable<Uint8Array>,
    onEnd: (error: Error | null) => void,
  ) {
    this.path = path;
    this.receiver = receiver;
    this.source = content[Symbol.asyncIterator]();
    this.onEnd = onEnd;
    const isBroken = path.chance.chance(BROKEN_SHARE);
    this.left = isBroken ? path.chance.below(BROKEN_PIECES_MAX) : null;
  }

  /** What the receiver reads. */
  content(): AsyncIterableIterator<Uint8Array> {
    const pieces: AsyncIterableIterator<Uint8Array> = {
      [Symbol.asyncIterator]: () => pieces,
      next: () => new Promise((resolve, reject) => this.ask(resolve, reject)),
      return: () => Promise.resolve({ done: true, value: undefined }),
    };
    return pieces;
  }

  /** The receiver has kept it, or has not: the sender hears of that, if it gets through. */
  answer(error: Error | null): void {
    this.pass('back', () => this.end(error));
  }

  /** Both ends hear of it; again it does no harm. */
  end(error: Error | null = new Error(ENDED)): void {
    if (this.isOver) return;
    this.isOver = true;
    this.letGo();
    this.failReceiver(error ?? new Error(ENDED));
    this.onEnd(error);
  }

  private ask(resolve: (piece: Piece) => void, reject: (error: Error) => void): void {
    if (this.isOver) return reject(new Error(ENDED));
    this.failReceiver = (error) => this.receiver.life.run(() => reject(error));
    this.source.next().then(
      (piece) => this.pass('there', () => this.arrive(piece, resolve)),
      (error: Error) => this.end(error),
    );
  }

  private arrive(piece: IteratorResult<Uint8Array, unknown>, resolve: (piece: Piece) => void): void {
    if (this.left === 0) return this.end();
    if (this.left !== null) this.left -= 1;
    this.receiver.life.run(() => {
      if (piece.done === true) resolve({ done: true, value: undefined });
      else resolve({ done: false, value: piece.value.slice() });
    });
  }

  private pass(direction: 'there' | 'back', arrive: () => void, delayMs: number = this.path.delayMs()): void {
    this.path.world.after(delayMs, () => {
      if (this.isOver) return;
      if (this.path.isClear(direction)) arrive();
      else this.pass(direction, arrive, RETRY_MS);
    });
  }

  /** Nobody waits for it: whoever makes the pieces may never answer. */
  private letGo(): void {
    Promise.resolve(this.source.return?.()).catch(() => {});
  }
}
