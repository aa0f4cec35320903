/**
 * The way to the cluster: one connection at a time, towards the leader. A lost one is replaced, with back-off and
 * jitter, by another node; a node that says who leads is left for that one, once what is under way has been answered.
 */

import type { Directory, Failure, Request } from '@raftkv/kv-protocol';
import { jitteredDelayMs } from './chance.ts';
import { Connection, type Attempt, type Exchange, type Hello } from './connection.ts';
import { ProtocolError, UnavailableError, type KvError } from './errors.ts';
import type { Notice } from './notice.ts';
import type { Settings } from './options.ts';
import { isMembershipRefusal, isTransferRefusal } from './refusals.ts';
import { Route } from './route.ts';

export interface LinkListener {
  /** A node is there, or the one that is there has news of the leader: what waits may go. */
  onReady(): void;
  /** No node is there. */
  onDown(): void;
  /** Responses have been handed out, and more may be sent. */
  onAnswered(): void;
}

/** How long answers are waited for before a node is left for the leader: cut off, their outcome would be unknown. */
const PARTING_MS = 50;
/**
 * A node that knows of no leader for this long, or of none that can be reached, may be cut off: another is asked. Not
 * earlier, since the one that is there will say at once who was elected.
 */
const LEADERLESS_MS = 500;

export class Link {
  private readonly settings: Settings;
  private readonly listener: LinkListener;
  private readonly route: Route;
  private connection: Connection | null = null;
  /** Of the node that is there: the address that was dialled, and its own, which may be another. */
  private urls: readonly string[] = [];
  /** Of this connection: `parting` takes no more requests. */
  private phase: 'down' | 'up' | 'parting' | 'closed' = 'down';
  /** Nodes dialled in vain since one last said hello. */
  private failures = 0;
  /** Nodes that said hello and were left or lost since one last served: they may name each other for ever. */
  private hops = 0;
  private upSinceMs = 0;
  private leaderlessSinceMs: number | null = null;
  private cluster: string | null = null;
  private cancelTimer: () => void = () => {};
  private trouble: KvError = new UnavailableError('no node has answered yet', 'not-applied');

  constructor(settings: Settings, listener: LinkListener) {
    this.settings = settings;
    this.listener = listener;
    this.route = new Route(settings.endpoints);
  }

  get isUp(): boolean {
    return this.phase === 'up';
  }

  get canSend(): boolean {
    return this.isUp && this.connection?.canSend === true;
  }

  /** What happened to the last connection that ended. */
  get lastTrouble(): KvError {
    return this.trouble;
  }

  start(): void {
    this.dial();
  }

  /** Sends if that is possible now. */
  request(request: Request, exchange: Exchange): Attempt | null {
    if (!this.canSend || this.connection === null) return null;
    return this.connection.request(request, exchange);
  }

  /** A request was served as only a leader can serve it. */
  served(): void {
    this.hops = 0;
    this.leaderlessSinceMs = null;
  }

  /** A request was refused: perhaps another node is the one to ask. */
  refused(failure: Failure): void {
    const { code } = failure;
    // The word of the leader on what an operator asked for.
    if (isMembershipRefusal(code) || isTransferRefusal(code)) return;
    switch (code) {
      case 'not-leader':
      case 'outcome-unknown':
        if (failure.leaderUrl !== null) this.route.learnLeader(failure.leaderUrl);
        return this.lookForLeader(code === 'not-leader');
      case 'unavailable':
        if (failure.leaderUrl !== null) this.route.learnLeader(failure.leaderUrl);
        return this.part();
      case 'overloaded':
      case 'invalid-request':
        return;
      default:
        code satisfies never;
    }
  }

  close(error: KvError): void {
    this.phase = 'closed';
    this.cancelTimer();
    this.connection?.end(error);
  }

  private dial(): void {
    const { clock } = this.settings;
    const url = this.route.next(clock.nowMs());
    try {
      const connection: Connection = new Connection(url, this.settings, {
        onHello: (hello) => this.onHello(connection, hello),
        onDirectory: (directory) => this.onDirectory(directory),
        onAnswered: () => this.onAnswered(),
        onEnd: (error) => this.onEnd(url, error),
      });
      this.connection = connection;
    } catch (cause) {
      // An address that the platform refuses.
      this.onEnd(url, new UnavailableError(`${url} cannot be dialled`, 'not-applied', { cause }));
    }
  }

