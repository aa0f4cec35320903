/** Values of many lengths that a report can still show: a short label, and behind it what follows from the label. */

/** Beyond a segment of TCP, so that a frame may be cut within one. */
const PADDING_MAX = 4000;

export function padded(label: string): string {
  let hash = 7;
  for (const character of label) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  // Most are short, as most values are.
  const length = hash % 8 === 0 ? hash % PADDING_MAX : hash % 16;
  return `${label}:${'~'.repeat(length)}`;
}

/** The label alone, or all of a value that nobody wrote. */
export function labelOf(value: string): string {
  const label = value.split(':')[0] ?? '';
  return padded(label) === value ? label : value;
}
