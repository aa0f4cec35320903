/** Bytes cut into pieces that fit in a frame. */

interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** At least one, which is empty where there are no bytes; not copied. */
export function* partsOf(bytes: Uint8Array, bytesMax: number): Generator<Part> {
  let at = 0;
  for (; bytes.length - at > bytesMax; at += bytesMax) {
    yield { bytes: bytes.subarray(at, at + bytesMax), isLast: false };
  }
  yield { bytes: bytes.subarray(at), isLast: true };
}
