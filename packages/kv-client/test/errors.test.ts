/** docs/errors.md explains every error of this package, and says of each what the class says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as client from '../src/index.ts';

const OUTCOMES = ['not-applied', 'unknown'] as const;

/** Each class, with every outcome that it can have. */
const ERRORS: client.KvError[][] = [
  OUTCOMES.map((outcome) => new client.TimeoutError(1, outcome)),
  OUTCOMES.map((outcome) => new client.UnavailableError('no node', outcome)),
  [new client.ConditionFailedError(1)],
  [new client.MembershipRefusedError('not-caught-up', 'no')],
  [new client.TransferRefusedError('no-such-target', 'no')],
  [new client.OverloadedError('full')],
  OUTCOMES.map((outcome) => new client.SessionExpiredError(outcome)),
  [new client.RequestTooLargeError('a key', 2, 1)],
  OUTCOMES.map((outcome) => new client.InvalidArgumentError('no', outcome)),
  [new client.ValueFormatError('UTF-8')],
  OUTCOMES.map((outcome) => new client.ProtocolError('no', outcome)),
  OUTCOMES.map((outcome) => new client.ClosedError(outcome)),
];

it('is so for every class that the package exports', () => {
  const classes = Object.values(client).filter(
    (value) => typeof value === 'function' && value.prototype instanceof client.KvError,
  );
  expect(ERRORS.map(([error]) => error?.constructor)).toEqual(expect.arrayContaining(classes));
  expect(ERRORS).toHaveLength(classes.length);
});

it('names code, class, outcome and whether to try again as the classes do', () => {
  expect(rowsOf('@raftkv/kv-client')).toEqual(ERRORS.map(rowOf));
});

it('warns in the message where the outcome is unknown', () => {
  expect(new client.TimeoutError(5, 'unknown').message).toContain('read before you repeat it');
  expect(new client.TimeoutError(5, 'not-applied').message).toBe('no answer within 5 ms');
});

function rowOf(errors: client.KvError[]): string {
  const [{ code, name } = new client.ClosedError('unknown')] = errors;
  const outcome = errors.length === 1 ? errors[0]?.outcome : 'either';
  const retryable = new Set(errors.map((error) => error.retryable));
  const word = retryable.size === 2 ? 'if not-applied' : retryable.has(true) ? 'yes' : 'no';
  return `\`${code}\` | \`${name}\` | ${outcome} | ${word}`;
}

/** The rows of one package's table, without the explanations. */
function rowsOf(name: string): string[] {
  const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md');
  const [, section = ''] = readFileSync(path, 'utf8').split(`## ${name}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| (`.*) \| [^|]+ \|$/gm)].map(([, row]) => row ?? '');
}
