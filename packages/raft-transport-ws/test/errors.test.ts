/** docs/errors.md explains every error of this package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeId } from '@raftkv/core';
import { expect, it } from 'vitest';
import * as transport from '../src/index.ts';
import { CLOSE_CODES } from '../src/refusal.ts';

function refused(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), { code });
}

function listening(code: string): string {
  return new transport.ListenError('h', 1, refused(code)).message;
}

/** One of each class. */
const ERRORS: readonly transport.TransportError[] = [
  new transport.ListenError('127.0.0.1', 7581, refused('EADDRINUSE')),
  new transport.TransportClosedError(),
  new transport.SnapshotEndedError(nodeId('b'), 'silent', 'nothing has moved for 9 ms'),
];

it('is so for every class that the package exports', () => {
  const classes = Object.values(transport).filter(
    (value) => typeof value === 'function' && value.prototype instanceof transport.TransportError,
  );
  expect(ERRORS.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  expect(ERRORS).toHaveLength(classes.length);
});

it('names code and class as the classes do', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  const [, section = ''] = text.split('## @raftkv/transport-ws\n');
  const [own = ''] = section.split('\n## ');
  const rows = [...own.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, code, name]) => ({ code, name }));
  expect(rows).toEqual(ERRORS.map(({ code, name }) => ({ code, name })));
});

it('names every refusal of a handshake with its close code', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (44\d\d) \|/gm)].map(([, kind, code]) => [
    kind,
    Number(code),
  ]);
  expect(Object.fromEntries(rows)).toEqual(CLOSE_CODES);
});

it('says in the message what happened, and what to do', () => {
  expect(listening('EADDRINUSE')).toMatch(/cannot listen.*h:1: listen EADDRINUSE\. Stop what listens there/);
  expect(listening('EACCES')).toMatch(/above 1023/);
  expect(listening('EADDRNOTAVAIL')).toMatch(/Choose a host name or address of this machine/);
  expect(ERRORS[1]?.message).toMatch(/started once.*make a new one/);
  expect(ERRORS[2]?.message).toMatch(
    /snapshot between this node and b ended early, silent: nothing has moved/,
  );
});
