/** The body of a request, which is a value. */

import { VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import type { IncomingMessage } from 'node:http';
import { BadRequest } from './key.ts';

/** @throws {BadRequest} if it is too long, as soon as that is known; or an error if the client left. */
export async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > VALUE_BYTES_MAX) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= VALUE_BYTES_MAX) return chunks.push(chunk);
      chunks.length = 0;
      return reject(tooLarge());
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client left before its request was whole')));
  });
}

function tooLarge(): BadRequest {
  return new BadRequest(`a value has at most ${VALUE_BYTES_MAX} bytes: split it`, {
    status: 413,
    code: 'too-large',
  });
}
