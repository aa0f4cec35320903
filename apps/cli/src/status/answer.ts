/** What a node says of itself over HTTP, and how it is asked. */

import { httpUrl } from '../endpoints.ts';
import { reasonOf } from '../reason.ts';

export interface NodeStatus {
  readonly name: string;
  readonly role: string;
  readonly term: number;
  readonly leader: string | null;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly revision: number;
  readonly keys: number | null;
  readonly clusterId: string | null;
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly clientUrl: string | null;
}

/** Far above what the largest cluster says. */
const BODY_BYTES_MAX = 1024 * 1024;

/** Its status, or why there is none. Never rejects. */
export async function askStatus(endpoint: string, signal: AbortSignal): Promise<NodeStatus | string> {
  try {
    const response = await fetch(httpUrl(endpoint, '/v1/status'), { signal, redirect: 'error' });
    const body = jsonOf(await textOf(response));
    if (!response.ok) return `it answers ${response.status}${saidIn(body)}`;
    return statusIn(body) ?? 'it answers, but not as a node of raftkv';
  } catch (error) {
    return signal.aborted ? 'no answer in time' : reasonOf(error);
  }
}

async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Typed as anything, though `fetch` gives bytes.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) throw new Error('it answers more than a node of raftkv would');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A node that starts, stops or has failed says so. */
function saidIn(body: unknown): string {
  const message = isObject(body) ? body['message'] : undefined;
  return typeof message === 'string' ? `: ${message}` : '';
}

function statusIn(body: unknown): NodeStatus | null {
  if (!isObject(body)) return null;
  const { name, role, term, leader, commitIndex, appliedIndex, revision, keys, clusterId, members } = body;
  if (typeof name !== 'string' || typeof role !== 'string' || !isNumber(term)) return null;
  if (!isNumber(commitIndex) || !isNumber(appliedIndex) || !isNumber(revision)) return null;
  if (!Array.isArray(members)) return null;
  return {
    name,
    role,
    term,
    leader: textOrNull(leader),
    commitIndex,
    appliedIndex,
    revision,
    keys: isNumber(keys) ? keys : null,
    clusterId: textOrNull(clusterId),
    members: members.flatMap((member: unknown) => memberIn(member) ?? []),
  };
}

function memberIn(value: unknown): Member | null {
  if (!isObject(value) || typeof value['name'] !== 'string') return null;
  return { name: value['name'], clientUrl: textOrNull(value['clientUrl']) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
