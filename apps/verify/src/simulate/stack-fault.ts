/** Faults of what a whole stack has beside the cluster alone: connections of clients, and files. */

interface Timed {
  readonly atMs: number;
  /** The name of a node. */
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
  /** Who dials is refused, or hears nothing. */
  | (Lasting & { readonly kind: 'client-refusal'; readonly isSilent: boolean });

type DiskFault =
  /** All takes so many times as long. */
  | (Lasting & { readonly kind: 'slow-disk'; readonly times: number })
  /** No file grows: what is written into files that are there still fits. */
  | (Lasting & { readonly kind: 'full-disk' })
  /** The process is killed, and a bit of what was on disk long ago has changed when it starts again. */
  | (Timed & { readonly kind: 'damage' });

export type StackFault = ClientFault | DiskFault;
