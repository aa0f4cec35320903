/** The calls that have not ended: how many there may be, how long they may take, and who ends them. */

import { bytesOf, Call, type Answer, type Plan } from './call.ts';
import { Deadlines } from './deadlines.ts';
import { Dispatcher } from './dispatcher.ts';
import { ClosedError, OverloadedError, TimeoutError, UnavailableError } from './errors.ts';
import { Link } from './link.ts';
import { LinkedList } from './linked-list.ts';
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
  private readonly all = new LinkedList<Call>();
  /** Those that wait until one at work ends. */
  private readonly waiting = new LinkedList<Call>();
  private readonly deadlines: Deadlines<Call>;
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
    this.deadlines = new Deadlines(settings.clock, (call) => this.onTimeout(call));
    this.link.start();
  }

  /** Rejects where the call does not even begin, too: with whatever `planOf` throws, or a `KvError`. */
  run(planOf: () => Plan, options: CallOptions): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const plan = planOf();
      const { timeoutMs, signal } = options;
      const limitMs = checkedTimeout(timeoutMs ?? this.settings.timeoutMs);
      if (this.isClosed) throw new ClosedError('not-applied');
      signal?.throwIfAborted();
      this.admit(bytesOf(plan));
      const ends = { onEnd: this.onEnd, resolve, reject };
      const call = new Call(plan, this.settings.clock.nowMs(), limitMs, ends);
      call.deadlineEntry = this.deadlines.add(call);
      if (signal !== undefined) listen(call, signal);
      this.begin(call);
    });
  }

  /** Ends all calls, then the session, then the connection. */
  close(): Promise<void> {
    this.isClosed = true;
    for (let { first } = this.all; first !== null; { first } = this.all) {
      first.value.fail(new ClosedError(first.value.outcome));
    }
    this.deadlines.close();
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

  private begin(call: Call): void {
    const isFull = this.all.size - this.waiting.size >= this.settings.maxInFlight;
    call.entry = this.all.append(call);
    this.pendingBytes += call.bytes;
    if (isFull) call.waitingEntry = this.waiting.append(call);
    else this.dispatcher.start(call);
    if (this.offlineSinceMs !== null && this.cancelSweep === null) this.sweep();
  }

  private onTimeout(call: Call): void {
    const cause = this.link.isUp ? (call.trouble ?? this.sessions.trouble) : this.link.lastTrouble;
    call.fail(new TimeoutError(call.timeoutMs, call.outcome, { cause }));
  }

  /** Bound once: every call has it. */
  private readonly onEnd = (call: Call): void => {
    if (call.deadlineEntry !== null) this.deadlines.remove(call.deadlineEntry);
    call.forgetSignal?.();
    this.forget(call);
    this.dispatcher.forget(call);
  };

  private forget(call: Call): void {
    if (call.entry !== null) this.all.remove(call.entry);
    this.pendingBytes -= call.bytes;
    if (call.waitingEntry !== null) return this.waiting.remove(call.waitingEntry);
    const next = this.isClosed ? null : this.waiting.first;
    if (next === null) return;
    this.waiting.remove(next);
    next.value.waitingEntry = null;
    this.dispatcher.start(next.value);
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
    for (let { first } = this.all; first !== null; { first } = this.all) {
      const call = first.value;
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

function listen(call: Call, signal: AbortSignal): void {
  const onAbort = (): void => call.fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  call.forgetSignal = () => signal.removeEventListener('abort', onAbort);
}
