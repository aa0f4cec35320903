/** A snapshot on its way between two nodes in one process: each piece is asked for when the receiver takes it. */

/** What goes over, and who is told how it ends. */
export interface Sending {
  readonly head: Uint8Array;
  readonly content: AsyncIterable<Uint8Array>;
  readonly done: (error: Error | null) => void;
}

/** As `TransportEvents.onSnapshot`, of one receiver. */
type Receive = (head: Uint8Array, content: AsyncIterable<Uint8Array>) => Promise<void>;

export class SnapshotStream implements AsyncIterableIterator<Uint8Array> {
  private readonly sending: Sending;
  private readonly schedule: (task: () => void) => void;
  private readonly onOver: () => void;
  private readonly source: AsyncIterator<Uint8Array>;
  /** Why it is over; `null` also where it came to its end. */
  private error: Error | null = null;
  private isOver = false;
  private isLetGo = false;
  /** Fails the piece that the receiver waits for: the sender's content may never give one. */
  private failWaiting: (error: Error) => void = () => {};

  /**
   * @param schedule calls later what it is given.
   * @param onOver called once, when it is over.
   */
  constructor(sending: Sending, schedule: (task: () => void) => void, onOver: () => void) {
    this.sending = sending;
    this.schedule = schedule;
    this.onOver = onOver;
    this.source = sending.content[Symbol.asyncIterator]();
  }

  begin(receive: Receive): void {
    if (this.isOver) return;
    // Copies, of the content too: the receiver may keep them, and the sender use them again.
    receive(this.sending.head.slice(), this).then(
      () => this.end(null),
      (error: unknown) => this.end(asError(error)),
    );
  }

  /** Once: tells the sender later, fails what the receiver still asks for, and lets the sender's content go. */
  end(error: Error | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.error = error;
    if (error !== null) this.failWaiting(error);
    this.letGo();
    this.onOver();
    this.schedule(() => this.sending.done(error));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.isOver) return this.afterEnd();
    const over = new Promise<never>((_, reject) => (this.failWaiting = reject));
    let result: IteratorResult<Uint8Array>;
    try {
      result = await Promise.race([this.source.next(), over]);
    } catch (error) {
      this.end(asError(error));
      throw error;
    }
    if (this.isOver) return this.afterEnd();
    return result.done === true
      ? { done: true, value: undefined }
      : { done: false, value: result.value.slice() };
  }

  /** The receiver reads no further, and what it makes of that its promise tells. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.letGo();
    return Promise.resolve({ done: true, value: undefined });
  }

  private afterEnd(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.error !== null) return Promise.reject(this.error);
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What fails now was given up already. */
  private letGo(): void {
    if (this.isLetGo) return;
    this.isLetGo = true;
    this.source.return?.().then(undefined, () => {});
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
