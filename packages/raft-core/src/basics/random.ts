/**
 * Chance as a value: a generator whose whole state is one 32-bit number, so that a run can be replayed from its seed.
 * Source: mulberry32 by Tommy Ettinger; the seed is scattered by the finaliser of MurmurHash3 (both public domain).
 */

/** One draw: the number in [0, 1), and the generator after it. */
export interface Draw {
  readonly value: number;
  readonly random: number;
}

/** A generator for `seed`, any safe integer; nearby seeds give unrelated sequences. */
export function seededRandom(seed: number): number {
  // Both halves count, so that seeds above 2^32 differ from those below. Scattering loses nothing: different words
  // stay different, which is not so for `mix`.
  return scatter((seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1));
}

export function draw(random: number): Draw {
  const next = (random + 0x6d2b79f5) >>> 0;
  return { value: mix(next) / 2 ** 32, random: next };
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 15), word | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}

function scatter(word: number): number {
  let scattered = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  scattered = Math.imul(scattered ^ (scattered >>> 13), 0xc2b2ae35);
  return (scattered ^ (scattered >>> 16)) >>> 0;
}
