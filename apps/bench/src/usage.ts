/** What the user typed makes no sense; the message says what does. */

import { parseArgs } from 'node:util';

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The flags that are given, of those that there are. @throws {UsageError} */
export function flagsFrom(
  args: readonly string[],
  names: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]));
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** A whole number of at least 1. @throws {UsageError} */
export function countOf(
  flags: Readonly<Record<string, string | undefined>>,
  name: string,
  unlessGiven: number,
): number {
  const text = flags[name];
  if (text === undefined) return unlessGiven;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new UsageError(`--${name} is a whole number of at least 1, not '${text}'`);
}
