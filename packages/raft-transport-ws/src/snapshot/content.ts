/** The content of a snapshot as its receiver reads it: what has come and was not taken yet waits here, in order. */

type Result = IteratorResult<Uint8Array, undefined>;

interface Waiting {
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** What a piece costs beside its bytes, or a little more: small ones must not make a queue that is within its limit large. */
const PIECE_COST_BYTES = 256;

/** For one reader, which asks for one piece after the other. */
export class SnapshotContent implements AsyncIterableIterator<Uint8Array> {
  private readonly onTaken: (bytes: number) => void;
  private readonly pieces: Uint8Array[] = [];
  private pieceBytes = 0;
  private waiting: Waiting | null = null;
  private error: Error | null = null;
  /** All of it has come. */
  private isWhole = false;
  private isLeft = false;

  /** @param onTaken told of each piece that the reader takes, and with 0 when it wants no more. */
  constructor(onTaken: (bytes: number) => void) {
    this.onTaken = onTaken;
  }

  /** The reader wants no more: it has read all, or enough. */
  get isDone(): boolean {
    return this.isLeft;
  }

  /** What waits to be taken, in bytes of memory. */
  get queuedBytes(): number {
    return this.pieceBytes + this.pieces.length * PIECE_COST_BYTES;
  }

  push(piece: Uint8Array): void {
    if (this.error !== null || this.isLeft) return;
    this.pieces.push(piece);
    this.pieceBytes += piece.length;
    this.serve();
  }

  end(): void {
    this.isWhole = true;
    this.serve();
  }

  /** What was not taken yet is lost. A reader that wants no more does not notice. */
  fail(error: Error): void {
    this.error ??= error;
    this.drop();
    this.serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws {SnapshotEndedError} if it ended early. */
  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.waiting !== null) throw new TypeError('a piece was asked for before the last one was given');
      this.waiting = { resolve, reject };
      this.serve();
    });
  }

  return(): Promise<Result> {
    this.drop();
    this.leave();
    this.serve();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Gives the reader what it waits for, if that is there. */
  private serve(): void {
    const { waiting, error } = this;
    if (waiting === null) return;
    const piece = this.pieces.shift();
    if (piece === undefined && !this.isWhole && !this.isLeft && error === null) return;
    this.waiting = null;
    if (piece !== undefined) {
      this.pieceBytes -= piece.length;
      waiting.resolve({ done: false, value: piece });
      return this.onTaken(piece.length);
    }
    if (error !== null && !this.isLeft) return waiting.reject(error);
    waiting.resolve({ done: true, value: undefined });
    this.leave();
  }

  private leave(): void {
    if (this.isLeft) return;
    this.isLeft = true;
    this.onTaken(0);
  }

  private drop(): void {
    this.pieces.length = 0;
    this.pieceBytes = 0;
  }
}
