/** Tables and charts in Markdown that read as text too. */

export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** @param columns titles; one that ends in `:` is of numbers. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.replace(/:$/, ''));
  const rules = columns.map((column) => (column.endsWith(':') ? '--:' : '---'));
  return [titles, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const BAR_CHARACTERS = 40;

/** One line for each, with a bar as long as its value is in comparison. */
export function chart(title: string, bars: readonly Bar[], digits = 0): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const labels = Math.max(...bars.map(({ label }) => label.length));
  const lines = bars.map(({ label, value }) => {
    const length = most > 0 ? Math.round((value / most) * BAR_CHARACTERS) : 0;
    return `${label.padEnd(labels)}  ${'█'.repeat(length).padEnd(BAR_CHARACTERS)} ${value.toFixed(digits)}`;
  });
  return ['```text', title, ...lines, '```'].join('\n');
}
