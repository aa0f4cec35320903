/** Values that keep their order, whichever is taken out. */

import { expect, it } from 'vitest';
import { LinkedList, type ListEntry } from '../src/linked-list.ts';

function valuesOf<Value>(list: LinkedList<Value>): Value[] {
  const values: Value[] = [];
  for (let entry = list.first; entry !== null; entry = entry.next) values.push(entry.value);
  return values;
}

function backwards<Value>(list: LinkedList<Value>): Value[] {
  const values: Value[] = [];
  for (let entry = list.last; entry !== null; entry = entry.previous) values.push(entry.value);
  return values;
}

it('keeps values in the order in which they were appended', () => {
  const list = new LinkedList<string>();
  for (const value of ['a', 'b', 'c']) list.append(value);
  expect([valuesOf(list), backwards(list), list.size]).toEqual([['a', 'b', 'c'], ['c', 'b', 'a'], 3]);
});

it.each([
  ['the first', 0, ['b', 'c']],
  ['one in the middle', 1, ['a', 'c']],
  ['the last', 2, ['a', 'b']],
])('takes out %s', (_, index, rest) => {
  const list = new LinkedList<string>();
  const entries = ['a', 'b', 'c'].map((value) => list.append(value));
  list.remove(entries[index]!);
  expect([valuesOf(list), backwards(list), list.size]).toEqual([rest, rest.toReversed(), 2]);
});

it('is empty when all were taken out, and begins anew', () => {
  const list = new LinkedList<string>();
  list.remove(list.append('a'));
  expect([list.first, list.last, list.size]).toEqual([null, null, 0]);
  list.append('b');
  expect([valuesOf(list), backwards(list)]).toEqual([['b'], ['b']]);
});

it('takes each out once', () => {
  const list = new LinkedList<string>();
  const a = list.append('a');
  list.append('b');
  list.remove(a);
  list.remove(a);
  expect([valuesOf(list), list.size]).toEqual([['b'], 1]);
});

it('puts a value behind another, or before all', () => {
  const list = new LinkedList<string>();
  const a: ListEntry<string> = list.append('a');
  list.append('c');
  list.insertAfter(a, 'b');
  list.insertAfter(null, '0');
  list.insertAfter(list.last, 'd');
  const all = ['0', 'a', 'b', 'c', 'd'];
  expect([valuesOf(list), backwards(list), list.size]).toEqual([all, all.toReversed(), 5]);
});

it('holds on to nothing from what was taken out', () => {
  const list = new LinkedList<string>();
  const entries = ['a', 'b', 'c'].map((value) => list.append(value));
  for (const entry of entries) list.remove(entry);
  expect(entries.flatMap(({ previous, next }) => [previous, next])).toEqual(
    entries.flatMap(() => [null, null]),
  );
});
