/** What cannot be read, and what cannot be written. */

/** Bytes from outside say something that no writer would have written. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'CODEC_DECODE';
  /** Where in the bytes, counted from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}`);
    this.offset = offset;
  }
}

/** The caller's value has no bytes: out of range, too long, or text that is not well-formed. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
  readonly code = 'CODEC_ENCODE';
}
