/** Notices that a stream stands still. */

import type { Cancel, TransportClock } from '../clock.ts';

/** A limit in time is counted in so many looks: after a stall of this process one look is late, and not all of them. */
const LOOKS = 3;

export interface SilenceHost {
  /** Several times within the limit. */
  onLook(hasMoved: boolean): void;
  /** Nothing has moved for the limit, and at most a third more. The last call. */
  onSilent(): void;
}

export class Silence {
  private readonly clock: TransportClock;
  private readonly msMax: number;
  private readonly host: SilenceHost;
  private cancel: Cancel = () => {};
  private hasMoved = false;
  private looksSilent = 0;

  constructor(clock: TransportClock, msMax: number, host: SilenceHost) {
    this.clock = clock;
    this.msMax = msMax;
    this.host = host;
    this.lookLater();
  }

  moved(): void {
    this.hasMoved = true;
  }

  stop(): void {
    this.cancel();
  }

  private lookLater(): void {
    this.cancel = this.clock.after(this.msMax / LOOKS, () => this.look());
  }

  private look(): void {
    const { hasMoved } = this;
    this.hasMoved = false;
    this.looksSilent = hasMoved ? 0 : this.looksSilent + 1;
    if (this.looksSilent >= LOOKS) return this.host.onSilent();
    // First, since what is told may end the stream.
    this.lookLater();
    this.host.onLook(hasMoved);
  }
}