  private onHello(connection: Connection, { cluster, node, clientUrl, directory }: Hello): void {
    const { url } = connection;
    if (this.cluster !== null && this.cluster !== cluster) {
      // The session, and all that it protects, would mean something else there.
      const what = `${url} is left: it is of cluster ${cluster}, not ${this.cluster}`;
      return connection.end(new ProtocolError(what, 'not-applied'));
    }
    this.cluster = cluster;
    this.urls = clientUrl === null ? [url] : [url, clientUrl];
    this.route.reached(url);
    this.phase = 'up';
    this.failures = 0;
    this.upSinceMs = this.settings.clock.nowMs();
    this.leaderlessSinceMs = null;
    this.notify({ kind: 'connected', url, cluster, node });
    this.onDirectory(directory);
  }

  private onDirectory(directory: Directory): void {
    this.route.learn(directory);
    if (!this.isUp) return;
    this.lookForLeader(false);
    if (this.isUp) this.listener.onReady();
  }

  /** Goes to the leader if one is known elsewhere. A node that knows none is given some time to learn of one. */
  private lookForLeader(isNeeded: boolean): void {
    if (!this.isUp || this.connection === null) return;
    const nowMs = this.settings.clock.nowMs();
    const { url } = this.connection;
    const leader = this.route.leaderElsewhere(this.urls, nowMs);
    if (leader !== null) {
      this.notify({ kind: 'redirected', url, to: leader });
      return this.part();
    }
    if (!isNeeded) return;
    this.leaderlessSinceMs ??= nowMs;
    if (nowMs - this.leaderlessSinceMs >= LEADERLESS_MS) this.part();
  }

  /** Leaves the node, after the answers that are on their way. */
  private part(): void {
    if (!this.isUp) return;
    this.phase = 'parting';
    this.cancelTimer = this.settings.clock.setTimer(PARTING_MS, () => this.leave());
    // Not now: this runs inside the answer to a request that has not been dealt with.
    if (this.connection?.isIdle === true) {
      this.cancelTimer();
      this.cancelTimer = this.settings.clock.setTimer(0, () => this.leave());
    }
  }

  private leave(): void {
    const left = this.connection?.url ?? 'the node';
    this.connection?.end(new UnavailableError(`${left} was left for another node`, 'not-applied'));
  }

  private onAnswered(): void {
    if (this.phase === 'parting' && this.connection?.isIdle === true) this.leave();
    else this.listener.onAnswered();
  }

  private onEnd(url: string, error: KvError): void {
    if (this.phase === 'closed') return;
    const { clock } = this.settings;
    const nowMs = clock.nowMs();
    const wasUp = this.phase === 'up' || this.phase === 'parting';
    const wasLeft = this.phase === 'parting';
    if (wasUp) {
      // One that held is no reason to hesitate.
      this.hops = nowMs - this.upSinceMs > this.settings.backoffMaxMs ? 1 : this.hops + 1;
    } else {
      this.failures += 1;
      this.route.failed(url, nowMs);
    }
    this.phase = 'down';
    this.connection = null;
    this.trouble = error;
    if (error instanceof ProtocolError) this.notify({ kind: 'distrusted', url, error });
    else if (!wasLeft) this.notify({ kind: 'disconnected', url, error });
    this.cancelTimer();
    this.cancelTimer = clock.setTimer(this.delayMs(), () => this.dial());
    this.listener.onDown();
  }

  /** The first dials follow at once (a lost node, the next, the leader that it names); then each waits longer. */
  private delayMs(): number {
    const { settings } = this;
    const count = this.failures + this.hops;
    return count <= 2 ? 0 : jitteredDelayMs(count - 3, settings, settings.random);
  }

  private notify(notice: Notice): void {
    try {
      this.settings.onNotice(notice);
    } catch (error) {
      // Whoever listens has a fault; it must not become one of the connection, nor go unseen.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
