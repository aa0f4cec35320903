/** What is to be broken is there to be broken: a change of the code would leave it behind unnoticed. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MUTANTS } from './broken.ts';

it.each(MUTANTS.map(({ name, file, find }) => [name, file, find]))(
  'stands exactly once in the code: %s',
  (_, file, find) => {
    const source = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
    expect(source.split(find)).toHaveLength(2);
  },
);
