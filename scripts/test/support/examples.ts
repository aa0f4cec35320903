/** The examples of a document: what stands between its code fences, and what it says that comes of it. */

export interface Example {
  /** `js` and `cjs` are run as they stand, `ts` is type-checked. */
  readonly language: 'js' | 'cjs' | 'ts';
  readonly code: string;
  /** What the document says that it prints, or `null` where it does not say. */
  readonly printed: string | null;
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms;
/** Nothing else may come between an example and what it prints, so that a reader sees which is which. */
const SAYS_WHAT_IT_PRINTS = /^\s*It prints\s*$/;

export function examplesOf(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(FENCE)];
  return blocks.flatMap((block, position) => {
    const [whole, language, code = ''] = block;
    if (language !== 'js' && language !== 'cjs' && language !== 'ts') return [];
    const next = blocks[position + 1];
    const between = markdown.slice(block.index + whole.length, next?.index);
    const printed = next?.[1] === '' && SAYS_WHAT_IT_PRINTS.test(between) ? (next[2] ?? null) : null;
    return [{ language, code, printed }];
  });
}
