/** Numbers that nobody can guess. */

const BYTES = 6;

/** An integer of 48 bits: as many as a number holds safely in whole bytes. */
export function randomNumber(randomBytes: (count: number) => Uint8Array): number {
  return randomBytes(BYTES).reduce((number, byte) => number * 256 + byte, 0);
}
