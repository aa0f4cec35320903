/** The keys of a load, and which comes when. */

export function keysOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `key-${String(at).padStart(8, '0')}`);
}

/** Which of `count` keys is the nth. */
export type Order = (count: number) => (nth: number) => number;

/** As etcd's benchmark tool does, unless it is asked for keys in their order. */
export const atRandom: Order = (count) => () => Math.floor(Math.random() * count);
export const oneAfterAnother: Order = (count) => (nth) => nth % count;
