/** What flags may say. */

import { InvalidArgumentError } from 'commander';

/** A whole number from 1 to `max`. */
export function count(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`It is a whole number from 1 to ${max}.`);
  };
}

/** A number above 0, up to `max`. */
export function amount(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`It is a number above 0 and at most ${max}.`);
  };
}

const MIB = 1024 * 1024;
/** What `raftkv-server` has unless it is told otherwise. */
export const SEGMENT_BYTES: number = 64 * MIB;

/** What `raftkv-server` takes for `--segment-bytes`. */
export function segmentBytes(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value % 8 === 0 && value >= MIB && value <= 1024 * MIB) return value;
  throw new InvalidArgumentError(`It is a multiple of 8 from ${MIB} to ${1024 * MIB}.`);
}

/** Addresses of nodes, with commas between them. */
export function endpoints(text: string): string[] {
  const urls = text.split(',').map((url) => url.trim());
  if (urls.every((url) => /^wss?:\/\/[^/]+/.test(url) && URL.canParse(url))) return urls;
  throw new InvalidArgumentError(
    'It is one or more of ws://HOST:PORT or wss://HOST:PORT, with commas between.',
  );
}
