/** Events in the order of their time; those of one moment in the order in which they were added. A binary heap. */

export interface WorldEvent {
  readonly atMs: number;
  /** Rises with each event added. */
  readonly sequence: number;
  readonly run: () => void;
}

export class EventQueue {
  private readonly heap: WorldEvent[] = [];
  private sequence = 0;

  get size(): number {
    return this.heap.length;
  }

  add(atMs: number, run: () => void): void {
    this.sequence += 1;
    const event = { atMs, sequence: this.sequence, run };
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >>> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = event;
  }

  /** Takes the next event that is not after `endMs`. */
  take(endMs: number): WorldEvent | null {
    const [first] = this.heap;
    if (first === undefined || first.atMs > endMs) return null;
    const last = this.heap.pop();
    if (last !== undefined && last !== first) this.sink(last);
    return first;
  }

  /** Puts `event` in the place of the first. */
  private sink(event: WorldEvent): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (isBefore(event, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = event;
  }
}

function isBefore(one: WorldEvent, other: WorldEvent): boolean {
  return one.atMs === other.atMs ? one.sequence < other.sequence : one.atMs < other.atMs;
}
