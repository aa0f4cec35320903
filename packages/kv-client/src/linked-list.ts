/**
 * Values in an order, each of which can be taken out of the middle at once. A `Set` would do as much, but V8 links the
 * memory that a `Set` or `Map` has outgrown to the memory that replaces it: where values come and go without end, what
 * was once promoted to the old generation keeps all that came after it from being collected young.
 */

/** Where a value stands in its list. */
export class ListEntry<Value> {
  readonly value: Value;
  /** Null at the beginning. */
  previous: ListEntry<Value> | null = null;
  /** Null at the end. */
  next: ListEntry<Value> | null = null;
  /** The value was taken out. */
  isRemoved = false;

  constructor(value: Value) {
    this.value = value;
  }
}

export class LinkedList<Value> {
  private head: ListEntry<Value> | null = null;
  private tail: ListEntry<Value> | null = null;
  private count = 0;

  get size(): number {
    return this.count;
  }

  get first(): ListEntry<Value> | null {
    return this.head;
  }

  get last(): ListEntry<Value> | null {
    return this.tail;
  }

  append(value: Value): ListEntry<Value> {
    return this.insertAfter(this.tail, value);
  }

  /** @param previous of this list; null: `value` becomes the first. */
  insertAfter(previous: ListEntry<Value> | null, value: Value): ListEntry<Value> {
    const entry = new ListEntry(value);
    const next = previous === null ? this.head : previous.next;
    entry.previous = previous;
    entry.next = next;
    if (previous === null) this.head = entry;
    else previous.next = entry;
    if (next === null) this.tail = entry;
    else next.previous = entry;
    this.count += 1;
    return entry;
  }

  /** Takes the value out, if it is in the list still. @param entry of this list. */
  remove(entry: ListEntry<Value>): void {
    if (entry.isRemoved) return;
    const { previous, next } = entry;
    if (previous === null) this.head = next;
    else previous.next = next;
    if (next === null) this.tail = previous;
    else next.previous = previous;
    // An old entry that is garbage must not hold a young one.
    entry.previous = null;
    entry.next = null;
    entry.isRemoved = true;
    this.count -= 1;
  }
}
