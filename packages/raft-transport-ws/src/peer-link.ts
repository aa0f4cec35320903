/**
 * Everything between this node and one peer. The node whose id comes first dials and keeps dialing; the other one accepts,
 * and dials only to ask: for a sign of life when a connection broke, and to be dialed, or heard by one that does not know
 * it, as long as they are not connected. So there is never more than one connection to decide about. Source: R13.
 */

import type { Message, NodeId } from '@raftkv/core';
import type { Greeting } from '@raftkv/runtime';
import { BackOff } from './back-off.ts';
import type { Purpose as HelloPurpose } from './bytes/hello.ts';
import type { Channel } from './channel.ts';
import { fairlyAfter, type Cancel, type TransportClock } from './clock.ts';
import { Connection, type ConnectionEnd } from './connection.ts';
import type { Dial, DialResult } from './dial.ts';
import type { Counters } from './metrics.ts';
import type { Notify, TransportNotice } from './notice.ts';
import type { TransportLimits } from './options.ts';

/** A snapshot is no matter of the link. */
type Purpose = Exclude<HelloPurpose, 'snapshot'>;

/** Close codes of ours for a connection in whose place another one is. */
const REPLACED = 4411;

export interface PeerLinkHost {
  readonly clock: TransportClock;
  readonly random: () => number;
  readonly limits: TransportLimits;
  readonly counters: Counters;
  readonly notify: Notify;
  dial(peer: NodeId, purpose: Purpose, done: (result: DialResult) => void): Dial;
  onConnected(peer: NodeId, greeting: Greeting): void;
  onReceived(peer: NodeId, messages: readonly Message[]): void;
  onDisconnected(peer: NodeId, processGone: boolean): void;
}

/** A connection is gone, and the node not told yet: is the process gone too? */
interface Farewell {
  readonly processNumber: number;
  readonly reason: string;
  readonly cancel: Cancel;
}

export class PeerLink {
  private readonly peer: NodeId;
  private readonly isDialer: boolean;
  private readonly host: PeerLinkHost;
  private readonly backOff: BackOff;
  private connection: Connection | null = null;
  private farewell: Farewell | null = null;
  private dial: Dial | null = null;
  private cancelRetry: Cancel = () => {};
  /** The process met last. */
  private processNumber: number | null = null;
  /** A new process asked to be dialed while a dial was under way, which may have come too early. */
  private isAskedFor = false;
  private lastTrouble = '';
  private isQueueFull = false;
  /** Is it to be dialed without being asked? */
  private isWanted = true;
  private isClosed = false;

  constructor(peer: NodeId, isDialer: boolean, host: PeerLinkHost) {
    const { backOffMsMin, backOffMsMax } = host.limits;
    this.peer = peer;
    this.isDialer = isDialer;
    this.host = host;
    this.backOff = new BackOff(backOffMsMin, backOffMsMax, host.random);
  }

  get isConnected(): boolean {
    return this.connection !== null;
  }

  get queuedBytes(): number {
    return this.connection?.queuedBytes ?? 0;
  }

  /** Whoever was there before dials now; whoever is not, will when it starts. */
  start(): void {
    this.dialNow(this.isDialer ? 'stay' : 'probe');
  }

  /** A peer that is not wanted keeps the connection there is, and is heard when it asks for one. */
  setWanted(isWanted: boolean): void {
    if (isWanted === this.isWanted) return;
    this.isWanted = isWanted;
    if (!isWanted) this.cancelRetry();
    else if (this.connection === null && this.dial === null) this.start();
  }

  close(): void {
    this.isClosed = true;
    this.farewell?.cancel();
    this.cancelRetry();
    this.dial?.abort();
    this.connection?.drop(1001, 'this node stops');
    this.connection = null;
  }

  /** False where the frames are lost. */
  send(encode: () => readonly Uint8Array[]): boolean {
    const { connection } = this;
    if (connection === null) return false;
    const isTaken = connection.send(encode);
    if (!isTaken && !this.isQueueFull) {
      this.host.notify({ kind: 'queue-full', peer: this.peer, queuedBytes: connection.queuedBytes });
    }
    this.isQueueFull = !isTaken;
    return isTaken;
  }

  /** A handshake is done, and this is the connection from now on. A peer that dials has lost the one before. */
  adopt(channel: Channel, greeting: Greeting): void {
    if (this.isClosed) return;
    this.endFor(greeting);
    if (this.isClosed) return;
    this.dial?.abort();
    this.dial = null;
    this.cancelRetry();
    this.isAskedFor = false;
    this.isQueueFull = false;
    this.lastTrouble = '';
    this.processNumber = greeting.processNumber;
    this.connection = new Connection(channel, greeting, this.host, {
      onMessages: (messages) => this.host.onReceived(this.peer, messages),
      onEnd: (end) => this.onEnd(end),
    });
    this.host.notify({ kind: 'connected', peer: this.peer });
    this.host.onConnected(this.peer, greeting);
  }

