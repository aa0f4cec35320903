/** A list that states share. Source: rule R9. */

import { describe, expect, it } from 'vitest';
import { draw, seededRandom } from '../../src/basics/random.ts';
import { SharedList } from '../../src/basics/shared-list.ts';

/** How many items are kept in memory behind `list`, seen or not. */
function held(list: SharedList<number>): number {
  return (list as unknown as { array: readonly number[] }).array.length;
}

function arrayOf(list: SharedList<number>): unknown {
  return (list as unknown as { array: unknown }).array;
}

describe('a shared list', () => {
  it('appends in place where it ends where its array ends', () => {
    const list = SharedList.of([1, 2]);
    const longer = list.append(3).appendAll([4, 5]);
    expect(arrayOf(longer)).toBe(arrayOf(list));
    expect(longer.slice()).toEqual([1, 2, 3, 4, 5]);
  });

  it('copies where another list has gone on, so that neither sees the other', () => {
    const list = SharedList.of([1, 2]);
    const one = list.append(3);
    const other = list.append(4);
    expect(arrayOf(other)).not.toBe(arrayOf(one));
    expect([list.slice(), one.slice(), other.slice()]).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 4],
    ]);
  });

  it('copies after its end was cut, so that the longer list keeps its items', () => {
    const longer = SharedList.of([1, 2, 3]);
    const cut = longer.keepFirst(1);
    expect(cut.appendAll([8, 9]).slice()).toEqual([1, 8, 9]);
    expect(longer.slice()).toEqual([1, 2, 3]);
    expect(cut.slice()).toEqual([1]);
  });

  it('does not share the array that it was made of', () => {
    const items = [1, 2];
    const list = SharedList.of(items);
    items.push(3);
    items[0] = 9;
    expect(list.append(4).slice()).toEqual([1, 2, 4]);
    expect(items).toEqual([9, 2, 3]);
  });

  it('gives slices that are their own, and end where the list ends', () => {
    const list = SharedList.of([1, 2, 3]);
    list.append(4);
    const all = list.slice();
    all.push(9);
    expect(list.slice()).toEqual([1, 2, 3]);
    expect(list.slice(1)).toEqual([2, 3]);
    expect(list.slice(1, 2)).toEqual([2]);
  });

  it('counts positions from its own start', () => {
    const list = SharedList.of([1, 2, 3, 4, 5, 6]).dropFirst(2);
    expect([list.at(0), list.at(3), list.length]).toEqual([3, 6, 4]);
    expect(list.keepFirst(2).slice()).toEqual([3, 4]);
    expect(list.append(7).slice(3)).toEqual([6, 7]);
  });

  it('gives memory back once more than half of what is held was dropped', () => {
    const list = SharedList.of([1, 2, 3, 4, 5, 6]);
    expect(held(list.dropFirst(3))).toBe(6);
    expect(held(list.dropFirst(4))).toBe(2);
    expect(held(list.dropFirst(2).dropFirst(2))).toBe(2);
    expect(held(list.dropFirst(6))).toBe(0);
  });

  it('holds at most about twice what it shows, however long it is used as a queue', () => {
    let list = SharedList.of<number>([]);
    for (let count = 0; count < 10_000; count += 1) {
      list = list.append(count);
      if (list.length > 10) list = list.dropFirst(1);
      expect(held(list)).toBeLessThanOrEqual(2 * list.length + 2);
    }
    expect(list.slice()).toEqual([9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999]);
  });

  it('behaves as an array that is copied each time, whatever is done to it and to older ones', () => {
    let random = seededRandom(3);
    const pick = (below: number) => {
      const drawn = draw(random);
      ({ random } = drawn);
      return Math.floor(drawn.value * below);
    };
    const pairs: { readonly list: SharedList<number>; readonly copy: readonly number[] }[] = [
      { list: SharedList.of<number>([]), copy: [] },
    ];
    for (let count = 0; count < 2000; count += 1) {
      const { list, copy } = pairs[pick(pairs.length)]!;
      const at = pick(copy.length + 1);
      const next = [
        { list: list.append(count), copy: [...copy, count] },
        { list: list.appendAll([count, -count]), copy: [...copy, count, -count] },
        { list: list.keepFirst(at), copy: copy.slice(0, at) },
        { list: list.dropFirst(at), copy: copy.slice(at) },
      ][pick(4)]!;
      if (pairs.length < 40) pairs.push(next);
      else pairs[pick(40)] = next;
    }
    for (const { list, copy } of pairs) expect(list.slice()).toEqual(copy);
    expect(pairs).toHaveLength(40);
  });
});
