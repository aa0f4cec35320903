/** Segments are numbered from 1; a name sorts as its number does. */

const NAME = /^segment-(\d{10})\.log$/;

/** What is being made, and counts only once it is renamed. */
export const UNFINISHED = '.tmp';

export function segmentName(number: number): string {
  return `segment-${String(number).padStart(10, '0')}.log`;
}

/** The number of the segment with this name, or `null` where it is the name of something else. */
export function segmentNumber(name: string): number | null {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
