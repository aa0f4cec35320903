/**
 * The requests that are under way on a connection, each under a number of its own. Not in a `Map`, for the reason that
 * is given in linked-list.ts.
 */

/** A power of two, as each that follows. */
const INITIAL_SLOTS = 64;

export class Numbered<Value> {
  readonly id: number;
  readonly what: Value;
  private readonly owner: UnderWay<Value>;

  constructor(id: number, what: Value, owner: UnderWay<Value>) {
    this.id = id;
    this.what = what;
    this.owner = owner;
  }

  /** It is not under way any more. */
  cancel(): void {
    this.owner.delete(this.id);
  }
}

export class UnderWay<Value> {
  /** By number, modulo its length; at most half of it is taken. */
  private slots: (Numbered<Value> | null)[] = emptySlots(INITIAL_SLOTS);
  private count = 0;
  private last = 0;

  get size(): number {
    return this.count;
  }

  /** The highest number that was given; 0 before the first. */
  get lastId(): number {
    return this.last;
  }

  /** Under the next number whose slot is free: one that has taken long is stepped over. */
  add(what: Value): Numbered<Value> {
    if (this.count * 2 === this.slots.length) this.grow();
    do this.last += 1;
    while (this.slots[this.slotOf(this.last)] !== null);
    const numbered = new Numbered(this.last, what, this);
    this.slots[this.slotOf(this.last)] = numbered;
    this.count += 1;
    return numbered;
  }

  get(id: number): Numbered<Value> | null {
    const numbered = this.slots[this.slotOf(id)] ?? null;
    return numbered?.id === id ? numbered : null;
  }

  delete(id: number): void {
    if (this.get(id) === null) return;
    this.slots[this.slotOf(id)] = null;
    this.count -= 1;
  }

  /** Gives what was under way, in rising order of the numbers. */
  clear(): Value[] {
    const all = this.slots.filter((numbered) => numbered !== null);
    this.slots = emptySlots(INITIAL_SLOTS);
    this.count = 0;
    return all.toSorted((one, two) => one.id - two.id).map(({ what }) => what);
  }

  private slotOf(id: number): number {
    return id % this.slots.length;
  }

  /** Numbers that differ modulo a length differ modulo twice that length: none meets another. */
  private grow(): void {
    const taken = this.slots.filter((numbered) => numbered !== null);
    this.slots = emptySlots(this.slots.length * 2);
    for (const numbered of taken) this.slots[this.slotOf(numbered.id)] = numbered;
  }
}

function emptySlots<Value>(length: number): (Numbered<Value> | null)[] {
  return Array.from<Numbered<Value> | null>({ length }).fill(null);
}
