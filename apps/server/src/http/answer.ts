/** What a node says over HTTP: bytes, JSON, and errors that say whether anything took effect. */

import type { FailureCode } from '@raftkv/kv-protocol';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export type HttpErrorCode =
  | FailureCode
  | 'not-found'
  | 'condition-failed'
  | 'too-large'
  | 'method-not-allowed'
  | 'forbidden';

export interface HttpError {
  readonly status: number;
  readonly code: HttpErrorCode;
  /** What happened, and what to do. */
  readonly message: string;
  readonly outcome?: 'not-applied' | 'unknown';
  /** Of a condition that failed: the revision of the key's last change, 0 where it is absent. */
  readonly current?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

type Headers = Readonly<Record<string, string | number>>;

export function send(
  response: ServerResponse,
  status: number,
  headers: Headers,
  body: Uint8Array | string,
): void {
  // Whoever asked may be gone.
  if (response.headersSent || response.destroyed) return;
  // No page may take an answer for a page of its own.
  const all = { 'X-Content-Type-Options': 'nosniff', 'Content-Length': Buffer.byteLength(body), ...headers };
  response.writeHead(status, all).end(body);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Headers = {},
): void {
  send(response, status, { 'Content-Type': 'application/json', ...headers }, `${JSON.stringify(value)}\n`);
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  send(response, status, { 'Content-Type': 'text/plain; charset=utf-8' }, `${text}\n`);
}

export function sendError(response: ServerResponse, error: HttpError): void {
  sendJson(response, error.status, bodyOf(error), error.headers);
}

/** There is no response object yet: the answer is written by hand, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, code: HttpErrorCode, message: string): void {
  const body = `${JSON.stringify(bodyOf({ status, code, message }))}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function bodyOf({ code, message, outcome, current }: HttpError): object {
  return { code, message, outcome: outcome ?? 'not-applied', ...(current === undefined ? {} : { current }) };
}
