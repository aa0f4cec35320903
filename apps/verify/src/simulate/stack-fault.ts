/** Faults of what a whole stack has beside the cluster alone: connections of clients, and files. */

import type { Closure } from './client-network.ts';

interface Timed {
  readonly atMs: number;
  /** The name of a node, or `leader`: whichever leads then. */
  readonly target: string;
}

interface Lasting extends Timed {
  /** It ends sooner with the safety phase. */
  readonly forMs: number;
}

type ClientFault =
  /** A share of the connections breaks, some within a frame. */
  | (Timed & { readonly kind: 'client-cut'; readonly share: number })
  /** What is said in one direction arrives no sooner than at the end. */
  | (Lasting & { readonly kind: 'client-stall'; readonly direction: 'requests' | 'answers' })
  /** A share of the clients is refused, or hears nothing; their connections that are there may break. */
  | (Lasting & Closure & { readonly kind: 'client-refusal' });

type DiskFault =
  /** All takes so many times as long. */
  | (Lasting & { readonly kind: 'slow-disk'; readonly times: number })
  /** No file grows: what is written into files that are there still fits. */
  | (Lasting & { readonly kind: 'full-disk' })
  /** The process is killed, and a bit of what was on disk long ago has changed when it starts again. */
  | (Timed & { readonly kind: 'damage' });

/**
 * A minority with the leader in it is cut off from its peers, and half of the clients from the leader: those that stay ask one
 * that is deposed without knowing it, the others write elsewhere.
 */
type Estrangement = Omit<Lasting, 'target'> & {
  readonly kind: 'estrangement';
  /** Who goes with the leader, of those that do: as many as a minority has room for, the first of these. */
  readonly companions: readonly string[];
};

export type StackFault = ClientFault | DiskFault | Estrangement;
