/**
 * A list that states share: an append costs amortised O(1) and leaves every older list as it was. The trick is one
 * growing array behind many lists, each of which ends where it ended when it was made.
 */

export class SharedList<Item> {
  /** Shared with older and newer lists; only ever grows. */
  private readonly array: Item[];
  private readonly start: number;
  private readonly end: number;

  private constructor(array: Item[], start: number, end: number) {
    this.array = array;
    this.start = start;
    this.end = end;
  }

  /** A list of its own: later changes of `items` are not seen in it. */
  static of<Item>(items: readonly Item[]): SharedList<Item> {
    return new SharedList([...items], 0, items.length);
  }

  /** How many items this list has, whatever newer lists share with it. */
  get length(): number {
    return this.end - this.start;
  }

  /** The item at `position`, counted from 0. The caller stays within `length`. */
  at(position: number): Item {
    return this.array[this.start + position] as Item;
  }

  /** This list with one item more; in place, as far as others cannot see it. */
  append(item: Item): SharedList<Item> {
    const array = this.arrayToGrow();
    array.push(item);
    return new SharedList(array, array.length - this.length - 1, array.length);
  }

  /** This list with `items` after its own. */
  appendAll(items: readonly Item[]): SharedList<Item> {
    const array = this.arrayToGrow();
    for (const item of items) array.push(item);
    return new SharedList(array, array.length - this.length - items.length, array.length);
  }

  /** The first `count` items. */
  keepFirst(count: number): SharedList<Item> {
    return new SharedList(this.array, this.start, this.start + count);
  }

  /** All but the first `count` items. Gives their memory back once they are more than half of what is held. */
  dropFirst(count: number): SharedList<Item> {
    const start = this.start + count;
    if (start * 2 <= this.array.length) return new SharedList(this.array, start, this.end);
    return new SharedList(this.array.slice(start, this.end), 0, this.end - start);
  }

  /** The items from `from` up to, not including, `to`, as an array of its own. */
  slice(from = 0, to: number = this.length): Item[] {
    return this.array.slice(this.start + from, this.start + to);
  }

  /** In place only where this list ends where the array ends: else a newer list's items stand behind our end (R9). */
  private arrayToGrow(): Item[] {
    return this.end === this.array.length ? this.array : this.array.slice(this.start, this.end);
  }
}
