/** `@raftkv/codec`: bytes, read and written with a limit on every length. */

export { ByteBlocks } from './byte-blocks.ts';
export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { DecodeError, EncodeError } from './errors.ts';
