/** What is heard of a node in a process of its own. */

/** What a node last said of its part in the cluster. */
export interface Part {
  /** As in `ServerStatus`. */
  readonly role: string;
  /** As in `ServerStatus`. */
  readonly term: number;
  /** The name of the node that leads; `null` while it knows of none. */
  readonly leader: string | null;
}

/** What became of a node, as it happens. */
export type LocalNodeEvent =
  /** It takes part. */
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'changed'; readonly part: Part }
  /** `isExpected`: it was told to end. `reason` is the last thing that it said, where it was not. */
  | { readonly kind: 'ended'; readonly isExpected: boolean; readonly reason: string };
