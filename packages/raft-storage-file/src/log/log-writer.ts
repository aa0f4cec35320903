/**
 * Puts records on disk, in order: what was asked for while a sync was under way goes with the next one (group commit).
 * Source: rules R30 to R32.
 */

import { EncodeError } from '@raftkv/codec';
import type { Done } from '../files/file-system.ts';
import { StorageClosedError, StorageFailedError } from '../errors.ts';
import type { LogRecord } from '../format/log-record.ts';
import { placeSeed } from '../format/record.ts';
import { invariant, StorageInvariantViolation } from '../invariants.ts';
import { Batch } from './batch.ts';
import type { LogImage, Position } from './log-image.ts';
import type { LogEnd } from './recovery.ts';
import { FIRST_RECORD, type Segment } from './segment.ts';
import type { SegmentSupply } from './segment-supply.ts';

/** One write and one sync take at most so much, one record always fits. */
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
const SEAL: LogRecord = { kind: 'seal' };

/** Records that were asked for together, and what is left of them. */
interface Request {
  readonly records: readonly LogRecord[];
  taken: number;
  readonly done: Done;
}

/** The segment that is being written, and how far. */
interface Active {
  readonly segment: Segment;
  readonly seed: number;
  /** On disk up to here: where the next batch goes, and what it vouches for. */
  end: number;
}

export interface LogWriterOptions {
  readonly incarnation: Uint8Array;
  readonly image: LogImage;
  readonly supply: SegmentSupply;
  /** Where to go on; `null` where the log has no record yet. */
  readonly end: LogEnd | null;
  /** After so long without a write, the last one is vouched for by a seal; ms. `null`: only when closed. */
  readonly sealAfterMs: number | null;
  readonly setTimer: (delayMs: number, callback: () => void) => () => void;
  /** A segment has got its first record. */
  readonly onSegment: (segment: Segment) => void;
}

export class LogWriter {
  private readonly options: LogWriterOptions;
  private readonly queue: Request[] = [];
  private readonly batch = new Batch();
  private active: Active | null;
  private checksum: number;
  private isSealed: boolean;
  private isBusy = false;
  /** Where the batch that is being written ends. */
  private underWayTo: number | null = null;
  private isClosed = false;
  private failure: Error | null = null;
  private cancelSealTimer: () => void = () => {};
  private onIdle: (() => void) | null = null;

  constructor(options: LogWriterOptions) {
    const { end, incarnation } = options;
    this.options = options;
    this.checksum = end?.checksum ?? 0;
    this.isSealed = end?.isSealed ?? true;
    this.active =
      end === null
        ? null
        : {
            segment: end.segment,
            seed: placeSeed(incarnation, end.segment.number),
            end: end.offset,
          };
  }

  /** `done(null)` once all of `records` are on disk. */
  write(records: readonly LogRecord[], done: Done): void {
    if (this.isClosed || this.failure !== null) {
      const error = this.failure ?? new StorageClosedError();
      queueMicrotask(() => done(error));
      return;
    }
    this.cancelSealTimer();
    if (records.length === 0) {
      // Nothing to write, and so nothing to wait for: the writes before it are not its own.
      queueMicrotask(() => done(null));
      return;
    }
    this.queue.push({ records, taken: 0, done });
    this.pump();
  }

  /** Has the sync of what stands here returned? */
  isOnDisk({ segment, offset }: Position): boolean {
    const { active } = this;
    return active === null || segment < active.segment.number || offset < active.end;
  }

