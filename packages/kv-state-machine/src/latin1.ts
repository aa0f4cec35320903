/**
 * Bytes as text, one character for each byte: the order of such text under `<` is the order of the bytes, and a million
 * small ones take far less memory than as many arrays (DESIGN §5). A `TextDecoder` would not do: what it calls latin1
 * is windows-1252 in browsers and in newer Node (R42). Node's `Buffer` does the same in a twentieth of the time for what
 * is longer than a few characters.
 */

/** As much of Node's `Buffer` as is needed; there is none in a browser. */
interface NodeBuffer {
  from(memory: ArrayBufferLike, offset: number, length: number): NodeBuffer;
  toString(encoding: 'latin1'): string;
  write(text: string, encoding: 'latin1'): number;
}

const buffers = nodeBuffers();
/** From here on it pays to make a `Buffer` of them. */
const BUFFER_BYTES_MIN = 32;
/** Small enough to be arguments of one call. */
const CHUNK_BYTES = 4096;
/** As long as most texts are. */
const SCRATCH_BYTES = 4096;
const scratch = new Uint8Array(SCRATCH_BYTES);
const scratchBuffer = buffers === null ? null : asBuffer(buffers, scratch);

export function latin1(bytes: Uint8Array): string {
  if (buffers !== null && bytes.length >= BUFFER_BYTES_MIN)
    return asBuffer(buffers, bytes).toString('latin1');
  return latin1InChunks(bytes);
}

/** The bytes of what `latin1` gave, in memory of their own. */
export function bytesOfLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  if (buffers !== null && text.length >= BUFFER_BYTES_MIN) asBuffer(buffers, bytes).write(text, 'latin1');
  else for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The same in memory that the next call writes over: for who is done with it before. */
export function bytesOfLatin1ForNow(text: string): Uint8Array {
  if (text.length > SCRATCH_BYTES) return bytesOfLatin1(text);
  if (scratchBuffer !== null && text.length >= BUFFER_BYTES_MIN) scratchBuffer.write(text, 'latin1');
  else for (let at = 0; at < text.length; at += 1) scratch[at] = text.charCodeAt(at);
  return scratch.subarray(0, text.length);
}

/** What `latin1` does where there is no `Buffer`. */
export function latin1InChunks(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK_BYTES) return latin1Chunk(bytes);
  const chunks: string[] = [];
  for (let from = 0; from < bytes.length; from += CHUNK_BYTES) {
    chunks.push(latin1Chunk(bytes.subarray(from, from + CHUNK_BYTES)));
  }
  // Joined, it is one flat string; added up, it would stay a tree of its chunks for as long as it is kept.
  return chunks.join('');
}

function latin1Chunk(bytes: Uint8Array): string {
  // Spread, the bytes would go one by one through an iterator, which takes eight times as long.
  return String(Reflect.apply(String.fromCharCode, undefined, bytes));
}

function asBuffer(all: NodeBuffer, bytes: Uint8Array): NodeBuffer {
  return all.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function nodeBuffers(): NodeBuffer | null {
  const found: unknown = Reflect.get(globalThis, 'Buffer');
  return isNodeBuffer(found) ? found : null;
}

function isNodeBuffer(value: unknown): value is NodeBuffer {
  return typeof value === 'function' && 'from' in value && 'allocUnsafe' in value;
}
