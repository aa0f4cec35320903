/**
 * docs/errors.md has every code that a public package says, and no other. What it says of each is held against the
 * classes by the packages' own tests.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../lib/workspace.mjs';
import { PUBLIC_LAYERS } from './support/packed-packages.ts';

const CLASS_WITH_CODE = /^(?:export )?class (\w+)[^\n]*\{(?:(?!^\}).)*?^ {2}readonly code = '(\w+)';$/gms;
const document = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');

function sourcesOf(folder: string): string[] {
  const source = join(ROOT, folder, 'src');
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(source, name), 'utf8'));
}

/** The literals of a union type, wherever comments stand between them. */
function literalsOf(path: string, type: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const [, union = ''] = new RegExp(`export type ${type} =(.*?');$`, 'ms').exec(text) ?? [];
  return [...union.matchAll(/^\s*\| '([^']+)'/gm)].map(([, literal = '']) => literal);
}

it('names each class and its code', () => {
  const sources = PUBLIC_LAYERS.flatMap(({ folder }) => sourcesOf(folder));
  const codes = sources.flatMap((text) =>
    [...text.matchAll(CLASS_WITH_CODE)].map(([, name, code]) => `${code} ${name}`),
  );
  const said = [...document.matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \|/gm)].map(
    ([, code, name]) => `${code} ${name}`,
  );
  expect(said.toSorted()).toEqual(codes.toSorted());

  // A class that is written in another way than these would be missed by the pattern above.
  const declarations = sources.flatMap((text) => text.match(/readonly code = '/g) ?? []);
  expect(codes).toHaveLength(declarations.length);
});

it('names each code of an answer over HTTP', () => {
  const codes = [
    ...literalsOf('packages/kv-protocol/src/failure.ts', 'FailureCode'),
    ...literalsOf('apps/server/src/http/answer.ts', 'HttpErrorCode'),
  ];
  const said = [...document.matchAll(/^\| `([a-z-]+)` \| [45]\d\d \|/gm)].map(([, code]) => code);
  expect(said).toEqual(codes);
});
