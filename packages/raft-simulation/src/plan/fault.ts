/** What a plan does to a cluster, as data. A fault has its own end with it: to leave it out leaves nothing half done. */

import type { Weather } from '../network/weather.ts';

/**
 * The id of a host, or who it is when it happens: the leader, one whose disk has something to write, or, of calls, one
 * that leads an earlier term still.
 */
export type Target = string;

/** A fault of one moment. */
export interface Timed {
  /** When it happens. */
  readonly atMs: number;
}

/** A fault with an end. */
export interface Lasting extends Timed {
  /** How long it lasts; it ends sooner with the safety phase. */
  readonly forMs: number;
}

/** Links by their ends, from and to. */
export type Links = readonly (readonly [string, string])[];

/** What one end of a broken connection learns, and when; `null` where it never does. */
export type Word = { readonly afterMs: number; readonly processGone: boolean } | null;

/** One thing that happens to a cluster. */
export type Fault =
  /** What is sent on these links is lost. `shape` only says how they were chosen. */
  | (Lasting & { readonly kind: 'cut'; readonly shape: string; readonly links: Links })
  /** What is sent on these links waits. */
  | (Lasting & { readonly kind: 'clog'; readonly shape: string; readonly links: Links })
  /** All links of one host are cut: to it, from it, or both. */
  | (Lasting & { readonly kind: 'isolate'; readonly target: Target; readonly side: 'in' | 'out' | 'both' })
  /** A connection breaks; each end learns of it as its word says, the target first. */
  | (Timed & {
      readonly kind: 'flap';
      readonly target: Target;
      readonly other: string;
      readonly words: readonly [Word, Word];
    })
  /** The network gets worse. */
  | (Lasting & { readonly kind: 'weather'; readonly weather: Partial<Weather> })
  /** The disk does nothing, and reads nothing. */
  | (Lasting & { readonly kind: 'stall'; readonly target: Target })
  /** The next sync fails; whoever looks after the host starts it again. */
  | (Timed & { readonly kind: 'sync-failure'; readonly target: Target })
  /** The process is killed, and started again at the end. */
  | (Lasting & { readonly kind: 'crash'; readonly target: Target })
  /** The process is stopped, and goes on at the end. */
  | (Lasting & { readonly kind: 'pause'; readonly target: Target })
  /** As `crash`, but it starts again on an empty disk. */
  | (Lasting & { readonly kind: 'wipe'; readonly target: string })
  /** The clock jumps ahead. */
  | (Timed & { readonly kind: 'jump'; readonly target: Target; readonly byMs: number })
  /** The host is told to campaign. */
  | (Timed & { readonly kind: 'campaign'; readonly target: Target })
  /** The host is told to hand leadership to `to`; `null` is the best match. */
  | (Timed & { readonly kind: 'transfer'; readonly target: Target; readonly to: string | null });

/** What kinds of faults there are. */
export type FaultKind = Fault['kind'];
