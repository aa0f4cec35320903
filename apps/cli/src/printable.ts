/** Text of unknown origin (arguments, names that nodes give, errors) on its way to a terminal. */

// oxlint-disable-next-line no-control-regex -- they are what it is about.
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** In one line, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(CONTROLS, ' ').trim();
}

/** In quotes, for a message. */
export function quoted(text: string): string {
  return printable(JSON.stringify(text));
}
