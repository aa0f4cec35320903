/**
 * What reads tell of writes that got no answer. A value that one write alone wrote shows, where it is read, that this write
 * took effect, and at which revision. Values that nobody read are all the same to everybody.
 */

import type { KeyValueEntry, KeyValueOperation, KeyValueOutput } from './key-value-operation.ts';
import type { Inference } from './operation.ts';

/** The first read that saw a value, and what it saw. */
interface Sighting {
  readonly entry: KeyValueEntry;
  readonly before: number;
}

export function inferWrites(
  part: readonly KeyValueOperation[],
): (operation: KeyValueOperation) => Inference<KeyValueOutput> {
  const writers = writersOf(part);
  const sightings = sightingsOf(part);
  return ({ input }) => {
    if (input.kind === 'get') return { kind: 'irrelevant' };
    if (input.kind === 'delete') return { kind: 'open', effect: `delete ${input.ifRevision}` };
    const seen = sightings.get(input.value);
    if (seen === undefined) return { kind: 'open', effect: `put ${input.ifRevision}` };
    if (writers.get(input.value) !== 1) {
      return { kind: 'open', effect: `put ${input.ifRevision} ${input.value}` };
    }
    const { modRevision: revision, version } = seen.entry;
    return { kind: 'answered', output: { kind: 'put', revision, version }, before: seen.before };
  };
}

/** How many writes there are of each value that can have taken effect. */
function writersOf(part: readonly KeyValueOperation[]): Map<string, number> {
  const writers = new Map<string, number>();
  for (const { input, output } of part) {
    if (input.kind !== 'put' || output?.kind === 'conditionFailed') continue;
    writers.set(input.value, (writers.get(input.value) ?? 0) + 1);
  }
  return writers;
}

function sightingsOf(part: readonly KeyValueOperation[]): Map<string, Sighting> {
  const sightings = new Map<string, Sighting>();
  for (const { output, returned } of part) {
    if (output?.kind !== 'value' || output.entry === null || returned === null) continue;
    const known = sightings.get(output.entry.value);
    if (known !== undefined && known.before <= returned) continue;
    sightings.set(output.entry.value, { entry: output.entry, before: returned });
  }
  return sightings;
}
