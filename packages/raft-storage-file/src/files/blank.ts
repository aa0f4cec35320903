/** Are there only zeros? */

const BLANK = Buffer.alloc(64 * 1024);

/** Compares whole blocks: a segment has many bytes. */
export function isBlank(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += BLANK.length) {
    const part = bytes.subarray(at, at + BLANK.length);
    if (!part.equals(BLANK.subarray(0, part.length))) return false;
  }
  return true;
}
