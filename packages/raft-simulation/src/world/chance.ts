/**
 * Seeded chance. Integer arithmetic alone, so that every engine draws the same. Source: sfc32 of PractRand (public domain);
 * seeds are scattered by the finaliser of MurmurHash3.
 */

/** One stream of draws. A fork depends on the seed and its label, not on what was drawn before: plans can be shortened. */
export class Chance {
  private readonly key: number;
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Any safe integer; nearby seeds give unrelated streams. */
  constructor(seed: number) {
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    this.key = scatter(low ^ Math.imul(high, 0x9e3779b1));
    this.a = scatter(this.key ^ 0x243f6a88);
    this.b = scatter(low ^ 0x85a308d3);
    this.c = scatter(high ^ 0x13198a2e);
    for (let warmUp = 0; warmUp < 12; warmUp += 1) this.word();
  }

  /** An independent stream: the same for the same seed and label. */
  fork(label: string): Chance {
    let hash = this.key;
    for (let at = 0; at < label.length; at += 1) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
    return new Chance(scatter(hash) * 2 ** 20 + (scatter(this.key ^ label.length) >>> 12));
  }

  /** At least 0, below 1. */
  next(): number {
    return this.word() / 2 ** 32;
  }

  /** At least `from`, at most `to`; no integer. */
  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  /** An integer, at least 0, below `count`. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** One of `items`. @throws {RangeError} if there is none. */
  pick<Item>(items: readonly Item[]): Item {
    for (const item of items.slice(this.below(items.length))) return item;
    throw new RangeError('nothing to pick from');
  }

  /** True in a `share` of all draws. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** The same items in another order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    const left = [...items];
    const shuffled: Item[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
    return shuffled;
  }

  /** Bytes, a new array each time. */
  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.word() & 0xff);
  }

  private word(): number {
    const word = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + word;
    this.c |= 0;
    return word >>> 0;
  }
}

function scatter(word: number): number {
  let scattered = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  scattered = Math.imul(scattered ^ (scattered >>> 13), 0xc2b2ae35);
  return (scattered ^ (scattered >>> 16)) >>> 0;
}
