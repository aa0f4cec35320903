/** What a line at the prompt says: words, of which one with blanks stands in quotes. */

/** @returns `null` where a quote is not closed. */
export function wordsOf(line: string): string[] | null {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const match = /^(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|$)/.exec(rest);
    if (match === null) return null;
    words.push(match[1] ?? match[2] ?? match[3] ?? '');
    rest = rest.slice(match[0].length);
  }
  return words;
}
