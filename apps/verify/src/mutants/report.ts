/** What a run of the mutants prints. */

import type { Caught } from './hunt.ts';
import type { Mutant } from './mutant.ts';
import type { Verdict } from './verdict.ts';

export interface Finding {
  readonly mutant: Mutant;
  readonly caught: Caught | null;
  /** Runs that ended without a name for what is wrong. */
  readonly unnamed: readonly Verdict[];
}

export function findingLine({ mutant, caught, unnamed }: Finding, seedsMax: number): string {
  if (caught !== null) {
    const { seeds, invariant, seed } = caught;
    return `caught    ${mutant.package}: ${mutant.name}: ${invariant} after ${seeds} (seed ${seed} of ${mutant.level})`;
  }
  const [first] = unnamed;
  const more = first === undefined ? '' : `; ${unnamed.length} ended so: ${first.unnamed}`;
  return `SURVIVED  ${mutant.package}: ${mutant.name}: up to ${seedsMax} seeds of ${mutant.level}${more}`;
}

/** The table of docs/verification.md. */
export function markdownTable(findings: readonly Finding[]): string {
  const rows = findings.map(({ mutant, caught }) => {
    const [invariant, seeds] =
      caught === null ? ['', 'not caught'] : [`\`${caught.invariant}\``, String(caught.seeds)];
    return `| ${mutant.name} | ${mutant.package} | ${mutant.level} | ${invariant} | ${seeds} |`;
  });
  return ['| Mutant | Package | Runs | Violates | Seeds |', '| --- | --- | --- | --- | ---: |', ...rows].join(
    '\n',
  );
}

export function closingLines(findings: readonly Finding[]): string {
  const caught = findings.filter((finding) => finding.caught !== null).length;
  return `caught ${caught} of ${findings.length}\n${caught} passed, ${findings.length - caught} failed`;
}
