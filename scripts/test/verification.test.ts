/** docs/verification.md names tests, scenarios, mutants and invariants: all of them are there, and none is left out. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../lib/workspace.mjs';

const EDGE_CASES = 36;
const MUTANTS = 'apps/verify/src/mutants';
const REGISTRIES = [
  'packages/raft-core/src/basics/invariants.ts',
  'packages/raft-storage-file/src/invariants.ts',
  'packages/kv-state-machine/src/invariants.ts',
  'apps/verify/src/workload/check.ts',
  'apps/verify/src/simulate/broken-promise.ts',
];

interface Mutant {
  readonly name: string;
  readonly edgeCases: readonly number[];
}

const document = read('docs/verification.md');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function section(title: string): string {
  const [, text = ''] = document.split(`\n## ${title}\n`);
  return text.split('\n## ')[0] ?? '';
}

/** Cells of the rows of a table, without its head. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter(([first]) => first !== undefined && !/^(?:#|name|Mutant|-+:?)$/.test(first));
}

/** Read as text: the compiler of the scripts does not see the packages. */
function mutants(): Mutant[] {
  const list = readdirSync(join(ROOT, MUTANTS)).filter((name) => name.startsWith('of-'));
  return list.flatMap((file) =>
    read(`${MUTANTS}/${file}`)
      .split('\n  {\n')
      .slice(1)
      .map((text) => {
        const [, name = ''] = /^ {4}name:\s+'(.*)',$/m.exec(text) ?? [];
        const [, numbers = ''] = /^ {4}edgeCases: \[(.*)\],$/m.exec(text) ?? [];
        return { name, edgeCases: numbers === '' ? [] : numbers.split(', ').map(Number) };
      }),
  );
}

const cases = rowsOf(section('Edge cases'));

describe('the table of edge cases', () => {
  it('has each, in order', () => {
    expect(cases.map(([number]) => Number(number))).toEqual(
      Array.from({ length: EDGE_CASES }, (_, at) => at + 1),
    );
  });

  it('names tests that are there, by their titles', () => {
    const links = [...section('Edge cases').matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+\.test\.ts)\)/g)];
    expect(links.length).toBeGreaterThan(40);
    const missing = links.filter(([, title = '', path = '']) => !read(path).includes(`'${title}'`));
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  it('names scenarios that are there', () => {
    const links = [...section('Edge cases').matchAll(/scenario \[([^\]]+)\]\(\.\.\/([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(10);
    for (const [, name = '', path = ''] of links) {
      expect(path).toBe(`packages/raft-simulation/scenarios/${name}.txt`);
      expect(read(path)).not.toBe('');
    }
  });

  it('names the mutants of each, and no other', () => {
    const all = mutants();
    for (const [number, , covered = ''] of cases) {
      const said = new Set([...covered.matchAll(/\*([^*]+)\*/g)].map(([, name]) => name));
      const listed = all.filter(({ edgeCases }) => edgeCases.includes(Number(number)));
      expect(said).toEqual(new Set(listed.map(({ name }) => name)));
    }
  });

  it('covers each, or says with which feature that will be', () => {
    for (const [, , covered = ''] of cases) {
      expect(covered).toMatch(/^(?:with \w+|pre-vote is always on \(R11\)|.*\]\(.*)$/);
    }
  });
});

it('has the seeds to catch of each mutant', () => {
  const rows = rowsOf(section('Mutants'));
  expect(new Set(rows.map(([name]) => name))).toEqual(new Set(mutants().map(({ name }) => name)));
  for (const [, , , , seeds] of rows) expect(seeds).toMatch(/^\d+$/);
});

it('says what each registered invariant means', () => {
  const entries = REGISTRIES.flatMap((path) =>
    [...read(path).matchAll(/^ {2}'?([a-z]+(?:-[a-z]+)*)'?:\s+'([^']*)',$/gm)].map(([, name, meaning]) => [
      name,
      meaning,
    ]),
  );
  expect(entries.length).toBeGreaterThan(30);
  const said = rowsOf(section('Invariants')).map(([name, meaning]) => [name?.replaceAll('`', ''), meaning]);
  expect(new Set(said.map(String))).toEqual(new Set(entries.map(String)));
});
