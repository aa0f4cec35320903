/** Revisions as arguments. */

import { InvalidArgumentError } from 'commander';

/** @throws {InvalidArgumentError} */
export function parseRevision(text: string): number {
  const revision = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(revision)) return revision;
  throw new InvalidArgumentError('A revision is an integer from 0; 0 stands for a key that is absent.');
}
