/** Rows under headings, as wide as what is in them; columns at the end are left out where the terminal has no room. */

export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = headings.map((heading, at) =>
    Math.max(heading.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const shown = columnsThatFit(widths, width);
  return [headings, ...rows].map((row) =>
    row
      .slice(0, shown)
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** At least one, however narrow it is. */
function columnsThatFit(widths: readonly number[], width: number): number {
  let used = widths[0] ?? 0;
  let count = 1;
  while (count < widths.length && used + 2 + (widths[count] ?? 0) <= width) {
    used += 2 + (widths[count] ?? 0);
    count += 1;
  }
  return count;
}
