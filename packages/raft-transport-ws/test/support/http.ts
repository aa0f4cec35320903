/** What a browser or a script would ask of the port. */

import { request, type IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

export function get(port: number | null, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const client = request({ port, host: '127.0.0.1', path }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode, text }), reject);
    });
    client.on('error', reject).end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks = (await response.toArray()) as Buffer[];
  return Buffer.concat(chunks).toString();
}
