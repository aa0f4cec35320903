/** What both ends of a snapshot's stream share. */

import type { ChannelEnd } from '../channel.ts';
import type { TransportClock } from '../clock.ts';
import type { SnapshotEnd, SnapshotEndedError } from '../errors.ts';
import type { Counters } from '../metrics.ts';
import type { TransportLimits } from '../options.ts';
import { reasonOfClose } from '../reason.ts';

export interface StreamHost {
  readonly clock: TransportClock;
  readonly limits: TransportLimits;
  readonly counters: Counters;
  /**
   * Once, within the call that ends it; `null` where it was delivered.
   *
   * @param address of the other side's socket, where there was one.
   */
  onOver(error: SnapshotEndedError | null, address: string): void;
}

/** Close codes: what came of it was told by a frame, or needs no word. */
export const NORMAL = 1000;
/** A frame that no peer sends; as on the connection for messages. */
export const BAD_FRAME = 4410;
/** A later snapshot is in the place of this one; as on the connection for messages. */
export const REPLACED = 4411;
/** The sender could not read its own snapshot to the end. */
export const CONTENT_FAILED = 4412;

/** What the end of its connection says about a stream that had no other. */
export function endOfStream(end: ChannelEnd): { readonly why: SnapshotEnd; readonly reason: string } {
  if (end.kind === 'fault') return { why: 'bad-frame', reason: end.reason };
  return { why: whyOf(end.code), reason: reasonOfClose(end) };
}

function whyOf(code: number): SnapshotEnd {
  switch (code) {
    case REPLACED:
      return 'replaced';
    case CONTENT_FAILED:
      return 'content-failed';
    default:
      return 'disconnected';
  }
}
