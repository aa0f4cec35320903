/** Why something ended, in words that fit where they are to go. */

/** Where several addresses of a name fail, the message is empty and the code is not. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '') return error.message;
  return 'code' in error ? String(error.code) : error.name;
}

/** What the other side said when it closed, or the code that says it. */
export function reasonOfClose({ code, reason }: { readonly code: number; readonly reason: string }): string {
  return reason === '' ? `code ${code}` : `${reason} (code ${code})`;
}

/** The longest beginning that fits in so many bytes of UTF-8 and does not end within a character; well-formed. */
export function fitting(reason: string, bytesMax: number): string {
  // No character takes less than a byte: what cannot fit anyway need not be measured again and again.
  let text = reason.slice(0, bytesMax).replace(LAST_HALF, '').replaceAll(HALF, '\ufffd');
  while (Buffer.byteLength(text) > bytesMax) text = text.slice(0, -1);
  return text.replace(LAST_HALF, '');
}

const LAST_HALF = /\p{Surrogate}$/u;
const HALF = /\p{Surrogate}/gu;
