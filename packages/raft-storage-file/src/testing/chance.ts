/** Chance that a seed repeats. Source: the generator of Numerical Recipes §7.1, its upper bits. */

export interface Chance {
  word: number;
}

export function chanceOf(seed: number): Chance {
  return { word: seed >>> 0 };
}

/** A number from 0 to 1, without 1. */
export function draw(chance: Chance): number {
  chance.word = (Math.imul(chance.word, 1_664_525) + 1_013_904_223) >>> 0;
  return (chance.word >>> 8) / 2 ** 24;
}
