/**
 * Bytes as text, one character for each byte: the order of such text under `<` is the order of the bytes, and a million
 * small ones take far less memory than as many arrays (DESIGN §5). A `TextDecoder` would not do: what it calls latin1
 * is windows-1252 in browsers and in newer Node (R42).
 */

/** Small enough to be arguments of one call. */
const CHUNK_BYTES = 4096;

export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK_BYTES) return latin1Chunk(bytes);
  const chunks: string[] = [];
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    chunks.push(latin1Chunk(bytes.subarray(from, from + CHUNK_BYTES)));
  }
  // Joined, it is one flat string; added up, it would stay a tree of its chunks for as long as it is kept.
  return chunks.join('');
}

/** The bytes of what `latin1` gave, in memory of their own. */
export function bytesOfLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function latin1Chunk(bytes: Uint8Array): string {
  // Spread, the bytes would go one by one through an iterator, which takes eight times as long.
  return String(Reflect.apply(String.fromCharCode, undefined, bytes));
}
