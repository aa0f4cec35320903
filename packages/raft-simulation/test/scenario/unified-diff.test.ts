import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { unifiedDiff } from '../../src/scenario/index.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });

it('is empty for equal texts alone', () => {
  expect(unifiedDiff('x', 'a\nb\n', 'a\nb\n')).toBe('');
  expect(unifiedDiff('x', 'a\nb\n', 'a\nb')).not.toBe('');
});

it('shows three lines around a difference, and apart what is far apart', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'];
  const after = before.with(1, 'two').toSpliced(11, 1);
  expect(unifiedDiff('x', before.join('\n'), after.join('\n')).split('\n')).toEqual([
    '--- x expected',
    '+++ x actual',
    '@@ -1,5 +1,5 @@',
    ' 1',
    '-2',
    '+two',
    ' 3',
    ' 4',
    ' 5',
    '@@ -9,4 +9,3 @@',
    ' 9',
    ' 10',
    ' 11',
    '-12',
  ]);
});

it('says how to get from one text to the other', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      expect(applied(before, unifiedDiff('x', before.join('\n'), after.join('\n')))).toEqual(
        after.length === 0 ? [''] : after,
      );
    }),
  );
});

/** What a reader who does what `diff` says makes of `before`. */
function applied(before: readonly string[], diff: string): readonly string[] {
  const old = before.length === 0 ? [''] : before;
  const made: string[] = [];
  let at = 0;
  for (const line of diff.split('\n').slice(2)) {
    const head = /^@@ -(\d+),/u.exec(line);
    if (head !== null) {
      made.push(...old.slice(at, Number(head[1]) - 1));
      at = Number(head[1]) - 1;
      continue;
    }
    if (line.startsWith('+')) {
      made.push(line.slice(1));
      continue;
    }
    if (old[at] !== line.slice(1)) throw new Error(`${old[at]} is not ${line}`);
    if (line.startsWith(' ')) made.push(line.slice(1));
    at += 1;
  }
  return [...made, ...old.slice(at)];
}