  /** Ends what was begun, and vouches for it. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.seal();
    this.isClosed = true;
    this.cancelSealTimer();
    if (!this.isBusy) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
  }

  private pump(): void {
    if (this.isBusy || this.failure !== null) return;
    const next = this.next();
    if (next === null) {
      this.onIdle?.();
      return;
    }
    const { active } = this;
    this.guard(active, () => {
      if (active !== null) {
        const finished = this.collect(active);
        if (this.batch.count > 0) return this.writeBatch(active, finished);
      }
      if (next.kind !== 'seal') return this.beginSegment(next);
      // Not worth a segment of its own, whose head will vouch as well.
      this.queue.shift();
      this.pump();
    });
  }

  private beginSegment(first: LogRecord): void {
    this.isBusy = true;
    // The head goes in the same write as the first batch: a segment with a head was used.
    this.batch.add(this.options.image.head());
    const needed = FIRST_RECORD + this.batch.size + this.batch.measure(first);
    this.options.supply.take((this.active?.segment.number ?? 0) + 1, needed).then(
      (segment) => this.begin(segment),
      (error: Error) => this.fail(this.options.supply.directory, error),
    );
  }

  private begin(segment: Segment): void {
    const seed = placeSeed(this.options.incarnation, segment.number);
    const active = { segment, seed, end: FIRST_RECORD };
    this.active = active;
    this.options.onSegment(segment);
    this.guard(active, () => this.writeBatch(active, this.collect(active)));
  }

  /** What was collected; `finished` requests end with it. */
  private writeBatch(active: Active, finished: number): void {
    invariant(this.underWayTo === null, 'written-in-turn', () => `up to ${this.underWayTo} is under way`);
    const place = { seed: active.seed, offset: active.end, previous: this.checksum };
    const { bytes, checksum } = this.batch.frame(place);
    const end = active.end + bytes.length;
    invariant(end <= active.segment.size, 'batch-within-segment', () => `${end} of ${active.segment.size}`);
    this.isBusy = true;
    this.checksum = checksum;
    this.underWayTo = end;
    active.segment.file.writeSynced(bytes, active.end, (error) => {
      if (error !== null) this.fail(active.segment.file.path, error);
      else this.guard(active, () => this.onSynced(active, end, finished));
    });
  }

  private onSynced(active: Active, end: number, finished: number): void {
    invariant(
      this.underWayTo === end,
      'written-in-turn',
      () => `${end} is done, ${this.underWayTo} under way`,
    );
    this.underWayTo = null;
    this.batch.clear();
    active.end = end;
    this.isBusy = false;
    this.options.supply.onProgress(active.segment, end);
    const done = this.queue.splice(0, finished);
    this.pump();
    this.sealLater();
    for (const request of done) request.done(null);
  }

  /** A broken promise, ours or the caller's: whoever waits is told, and nothing is written any more. */
  private guard(active: Active | null, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isBrokenPromise(error)) throw error;
      this.fail(active?.segment.file.path ?? this.options.supply.directory, error);
    }
  }

  /**
   * As many records as fit into the segment, and beyond the first into a batch; the image follows them. Says how many
   * requests end with one of them.
   */
  private collect(active: Active): number {
    const { batch } = this;
    const before = batch.count;
    for (const [finished, request] of this.queue.entries()) {
      for (let record = nextOf(request); record !== null; record = nextOf(request)) {
        const offset = active.end + batch.size;
        batch.add(record);
        const isTooLong = batch.size > BATCH_BYTES_MAX && batch.count > before + 1;
        if (isTooLong || active.end + batch.size > active.segment.size) {
          batch.dropLast();
          return finished;
        }
        this.follow(record, active.segment.number, offset);
        request.taken += 1;
      }
    }
    return this.queue.length;
  }

  private follow(record: LogRecord, segment: number, offset: number): void {
    const { image } = this.options;
    const objection = image.objection(record);
    invariant(objection === null, 'records-follow', () => objection ?? '');
    image.apply(record, { segment, offset });
    this.isSealed = record.kind === 'seal';
  }

  private next(): LogRecord | null {
    const [request] = this.queue;
    return request === undefined ? null : nextOf(request);
  }

  private sealLater(): void {
    const { sealAfterMs, setTimer } = this.options;
    if (this.isBusy || this.isSealed || this.isClosed || sealAfterMs === null) return;
    this.cancelSealTimer = setTimer(sealAfterMs, () => this.seal());
  }

  private seal(): void {
    if (!this.isSealed || this.queue.length > 0) this.write([SEAL], () => {});
  }

  /** The first failure is the last thing that this writer does. */
  private fail(file: string, cause: Error): void {
    // A broken promise is not the disk's fault, and says so itself.
    this.failure = isBrokenPromise(cause) ? cause : new StorageFailedError(file, cause);
    this.isBusy = false;
    this.cancelSealTimer();
    const { failure } = this;
    // Not at once: a broken promise is found within the call that breaks it.
    queueMicrotask(() => {
      for (const { done } of this.queue.splice(0)) done(failure);
      this.onIdle?.();
    });
  }
}

function isBrokenPromise(error: unknown): error is StorageInvariantViolation | EncodeError {
  return error instanceof StorageInvariantViolation || error instanceof EncodeError;
}

function nextOf({ records, taken }: Request): LogRecord | null {
  return records[taken] ?? null;
}
