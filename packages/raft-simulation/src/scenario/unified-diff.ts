/** How two texts differ, line by line, in the unified form. */

const CONTEXT_LINES = 3;

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** Lines of either text before this one. */
  readonly oldAt: number;
  readonly newAt: number;
}

/** The differences between two texts, with three lines around each; empty where there are none. */
export function unifiedDiff(name: string, expected: string, actual: string): string {
  const edits = editsBetween(expected.split('\n'), actual.split('\n'));
  const changed = edits.flatMap(({ sign }, at) => (sign === ' ' ? [] : [at]));
  if (changed.length === 0) return '';
  const lines = [`--- ${name} expected`, `+++ ${name} actual`];
  for (let at = 0; at < changed.length;) {
    const first = changed[at] ?? 0;
    let last = first;
    for (at += 1; at < changed.length && (changed[at] ?? 0) <= last + 2 * CONTEXT_LINES + 1; at += 1)
      last = changed[at] ?? 0;
    const hunk = edits.slice(Math.max(first - CONTEXT_LINES, 0), last + CONTEXT_LINES + 1);
    lines.push(headOf(hunk), ...hunk.map(({ sign, text }) => `${sign}${text}`));
  }
  return lines.join('\n');
}

function headOf(hunk: readonly Edit[]): string {
  const first = hunk[0];
  const olds = hunk.filter(({ sign }) => sign !== '+').length;
  const news = hunk.filter(({ sign }) => sign !== '-').length;
  return `@@ -${(first?.oldAt ?? 0) + 1},${olds} +${(first?.newAt ?? 0) + 1},${news} @@`;
}

/** A shortest list of lines kept, removed and added: by the longest common subsequence. */
function editsBetween(olds: readonly string[], news: readonly string[]): readonly Edit[] {
  const common = commonLengths(olds, news);
  const edits: Edit[] = [];
  let oldAt = 0;
  let newAt = 0;
  while (oldAt < olds.length || newAt < news.length) {
    const isKept = oldAt < olds.length && newAt < news.length && olds[oldAt] === news[newAt];
    const isRemoved =
      !isKept &&
      oldAt < olds.length &&
      (common[oldAt + 1]?.[newAt] ?? 0) >= (newAt < news.length ? (common[oldAt]?.[newAt + 1] ?? 0) : 0);
    const text = (isKept || isRemoved ? olds[oldAt] : news[newAt]) ?? '';
    edits.push({ sign: isKept ? ' ' : isRemoved ? '-' : '+', text, oldAt, newAt });
    if (isKept || isRemoved) oldAt += 1;
    if (!isRemoved) newAt += 1;
  }
  return edits;
}

/** How many lines the rests of both texts have in common, by where the rests begin. */
function commonLengths(olds: readonly string[], news: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: olds.length + 1 }, () => Array<number>(news.length + 1).fill(0));
  for (let oldAt = olds.length - 1; oldAt >= 0; oldAt -= 1) {
    const row = lengths[oldAt];
    const below = lengths[oldAt + 1];
    if (row === undefined || below === undefined) continue;
    for (let newAt = news.length - 1; newAt >= 0; newAt -= 1) {
      const isSame = olds[oldAt] === news[newAt];
      row[newAt] = isSame ? (below[newAt + 1] ?? 0) + 1 : Math.max(below[newAt] ?? 0, row[newAt + 1] ?? 0);
    }
  }
  return lengths;
}
