/** Where the nodes are: from the flag, else the variable, else this machine. */

import { UsageError } from './exit-codes.ts';
import { printable, quoted } from './printable.ts';

export const ENDPOINTS_VARIABLE = 'RAFTKV_ENDPOINTS';
export const ENDPOINT_DEFAULT = 'ws://127.0.0.1:7580';

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {UsageError} that names where the wrong address came from. */
export function endpointsOf(flag: string | undefined, environment: Environment): readonly string[] {
  if (flag !== undefined) return parseEndpoints(flag, '--endpoints');
  const variable = environment[ENDPOINTS_VARIABLE];
  // Unset and empty are one thing to a shell script.
  if (variable !== undefined && variable !== '') return parseEndpoints(variable, ENDPOINTS_VARIABLE);
  return [ENDPOINT_DEFAULT];
}

function parseEndpoints(text: string, source: string): readonly string[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0)
    throw new UsageError(`${source} names no node: give ${ENDPOINT_DEFAULT}, or several with commas`);
  return [...new Set(items.map((item) => parseEndpoint(item, source)))];
}

/** `http:` means the same port, and what has no scheme is HOST:PORT. */
function parseEndpoint(item: string, source: string): string {
  const url = urlOf(item);
  if (url !== null) return printable(url);
  const forms = `ws://HOST:PORT, wss://…, http://… or HOST:PORT, such as ${ENDPOINT_DEFAULT}`;
  throw new UsageError(`${source} has ${quoted(item)}, which is no address of a node: one is ${forms}`);
}

function urlOf(item: string): string | null {
  const hasScheme = /^[a-z][a-z\d+.-]*:\/\//i.test(item);
  const text = hasScheme ? item.replace(/^http(s?):/i, 'ws$1:') : `ws://${item}`;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWebSocket = url.protocol === 'ws:' || url.protocol === 'wss:';
  const hasMore = url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '';
  // A bare name would mean port 80 to a URL, and something else to whoever wrote it.
  const hasPort = hasScheme || /:\d+\/?$/.test(item);
  if (!isWebSocket || hasMore || !hasPort) return null;
  return url.href.replace(/\/$/, '');
}

/** HTTP is at the same port. */
export function httpUrl(endpoint: string, path: string): string {
  return `${endpoint.replace(/^ws/, 'http').replace(/\/$/, '')}${path}`;
}
