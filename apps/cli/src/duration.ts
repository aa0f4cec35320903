/** Durations as people write them. */

import { InvalidArgumentError } from 'commander';

const FORM = /^(?<count>\d+(?:\.\d+)?)(?<unit>ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
/** A timer of Node's that is set for longer than 24.8 days fires at once. */
const DURATION_MS_MAX = 24 * 3_600_000;

/** In ms. @throws {InvalidArgumentError} for anything but 1 ms to 24 h. */
export function parseDuration(text: string): number {
  const groups = FORM.exec(text)?.groups;
  const ms = Math.round(Number(groups?.['count']) * (UNIT_MS[groups?.['unit'] ?? 'ms'] ?? Number.NaN));
  if (ms >= 1 && ms <= DURATION_MS_MAX) return ms;
  throw new InvalidArgumentError(
    'It is a time such as 500ms, 5s or 2m, at most 24h; a bare number is in ms.',
  );
}

export function formatDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}
