/** Keys for curl: one request, one answer, and no session, so that a write is tried once. */

import type { KeyValue, Operation, Outcome } from '@raftkv/kv-protocol';
import type { Answer } from '@raftkv/kv-service';
import type { RaftError, RaftErrorCode } from '@raftkv/runtime';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KvNode } from '../node/kv-node.ts';
import { send, sendError, sendJson, type HttpError, type HttpErrorCode } from './answer.ts';
import { readBody } from './body.ts';
import { conditionOf, consistencyOf, decodeKey } from './key.ts';

export const KEY_PATH = '/v1/kv/';

export interface KeyRequest {
  readonly node: KvNode;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
}

const REVISION = 'X-Raftkv-Revision';

/** Resolves when it is answered. @throws {BadRequest} */
export async function onKeyRequest(at: KeyRequest): Promise<void> {
  const key = decodeKey(at.path.slice(KEY_PATH.length));
  switch (at.request.method) {
    case 'GET':
    case 'HEAD':
      return read(at, key);
    case 'PUT': {
      const condition = conditionOf(at.query, 'PUT');
      return write(at, { kind: 'put', key, value: await readBody(at.request), condition });
    }
    case 'DELETE':
      return write(at, { kind: 'delete', key, condition: conditionOf(at.query, 'DELETE') });
    case undefined:
    default:
      sendError(at.response, methodNotAllowed('GET, HEAD, PUT, DELETE'));
  }
}

export function methodNotAllowed(allowed: string): HttpError {
  const message = `here may be ${allowed}`;
  return { status: 405, code: 'method-not-allowed', message, headers: { Allow: allowed } };
}

function read(at: KeyRequest, key: Uint8Array): Promise<void> {
  const consistency = consistencyOf(at.query);
  return new Promise((resolve) => {
    at.node.service.read(key, consistency, (answer) => {
      if (answer === null) sendError(at.response, notYetApplied);
      else if (answer.error === null) sendEntry(at.response, answer.value.entry);
      else sendError(at.response, errorOf(answer.error, at));
      resolve();
    });
  });
}

const notYetApplied: HttpError = {
  status: 503,
  code: 'unavailable',
  message: 'this node has just started and has not yet applied what it once showed: try again',
};

function sendEntry(response: ServerResponse, entry: KeyValue | null): void {
  if (entry === null) {
    const message = 'there is no such key';
    return sendError(response, { status: 404, code: 'not-found', message, headers: { [REVISION]: '0' } });
  }
  const headers = {
    'Content-Type': 'application/octet-stream',
    [REVISION]: entry.modRevision,
    'X-Raftkv-Create-Revision': entry.createRevision,
    'X-Raftkv-Version': entry.version,
  };
  send(response, 200, headers, entry.value);
}

function write(at: KeyRequest, operation: Operation): Promise<void> {
  return new Promise((resolve) => {
    at.node.service.writeDirectly(operation, (answer) => {
      sendWritten(at, answer);
      resolve();
    });
  });
}

function sendWritten(at: KeyRequest, answer: Answer<Outcome>): void {
  const { response } = at;
  if (answer.error !== null) return sendError(response, errorOf(answer.error, at));
  const { value: outcome } = answer;
  switch (outcome.kind) {
    case 'put':
      return sendJson(response, 200, { revision: outcome.revision }, { [REVISION]: outcome.revision });
    case 'deleted': {
      const { revision, isDeleted } = outcome;
      return sendJson(response, 200, { revision, deleted: isDeleted }, { [REVISION]: revision });
    }
    case 'conditionFailed':
      return sendError(response, conditionFailed(outcome.current));
    case 'opened':
    case 'done':
    case 'refused':
      throw new Error(`a write without a session ended in ${outcome.kind}`);
  }
}

function conditionFailed(current: number): HttpError {
  const message =
    current === 0
      ? 'the key is absent, and was expected to have a value'
      : `the key was last changed by revision ${current}: read it, and decide again`;
  return {
    status: 412,
    code: 'condition-failed',
    message,
    current,
    headers: { [REVISION]: String(current) },
  };
}

const ERRORS: Readonly<Record<RaftErrorCode, readonly [status: number, code: HttpErrorCode]>> = {
  RAFT_NOT_LEADER: [503, 'not-leader'],
  RAFT_OVERLOADED: [503, 'overloaded'],
  RAFT_PROPOSAL_TOO_LARGE: [413, 'too-large'],
  RAFT_OUTCOME_UNKNOWN: [503, 'outcome-unknown'],
  RAFT_NODE_FAILED: [503, 'unavailable'],
  RAFT_NODE_CLOSED: [503, 'unavailable'],
  RAFT_TRANSFER_REFUSED: [503, 'unavailable'],
  RAFT_EMPTIED_MEMBER: [503, 'unavailable'],
  RAFT_MEMBERSHIP_REFUSED: [409, 'invalid-request'],
};

function errorOf({ code, outcome, message }: RaftError, { node, request }: KeyRequest): HttpError {
  const [status, httpCode] = ERRORS[code];
  const error = { status, code: httpCode, message, outcome };
  const { leaderUrl } = node.service.directory;
  if (code !== 'RAFT_NOT_LEADER' || leaderUrl === null) return error;
  const Location = locationAt(leaderUrl, request.url ?? '/');
  return { ...error, status: 307, headers: { Location } };
}

/** The same request at the address that clients know the leader by, which speaks both. */
function locationAt(clientUrl: string, path: string): string {
  return clientUrl.replace(/^ws/, 'http').replace(/\/$/, '') + path;
}
