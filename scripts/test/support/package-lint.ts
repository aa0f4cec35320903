/** What publint and "Are the types wrong?" say against a tarball; nothing, where they say nothing. */

import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * How the types are resolved by whoever gets no promise: `require` in TypeScript's own terms, and the compilers before
 * `exports` existed. What the profile `esm-only` of the command `attw` leaves out.
 */
const UNPROMISED: readonly string[] = ['node10', 'node16-cjs'];

/** @param tarball where it is */
export async function lintOfTarball(tarball: string): Promise<string[]> {
  const bytes = new Uint8Array(readFileSync(tarball));
  return [...(await publintOf(bytes)), ...(await typeProblemsOf(bytes))];
}

async function publintOf(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** Of a package without an entry that code could import there are none. */
async function typeProblemsOf(bytes: Uint8Array): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(bytes));
  if (analysis.types === false) return [];
  return analysis.problems
    .filter((problem) => !('resolutionKind' in problem && UNPROMISED.includes(problem.resolutionKind)))
    .map((problem) => JSON.stringify(problem));
}