  /** The peer asked for a sign of life, and so gave one. */
  onProbe(greeting: Greeting): void {
    if (this.isClosed) return;
    const isOther = greeting.processNumber !== this.processNumber;
    // The same process may have asked before the connection that there is now.
    if (isOther || this.connection === null) this.endFor(greeting);
    if (this.isClosed || !this.isDialer || !isOther) return;
    if (this.dial === null) this.dialNow('stay');
    else this.isAskedFor = true;
  }

  /** The connection there was is over, and whether its process is shows in who is there now. */
  private endFor({ processNumber }: Greeting): void {
    const { connection } = this;
    if (connection === null) return this.sayFarewell(processNumber);
    this.connection = null;
    connection.drop(REPLACED, 'another connection is in the place of this one');
    this.tellDisconnected(processNumber !== connection.greeting.processNumber, 'the peer connected anew');
  }

  private onEnd(end: ConnectionEnd): void {
    const { connection } = this;
    if (connection === null) return;
    this.connection = null;
    if (connection.isSteady) this.backOff.reset();
    if (end.kind !== 'closed') return this.onEndByThisSide(connection, end);
    const { processNumber } = connection.greeting;
    const { clock, limits } = this.host;
    const cancel = fairlyAfter(clock, limits.redialMs, () => this.sayFarewell(null));
    this.farewell = { processNumber, reason: end.reason, cancel };
    // Where connections end as soon as they are made, this is only to know; to have one again, back-off decides.
    // A peer that is not wanted makes the next one itself, if it wants one: a dial of ours could cross it.
    this.dialNow(this.isDialer && this.isWanted && connection.isSteady ? 'stay' : 'probe');
  }

  private onEndByThisSide({ address }: Connection, end: Exclude<ConnectionEnd, { kind: 'closed' }>): void {
    if (end.kind === 'bad-frame') {
      this.host.notify({ kind: 'bad-frame', peer: this.peer, address, reason: end.reason });
    }
    this.retryLater();
    this.tellDisconnected(false, reasonOf(end));
  }

  /** @param processNumber who is there now; `null`: nobody answered. */
  private sayFarewell(processNumber: number | null): void {
    const { farewell } = this;
    if (farewell === null) return;
    farewell.cancel();
    this.farewell = null;
    this.tellDisconnected(processNumber !== farewell.processNumber, farewell.reason);
  }

  private tellDisconnected(processGone: boolean, reason: string): void {
    this.host.notify({ kind: 'disconnected', peer: this.peer, processGone, reason });
    this.host.onDisconnected(this.peer, processGone);
  }

  private dialNow(purpose: Purpose): void {
    if (this.isClosed) return;
    this.cancelRetry();
    this.dial?.abort();
    this.host.counters.dials += 1;
    this.dial = this.host.dial(this.peer, purpose, (result) => this.onDialed(result));
  }

  private retryLater(): void {
    if (this.isClosed || !this.isWanted) return;
    this.cancelRetry();
    this.cancelRetry = this.host.clock.after(this.backOff.nextMs(), () => this.start());
  }

  private onDialed(result: DialResult): void {
    this.dial = null;
    if (result.kind === 'answered' && result.purpose === 'stay')
      return this.adopt(result.channel, result.greeting);
    if (this.isDialer && this.isAskedFor) this.dialNow('stay');
    else this.retryLater();
    this.isAskedFor = false;
    if (result.kind === 'answered') return this.sayFarewell(result.greeting.processNumber);
    this.tellTrouble(troubleOf(this.peer, result));
    // Where nobody knows whom to ask, nothing is known of the process.
    this.sayFarewell(result.kind === 'unaddressed' ? (this.farewell?.processNumber ?? null) : null);
  }

  private tellTrouble(notice: Extract<TransportNotice, { kind: 'unreachable' | 'refused' }>): void {
    if (notice.reason === this.lastTrouble) return;
    this.lastTrouble = notice.reason;
    this.host.notify(notice);
  }
}

function troubleOf(peer: NodeId, result: Exclude<DialResult, { kind: 'answered' }>) {
  switch (result.kind) {
    case 'refused': {
      const { by, address, refusal } = result;
      const { kind, reason } = refusal;
      // A peer is dialed at the pace of back-off, and the same reason told once: none is left out.
      return { kind: 'refused', by, peer, address, refusal: kind, reason, untold: 0 } as const;
    }
    case 'failed':
      return { kind: 'unreachable', peer, reason: result.reason } as const;
    case 'unaddressed':
      return { kind: 'unreachable', peer, reason: 'its address is not known' } as const;
  }
}

function reasonOf(end: Exclude<ConnectionEnd, { kind: 'closed' }>): string {
  switch (end.kind) {
    case 'bad-frame':
      return `it sent what no peer sends: ${end.reason}`;
    case 'silent':
      return 'it was silent for too long';
    case 'not-reading':
      return 'it did not read for too long';
  }
}
