/**
 * Values under numbers that rise with each, taken out in about that order. A `Map` would do as much, but V8 links the
 * memory that a `Map` has outgrown to the memory that replaces it: where values come and go without end, what was once
 * promoted to the old generation keeps all that came after it from being collected young.
 */

/** What was taken out at the beginning is given back once it is so much. */
const SPARE_MIN = 1024;

export class Rising<Value> {
  private numbers: number[] = [];
  /** `null` where it was taken out. */
  private values: (Value | null)[] = [];
  /** Before it, all were taken out. */
  private head = 0;

  /** @throws {RangeError} if `number` is not above all before. */
  add(number: number, value: Value): void {
    const last = this.numbers.at(-1);
    if (last !== undefined && number <= last) throw new RangeError(`${number} comes after ${last}`);
    this.numbers.push(number);
    this.values.push(value);
  }

  /** The value under `number`, which is not there any more then; `null` where none is. */
  take(number: number): Value | null {
    const at = this.find(number);
    const value = this.values[at] ?? null;
    if (value === null) return null;
    this.values[at] = null;
    while (this.head < this.values.length && this.values[this.head] === null) this.head += 1;
    if (this.head === this.values.length) this.cut();
    else if (this.head >= SPARE_MIN && this.head * 2 >= this.values.length) this.cut();
    return value;
  }

  /** All that are there, in order; none is there then. */
  takeAll(): Value[] {
    const all = this.values.filter((value) => value !== null);
    this.numbers = [];
    this.values = [];
    this.head = 0;
    return all;
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

  private cut(): void {
    this.numbers.splice(0, this.head);
    this.values.splice(0, this.head);
    this.head = 0;
  }
}
