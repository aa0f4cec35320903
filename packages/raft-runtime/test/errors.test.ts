/** docs/errors.md explains every error of this package, and says of each what the class says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeId } from '@raftkv/core';
import { expect, it } from 'vitest';
import * as runtime from '../src/index.ts';

const CAUSE = new Error('why');

/** One of each class. */
const ERRORS = [
  new runtime.NotLeaderError(null),
  new runtime.OverloadedError(),
  new runtime.ProposalTooLargeError(2, 1),
  new runtime.OutcomeUnknownError(),
  new runtime.NodeFailedError(CAUSE),
  new runtime.NodeClosedError(),
  new runtime.EmptiedMemberError(nodeId('a'), nodeId('b')),
  new runtime.TransferRefusedError('no-such-target'),
  new runtime.MembershipRefusedError('not-caught-up'),
];

it('is so for every class that the package exports', () => {
  const classes = Object.values(runtime).filter(
    (value) => typeof value === 'function' && value.prototype instanceof runtime.RaftError,
  );
  expect(ERRORS.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  expect(ERRORS).toHaveLength(classes.length);
});

it('says of a refused transfer whether the same call may succeed later', () => {
  const reasons = ['transferring', 'target-leads', 'no-such-target', 'transfer-failed'] as const;
  const isRetryable = reasons.map((reason) => new runtime.TransferRefusedError(reason).isRetryable);
  expect(isRetryable).toEqual([true, false, false, true]);
});

it('names code, class, outcome and whether to try again as the classes do', () => {
  const said = ERRORS.map(
    ({ code, name, outcome, isRetryable }) =>
      `\`${code}\` | \`${name}\` | ${outcome} | ${isRetryable ? 'yes' : 'no'}`,
  );
  expect(rowsOf('@raftkv/runtime')).toEqual(said);
});

it('says in the message where to go, and keeps the cause', () => {
  expect(new runtime.NotLeaderError(nodeId('b')).message).toContain('b: try there');
  expect(new runtime.NodeFailedError(CAUSE)).toMatchObject({
    message: 'the node has stopped: why',
    cause: CAUSE,
  });
});

/** The rows of one package's table, without the explanations. */
function rowsOf(name: string): string[] {
  const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md');
  const [, section = ''] = readFileSync(path, 'utf8').split(`## ${name}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| (`.*) \| [^|]+ \|$/gm)].map(([, row]) => row ?? '');
}
