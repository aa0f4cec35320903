/**
 * Values under numbers that rise with each, taken out in about that order. A `Map` would do as much, but V8 links the
 * memory that a `Map` has outgrown to the memory that replaces it: where values come and go without end, what was once
 * promoted to the old generation keeps all that came after it from being collected young.
 */

/** So many slots may be empty before they are closed up, however few values there are. */
const EMPTY_SLOTS_MAX = 1024;

export class Rising<Value> {
  /** In rising order, beside their values. */
  private numbers: number[] = [];
  /** `null` where it was taken out. */
  private values: (Value | null)[] = [];
  private count = 0;
  /** Before it, all were taken out. */
  private head = 0;

  /** How many are there. */
  get size(): number {
    return this.count;
  }

  /** Slots in memory: at most twice as many as values, and `EMPTY_SLOTS_MAX` more, whatever the order of `take`. */
  get slots(): number {
    return this.values.length;
  }

  /** @throws {RangeError} if `number` is not above all that are there. */
  add(number: number, value: Value): void {
    const last = this.numbers.at(-1);
    if (last !== undefined && number <= last) throw new RangeError(`${number} comes after ${last}`);
    this.numbers.push(number);
    this.values.push(value);
    this.count += 1;
  }

  /** The value under `number`, which is not there any more then; `null` where none is. */
  take(number: number): Value | null {
    const at = this.find(number);
    const value = this.values[at] ?? null;
    if (value === null) return null;
    this.values[at] = null;
    this.count -= 1;
    while (this.head < this.values.length && this.values[this.head] === null) this.head += 1;
    if (this.count === 0 || this.slots > 2 * this.count + EMPTY_SLOTS_MAX) this.closeUp();
    return value;
  }

  /** Those under numbers up to `number`, in order; they are not there then. */
  takeThrough(number: number): Value[] {
    const taken: Value[] = [];
    for (let next = this.first(); next !== null && next <= number; next = this.first()) {
      const value = this.take(next);
      if (value !== null) taken.push(value);
    }
    return taken;
  }

  /** All that are there, in order; none is there then. */
  takeAll(): Value[] {
    const all = this.values.filter((value) => value !== null);
    this.count = 0;
    this.closeUp();
    return all;
  }

  /** The lowest number that is there. */
  private first(): number | null {
    return this.numbers[this.head] ?? null;
  }

  /** Where `number` stands, or -1. */
  private find(number: number): number {
    if (this.numbers[this.head] === number) return this.head;
    let low = this.head;
    let high = this.numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.numbers[middle] ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return this.numbers[low] === number ? low : -1;
  }

  private closeUp(): void {
    const { values, numbers, count } = this;
    this.head = 0;
    if (count === 0) {
      values.length = 0;
      numbers.length = 0;
      return;
    }
    this.numbers = numbers.filter((_, at) => values[at] !== null);
    this.values = values.filter((value) => value !== null);
  }
}
