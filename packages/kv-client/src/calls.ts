/** The calls that have not ended: how many there may be, how long they may take, and who ends them. */

import { bytesOf, Call, type Answer, type Plan } from './call.ts';
import { Dispatcher } from './dispatcher.ts';
import { ClosedError, OverloadedError, TimeoutError, UnavailableError } from './errors.ts';
import { Link } from './link.ts';
import { checkedTimeout, type Settings } from './options.ts';
import { Sessions } from './sessions.ts';

/** What every call may be given. */
export interface CallOptions {
  /** How long the call may take, in all its attempts. */
  readonly timeoutMs?: number | undefined;
  /** Ends the call: it rejects with `signal.reason` as it is, which says nothing of whether a write took effect. */
  readonly signal?: AbortSignal | undefined;
}

/** How long `close` waits for the end of the session. */
const CLOSE_WAIT_MS = 500;

export class Calls {
  private readonly settings: Settings;
  private readonly link: Link;
  private readonly sessions: Sessions;
  private readonly dispatcher: Dispatcher;
  /** In the order in which they began. */
  private readonly all = new Set<Call>();
  /** Those that wait until one at work ends. */
  private readonly waiting = new Set<Call>();
  private pendingBytes = 0;
  private offlineSinceMs: number | null;
  private cancelSweep: (() => void) | null = null;
  private isClosed = false;

  constructor(settings: Settings) {
    this.settings = settings;
    this.offlineSinceMs = settings.clock.nowMs();
    this.link = new Link(settings, {
      onReady: () => this.onReady(),
      onDown: () => this.onDown(),
      onAnswered: () => this.dispatcher.pump(),
    });
    this.sessions = new Sessions(settings, this.link, {
      onChange: () => this.dispatcher.pump(),
      onRefused: (error) => this.dispatcher.refuseWithoutSession(error),
    });
    this.dispatcher = new Dispatcher(settings, this.link, this.sessions);
    this.link.start();
  }

  /** @throws {KvError} where the call does not even begin. */
  run(plan: Plan, { timeoutMs, signal }: CallOptions): Promise<Answer> {
    const limitMs = checkedTimeout(timeoutMs ?? this.settings.timeoutMs);
    if (this.isClosed) throw new ClosedError('not-applied');
    signal?.throwIfAborted();
    this.admit(bytesOf(plan));
    return new Promise((resolve, reject) => {
      const call = new Call(plan, this.settings.clock.nowMs(), { resolve, reject });
      this.limit(call, limitMs, signal);
      this.begin(call);
    });
  }

  /** Ends all calls, then the session, then the connection. */
  close(): Promise<void> {
    this.isClosed = true;
    for (const call of this.all) call.fail(new ClosedError(call.outcome));
    this.cancelSweep?.();
    return new Promise((resolve) => {
      const done = (): void => {
        cancelWait();
        this.link.close(new ClosedError('not-applied'));
        resolve();
      };
      const cancelWait = this.settings.clock.setTimer(CLOSE_WAIT_MS, done);
      this.sessions.end(done);
    });
  }

  private admit(bytes: number): void {
    const { maxInFlight, maxWaiting, pendingBytesMax } = this.settings;
    if (this.all.size >= maxInFlight + maxWaiting) {
      throw new OverloadedError(`${maxInFlight} calls are under way and ${maxWaiting} wait`);
    }
    // One always fits, however small the limit.
    if (this.all.size > 0 && this.pendingBytes + bytes > pendingBytesMax) {
      throw new OverloadedError(`the calls under way hold ${this.pendingBytes} of ${pendingBytesMax} bytes`);
    }
  }

  private limit(call: Call, timeoutMs: number, signal: AbortSignal | undefined): void {
    const cancelTimeout = this.settings.clock.setTimer(timeoutMs, () => {
      const cause = this.link.isUp ? (call.trouble ?? this.sessions.trouble) : this.link.lastTrouble;
      call.fail(new TimeoutError(timeoutMs, call.outcome, { cause }));
    });
    call.onEnd.push(cancelTimeout);
    if (signal === undefined) return;
    const onAbort = (): void => call.fail(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    call.onEnd.push(() => signal.removeEventListener('abort', onAbort));
  }

  private begin(call: Call): void {
    const isFull = this.all.size - this.waiting.size >= this.settings.maxInFlight;
    this.all.add(call);
    this.pendingBytes += call.bytes;
    call.onEnd.push(() => this.forget(call));
    if (isFull) this.waiting.add(call);
    else this.dispatcher.start(call);
    if (this.offlineSinceMs !== null && this.cancelSweep === null) this.sweep();
  }

  private forget(call: Call): void {
    this.all.delete(call);
    this.pendingBytes -= call.bytes;
    if (this.waiting.delete(call) || this.isClosed) return;
    const [next] = this.waiting;
    if (next === undefined) return;
    this.waiting.delete(next);
    this.dispatcher.start(next);
  }

  private onReady(): void {
    this.offlineSinceMs = null;
    this.cancelSweep?.();
    this.cancelSweep = null;
    this.dispatcher.onReady();
  }

  private onDown(): void {
    this.offlineSinceMs ??= this.settings.clock.nowMs();
    if (this.cancelSweep === null) this.sweep();
  }

  /** Ends the calls that have waited for a node long enough, and comes back for the next. */
  private sweep(): void {
    this.cancelSweep = null;
    const { clock, offlineWaitMs } = this.settings;
    if (this.offlineSinceMs === null) return;
    for (const call of this.all) {
      const restMs = Math.max(call.startedMs, this.offlineSinceMs) + offlineWaitMs - clock.nowMs();
      if (restMs > 0) {
        this.cancelSweep = clock.setTimer(restMs, () => this.sweep());
        return;
      }
      const what = `no node could be reached for ${offlineWaitMs} ms`;
      call.fail(new UnavailableError(what, call.outcome, { cause: this.link.lastTrouble }));
    }
  }
}
