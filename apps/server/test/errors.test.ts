/** docs/errors.md explains every error of this package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as server from '../src/index.ts';

const cause = new Error('no');

/** One of each class. */
const ERRORS: readonly server.ServerError[] = [
  new server.UsageError('no'),
  new server.ClientListenError('127.0.0.1', 7580, cause),
  new server.DataDirectoryError('data', cause),
  new server.LocalNodeError('no'),
];

it('is so for every class that the package exports', () => {
  const classes = Object.values(server).filter(
    (value) => typeof value === 'function' && value.prototype instanceof server.ServerError,
  );
  expect(ERRORS.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  expect(ERRORS).toHaveLength(classes.length);
});

it('names code and class as the classes do', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  const [, section = ''] = text.split('## @raftkv/server\n');
  const [own = ''] = section.split('\n## ');
  const rows = [...own.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, code, name]) => ({ code, name }));
  expect(rows).toEqual(ERRORS.map(({ code, name }) => ({ code, name })));
});
