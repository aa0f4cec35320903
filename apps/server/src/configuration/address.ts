/** Where to listen: HOST:PORT, with brackets around an IPv6 address. */

import { URL_BYTES_MAX } from '@raftkv/kv-protocol';
import { isIP } from 'node:net';

export interface Address {
  /** A name or an address, without brackets. */
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

const FORM = /^(?:\[(?<six>[^\]]+)\]|(?<name>[^:[\]]+)):(?<port>\d{1,5})$/;

/** `null` where it is none. */
export function parseAddress(text: string): Address | null {
  const groups = FORM.exec(text)?.groups;
  if (groups === undefined) return null;
  const { six, name } = groups;
  const port = Number(groups['port']);
  const host = six ?? name ?? '';
  if (port > 65_535 || (six !== undefined && isIP(six) !== 6)) return null;
  return { host, port };
}

/** As it stands in a URL or a Host header. */
export function formatAddress({ host, port }: Address): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Can only this machine reach it? */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === 'localhost' || host === '::1';
}

/** All addresses of this machine: good to listen at, no place to be reached at. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** A URL by which clients or nodes can be told to come, of at most as many bytes as members can tell each other. */
export function isWebSocketUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isFitting = url !== null && /^wss?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  return isFitting && url.username === '' && Buffer.byteLength(text) <= URL_BYTES_MAX;
}
