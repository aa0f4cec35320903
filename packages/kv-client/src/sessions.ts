/** The session that writes belong to: opened at the first write, kept alive, replaced when it may have expired (R35, R36). */

import { NONCE_BYTES, type Response, type SessionId, type WritePosition } from '@raftkv/kv-protocol';
import type { Call } from './call.ts';
import { jitteredDelayMs } from './chance.ts';
import { OverloadedError, SessionExpiredError, type KvError } from './errors.ts';
import { failureError } from './failure-error.ts';
import type { Link } from './link.ts';
import type { Settings } from './options.ts';
import { Session } from './session.ts';

export interface SessionsListener {
  /** What waits for the session may try again. */
  onChange(): void;
  /** The cluster takes no more sessions: the writes that wait for one end. */
  onRefused(error: KvError): void;
}

/** A node that says that a session lives for no time at all is not asked in a loop. */
const KEEP_ALIVE_MS_MIN = 50;

export class Sessions {
  private readonly settings: Settings;
  private readonly link: Link;
  private readonly listener: SessionsListener;
  private current: Session | null = null;
  /** Of the session that is being opened: the same until it is, so that a repeated `open` opens one. */
  private nonce: Uint8Array | null = null;
  /** `delayed`: tried again when a timer fires or a node comes up. */
  private opening: 'no' | 'under-way' | 'delayed' = 'no';
  private keepAlive: 'not-due' | 'due' | 'under-way' = 'not-due';
  private retries = 0;
  private cancelOpenTimer: () => void = () => {};
  private cancelKeepAliveTimer: () => void = () => {};
  /** Why there is no session, where one is wanted. */
  trouble: KvError | undefined;

  constructor(settings: Settings, link: Link, listener: SessionsListener) {
    this.settings = settings;
    this.link = link;
    this.listener = listener;
  }

  /** Where `call` stands, or null while it has to wait: for a session, which is then opened, or for its window. */
  positionOf(call: Call): WritePosition | null {
    if (call.place === null) this.giveUpDoubtful();
    const session = call.place?.session ?? this.current;
    if (session === null) this.open();
    return session?.positionOf(call) ?? null;
  }

  onReady(): void {
    this.cancelOpenTimer();
    if (this.opening === 'delayed') this.opening = 'no';
    this.sendKeepAlive();
  }

  /** Sends a keep-alive that is due and could not go before. */
  sendKeepAlive(): void {
    const { current: session, settings } = this;
    if (session === null || this.keepAlive !== 'due') return;
    const sentMs = settings.clock.nowMs();
    const attempt = this.link.request(
      { kind: 'keepAlive', session: session.id },
      {
        onResponse: (response) => this.onKeepAliveResponse(session, sentMs, response),
        onLost: () => this.afterKeepAlive(session, null),
      },
    );
    if (attempt !== null) this.keepAlive = 'under-way';
  }

  /** The cluster has said that the session is gone (R36). */
  expire(session: Session): void {
    if (session.isExpired) return;
    session.isExpired = true;
    if (this.current === session) {
      this.current = null;
      this.cancelKeepAliveTimer();
    }
    // An attempt that is under way gets its own answer, and with it perhaps a certain one.
    for (const writer of session.writers) {
      if (writer.attempt === null) writer.fail(new SessionExpiredError(writer.outcome));
    }
  }

  /** Ends the session, if there is one and a node to tell; calls `done` when that has been answered, or cannot be. */
  end(done: () => void): void {
    const session = this.current;
    this.current = null;
    this.cancelOpenTimer();
    this.cancelKeepAliveTimer();
    if (session === null) return done();
    const isGood = (): boolean => {
      done();
      return true;
    };
    const attempt = this.link.request(
      { kind: 'end', session: session.id },
      { onResponse: isGood, onLost: done },
    );
    if (attempt === null) done();
  }

  /**
   * Its time is over: perhaps the cluster has ended it, and a write that begins there would only be told so. Those that
   * have a place in it keep that, for it is the cluster alone that says what became of them (R36).
   */
  private giveUpDoubtful(): void {
    if (this.current === null || this.settings.clock.nowMs() < this.current.trustedUntilMs) return;
    this.current = null;
    this.cancelKeepAliveTimer();
    this.keepAlive = 'not-due';
  }

