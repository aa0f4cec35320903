/** The name that someone may have meant. */

/** ` Did you mean …?` where one of `known` is close to `given`, else nothing. */
export function suggestion(given: string, known: readonly string[]): string {
  const nearest = nearestOf(given, known);
  return nearest === null ? '' : ` Did you mean ${nearest}?`;
}

/** `null` where none is close: a third of the letters wrong, or at most two. */
export function nearestOf(given: string, known: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const edits = distance(given.toLowerCase(), name.toLowerCase());
    if (edits < least) [nearest, least] = [name, edits];
  }
  return nearest;
}

/** How many letters have to be put in, left out or replaced. Source: Levenshtein. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1];
    for (const [to, otherLetter] of other.split('').entries()) {
      const replaced = (row[to] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
