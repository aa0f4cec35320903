/** docs/errors.md explains every error of this package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as storage from '../src/index.ts';

/** One of each class. */
const ERRORS: readonly storage.StorageError[] = [
  new storage.DirectoryLockedError('/d'),
  new storage.WrongDirectoryError('/d', 'node', 'a', 'b'),
  new storage.UnknownFormatError('/d/f', 2, 1),
  new storage.DamagedError('/d/f', 24, 'why'),
  new storage.StorageFailedError('/d/f', new Error('why')),
  new storage.StorageClosedError(),
];

it('is so for every class that the package exports', () => {
  const classes = Object.values(storage).filter(
    (value) => typeof value === 'function' && value.prototype instanceof storage.StorageError,
  );
  expect(ERRORS.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  expect(ERRORS).toHaveLength(classes.length);
});

it('names code and class as the classes do', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  const [, section = ''] = text.split('## @raftkv/storage-file\n');
  const [own = ''] = section.split('\n## ');
  const rows = [...own.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, code, name]) => ({ code, name }));
  expect(rows).toEqual(ERRORS.map(({ code, name }) => ({ code, name })));
});

it('says in the message where it is, and what to do', () => {
  expect(ERRORS.map(({ message }) => message)).toEqual([
    expect.stringMatching(/\/d is in use.*stop that one/),
    expect.stringMatching(/\/d belongs to node "a", not to "b": start with/),
    expect.stringMatching(/\/d\/f has format version 2.*version 1: start the release/),
    expect.stringMatching(/\/d\/f is damaged at byte 24: why\..*restore it/),
    expect.stringMatching(/\/d\/f could not be written: why\. Look at the disk/),
    'the storage is closed',
  ]);
});
