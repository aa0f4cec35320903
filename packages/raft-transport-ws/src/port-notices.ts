/**
 * Notices that anyone can cause who reaches the port. A scanner must not fill a log: of each sort one is told, and for a
 * pause after it the others are only counted; then the newest of them is told, with the number of those that were not.
 */

import type { NodeId } from '@raftkv/core';
import type { Cancel, TransportClock } from './clock.ts';
import type { Notify, RefusedNotice, StrangerNotice } from './notice.ts';

export type PortNotice = Omit<StrangerNotice, 'untold'> | Omit<RefusedNotice, 'untold'>;

export interface PortNoticesHost {
  readonly clock: TransportClock;
  readonly noticePauseMs: number;
  readonly notify: Notify;
  isPeer(id: NodeId): boolean;
}

/** Those of one sort. */
interface Pace {
  quietUntilMs: number;
  /** Came since the last one that was told. */
  waiting: { readonly newest: PortNotice; readonly count: number; readonly cancel: Cancel } | null;
}

export class PortNotices {
  private readonly host: PortNoticesHost;
  /** As many as there are kinds of refusals and peers, whoever comes. */
  private readonly paces = new Map<string, Pace>();
  private isClosed = false;

  constructor(host: PortNoticesHost) {
    this.host = host;
  }

  add(notice: PortNotice): void {
    if (this.isClosed) return;
    const pace = this.paceOf(notice);
    const { clock } = this.host;
    const quietMs = pace.quietUntilMs - clock.nowMs();
    if (pace.waiting === null && quietMs <= 0) return this.tell(pace, notice, 0);
    const cancel = pace.waiting?.cancel ?? clock.after(quietMs, () => this.tellWaiting(pace));
    pace.waiting = { newest: notice, count: (pace.waiting?.count ?? 0) + 1, cancel };
  }

  /** Tells what waits; nothing is told after it. */
  close(): void {
    this.isClosed = true;
    for (const pace of this.paces.values()) this.tellWaiting(pace);
  }

  private paceOf(notice: PortNotice): Pace {
    const sort = this.sortOf(notice);
    const pace = this.paces.get(sort) ?? { quietUntilMs: -Infinity, waiting: null };
    this.paces.set(sort, pace);
    return pace;
  }

  /** A name is anyone's to claim: only those of peers make sorts of their own, so that a flood does not hide a peer. */
  private sortOf(notice: PortNotice): string {
    if (notice.kind === 'stranger') return notice.kind;
    const { refusal, peer } = notice;
    return peer !== null && this.host.isPeer(peer) ? `${refusal} ${peer}` : refusal;
  }

  private tellWaiting(pace: Pace): void {
    if (pace.waiting === null) return;
    const { newest, count, cancel } = pace.waiting;
    cancel();
    pace.waiting = null;
    this.tell(pace, newest, count - 1);
  }

  private tell(pace: Pace, notice: PortNotice, untold: number): void {
    pace.quietUntilMs = this.host.clock.nowMs() + this.host.noticePauseMs;
    this.host.notify({ ...notice, untold });
  }
}
