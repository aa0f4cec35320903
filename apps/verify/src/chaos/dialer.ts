/** Who dialed, by the first that a peer says: its upgrade to a WebSocket, and the hello that names it. */

/** Behind the bytes that ask for the upgrade. */
const HEAD_END = '\r\n\r\n';
/** "RKVP", then the version, then whether the connection is to stay; the name follows, behind its length in a byte. */
const MAGIC = 0x52_4b_56_50;
const NAME_AT = 6;
/** Of the head of a frame: length and mask. */
const LENGTH_BITS = 0x7f;
const MASK_BYTES = 4;
/** Where it takes more, whoever dialed is no node. */
export const HELLO_WITHIN_BYTES = 4096;

/** By all that was said so far; null where the name is not among it. */
export function dialerIn(said: Buffer): string | null {
  const headEnd = said.indexOf(HEAD_END);
  if (headEnd < 0) return null;
  const frame = said.subarray(headEnd + HEAD_END.length);
  const hello = bodyOf(frame);
  if (hello.length <= NAME_AT || hello.readUInt32LE(0) !== MAGIC) return null;
  const length = hello[NAME_AT] ?? 0;
  const name = hello.subarray(NAME_AT + 1, NAME_AT + 1 + length);
  return name.length === length ? name.toString() : null;
}

/** Of the first frame, as far as it has come. */
function bodyOf(frame: Buffer): Buffer {
  const longer: Readonly<Record<number, number>> = { 126: 2, 127: 8 };
  const maskAt = 2 + (longer[(frame[1] ?? 0) & LENGTH_BITS] ?? 0);
  const mask = frame.subarray(maskAt, maskAt + MASK_BYTES);
  const body = frame.subarray(maskAt + MASK_BYTES);
  return Buffer.from(body.map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)));
}
