/** Events in the order of their time; those of one moment in the order in which they were added. */

export interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

export class EventQueue {
  /** Latest first, so that the next one is taken from the end. */
  private readonly events: Event[] = [];

  add(event: Event): void {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events[middle]!.atMs > event.atMs) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }

  /** Takes the next event that is not after `endMs`. */
  next(endMs: number): Event | null {
    const event = this.events.at(-1);
    if (event === undefined || event.atMs > endMs) return null;
    this.events.pop();
    return event;
  }
}
