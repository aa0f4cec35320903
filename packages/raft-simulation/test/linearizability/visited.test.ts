import { expect, it } from 'vitest';
import { Visited } from '../../src/linearizability/visited.ts';

it('knows again what has used up no less, and not what has used up less of anything', () => {
  const visited = new Visited();
  expect(visited.add('a', [1, 1])).toBe(true);
  expect(visited.add('a', [1, 1])).toBe(false);
  expect(visited.add('a', [2, 1])).toBe(false);
  expect(visited.add('b', [2, 1])).toBe(true);
  expect(visited.add('a', [0, 5])).toBe(true);
  expect(visited.add('a', [0, 0])).toBe(true);
  expect(visited.add('a', [0, 1])).toBe(false);
});