  private open(): void {
    if (this.opening !== 'no') return;
    const sentMs = this.settings.clock.nowMs();
    this.nonce ??= this.settings.random(NONCE_BYTES);
    const attempt = this.link.request(
      { kind: 'open', nonce: this.nonce },
      {
        onResponse: (response) => this.onOpenResponse(sentMs, response),
        onLost: () => {
          this.opening = 'no';
        },
      },
    );
    if (attempt !== null) this.opening = 'under-way';
  }

  private onOpenResponse(sentMs: number, response: Response): boolean {
    switch (response.kind) {
      case 'opened':
        this.onOpened(response.session, sentMs, response.ttlMs);
        return true;
      case 'failed':
        this.trouble = failureError(response.failure);
        this.link.refused(response.failure);
        this.openLater();
        return true;
      case 'outcome': {
        const { outcome } = response;
        if (outcome.kind !== 'refused' || outcome.reason !== 'too-many-sessions') return false;
        this.opening = 'no';
        this.link.served();
        this.listener.onRefused(new OverloadedError('the cluster has as many sessions as it may have'));
        return true;
      }
      case 'alive':
      case 'value':
      case 'members':
      case 'membershipChanged':
      case 'leadershipTransferred':
      case 'status':
        return false;
    }
  }

  private onOpened(id: SessionId, sentMs: number, ttlMs: number): void {
    const session = new Session(id, this.trustedUntilMs(sentMs, ttlMs));
    this.opening = 'no';
    this.nonce = null;
    this.retries = 0;
    this.trouble = undefined;
    this.current = session;
    this.link.served();
    this.keepAliveLater(session, sentMs, ttlMs);
  }

  private openLater(): void {
    this.opening = 'delayed';
    this.cancelOpenTimer = this.settings.clock.setTimer(this.nextDelayMs(), () => {
      this.opening = 'no';
      this.listener.onChange();
    });
  }

  private onKeepAliveResponse(session: Session, sentMs: number, response: Response): boolean {
    switch (response.kind) {
      case 'alive':
        this.retries = 0;
        this.link.served();
        session.trustedUntilMs = this.trustedUntilMs(sentMs, response.ttlMs);
        this.keepAliveLater(session, sentMs, response.ttlMs);
        return true;
      case 'failed':
        this.link.refused(response.failure);
        this.afterKeepAlive(session, this.nextDelayMs());
        return true;
      case 'outcome':
        if (response.outcome.kind !== 'refused' || response.outcome.reason !== 'session-expired')
          return false;
        this.link.served();
        this.expire(session);
        return true;
      case 'opened':
      case 'value':
      case 'members':
      case 'membershipChanged':
      case 'leadershipTransferred':
      case 'status':
        return false;
    }
  }

  /**
   * Counted from when the client asked, which is before the node began to count (R38). But a moment is left after any
   * answer: where answers take longer than sessions live, opening one after another would serve nobody.
   */
  private trustedUntilMs(sentMs: number, ttlMs: number): number {
    return Math.max(sentMs + ttlMs, this.settings.clock.nowMs() + KEEP_ALIVE_MS_MIN);
  }

  private keepAliveLater(session: Session, sentMs: number, ttlMs: number): void {
    const dueMs = sentMs + Math.max(ttlMs / 3, KEEP_ALIVE_MS_MIN);
    this.afterKeepAlive(session, dueMs - this.settings.clock.nowMs());
  }

  /** @param delayMs until the next one is due; null: as soon as a node is there. */
  private afterKeepAlive(session: Session, delayMs: number | null): void {
    if (this.current !== session) return;
    this.keepAlive = delayMs === null ? 'due' : 'not-due';
    if (delayMs === null) return;
    this.cancelKeepAliveTimer = this.settings.clock.setTimer(delayMs, () => {
      this.keepAlive = 'due';
      this.sendKeepAlive();
    });
  }

  private nextDelayMs(): number {
    this.retries += 1;
    return jitteredDelayMs(this.retries, this.settings, this.settings.random);
  }
}
