/** One small bug, as a change in the text of one source file. What is published knows nothing of it. */

/** Where random seeds have to find it: clusters of nodes alone, or the whole stack with files and clients. */
export type Level = 'cluster' | 'stack';

export interface Mutant {
  /** What is wrong then, and the rule or section that forbids it. */
  readonly name: string;
  /** Below `packages`. */
  readonly package: string;
  /** Below the package's `src`. */
  readonly file: string;
  /** Stands in `file` exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The edge cases that it stands for, by their numbers in docs/verification.md. */
  readonly edgeCases: readonly number[];
  readonly level: Level;
}

/** @throws {Error} if what is to be broken does not stand in `source` exactly once. */
export function mutatedSource({ name, file, find, replace }: Mutant, source: string): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`mutant '${name}': '${find}' must stand in ${file} exactly once`);
  }
  return before + replace + after;
}
