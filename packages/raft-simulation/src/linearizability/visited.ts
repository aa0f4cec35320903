/**
 * What was tried before and led nowhere. Where the same is placed, in the same state, with no fewer of the operations used up
 * that may have taken effect or not, the same fails again: whatever could still follow could have followed there.
 */

/** Which lists of operations that are alike were used, and how many of each. */
type Used = readonly { readonly list: number; readonly count: number }[];

export class Visited {
  private readonly usedBy = new Map<string, Used[]>();

  /** False where it was tried before, or something that could do as much. */
  add(key: string, counts: readonly number[]): boolean {
    const known = this.usedBy.get(key);
    if (known?.some((used) => isWithin(used, counts)) === true) return false;
    const used = counts.flatMap((count, list) => (count === 0 ? [] : [{ list, count }]));
    if (known === undefined) this.usedBy.set(key, [used]);
    else known.push(used);
    return true;
  }
}

function isWithin(used: Used, counts: readonly number[]): boolean {
  return used.every(({ list, count }) => count <= (counts[list] ?? 0));
}
