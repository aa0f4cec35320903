/** Assertions without a test runner. */

export function assert(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}

/** Compares values of plain objects, lists, bytes and primitives. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [show(actual), show(expected)];
  if (is !== wanted) throw new Error(`${what}: ${is}, expected ${wanted}`);
}

/** Equal values in equal text. */
function show(value: unknown): string {
  if (value instanceof Uint8Array) return showBytes(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${name}: ${show(field)}`).join(', ')}}`;
}

function showBytes(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, 32).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
  // Beyond what a reader wants to see, a sum that depends on every byte and its place.
  const sum = bytes.reduce((total, byte) => (Math.imul(total, 31) + byte) >>> 0, 0);
  return `<${bytes.length} bytes ${shown} sum ${sum}>`;
}
