/** Bytes as text and back, without a platform's `Buffer` or `btoa`. Source: RFC 4648 §4. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const characters = Math.min(bytes.length - at, 3) + 1;
    for (let nth = 0; nth < 4; nth += 1) {
      text += nth < characters ? ALPHABET.charAt((word >>> (18 - 6 * nth)) & 63) : '=';
    }
  }
  return text;
}

/** The bytes, or `null` if `text` is not base64 of whole bytes with its padding. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let at = 0, to = 0; at < text.length; at += 4) {
    let word = 0;
    for (let nth = 0; nth < 4; nth += 1) {
      word = (word << 6) | Math.max(ALPHABET.indexOf(text.charAt(at + nth)), 0);
    }
    for (let shift = 16; shift >= 0 && to < bytes.length; shift -= 8, to += 1)
      bytes[to] = (word >>> shift) & 255;
  }
  return bytes;
}
