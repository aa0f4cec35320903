/** What stands in the path and the query of a request for a key. */

import { KEY_BYTES_MAX, NO_CONDITION, type Condition, type Consistency } from '@raftkv/kv-protocol';
import { suggestion } from '../configuration/nearest.ts';
import type { HttpError } from './answer.ts';

/** Thrown while a request is read, and answered. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';
  readonly error: HttpError;

  constructor(message: string, error: Partial<HttpError> = {}) {
    super(message);
    this.error = { status: 400, code: 'invalid-request', message, ...error };
  }
}

/** The bytes of a percent-encoded key, which need not be text. @throws {BadRequest} */
export function decodeKey(encoded: string): Uint8Array {
  const flaw = /%(?![0-9a-fA-F]{2})/.exec(encoded);
  if (flaw !== null)
    throw new BadRequest(`the key has a % without two hexadecimal digits: write %25 for a % itself`);
  const text = encoded.replaceAll(/%(..)/g, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  );
  const key = Buffer.from(text, 'latin1');
  if (key.length === 0) throw new BadRequest('a key has at least one byte: /v1/kv/<percent-encoded key>');
  if (key.length > KEY_BYTES_MAX) {
    throw new BadRequest(`the key has ${key.length} bytes: at most ${KEY_BYTES_MAX} are allowed`);
  }
  return key;
}

/** @throws {BadRequest} */
export function consistencyOf(query: URLSearchParams): Consistency {
  checkNames(query, ['consistency']);
  const given = query.get('consistency') ?? 'linearizable';
  if (given === 'linearizable' || given === 'serializable') return given;
  throw new BadRequest(`consistency has to be linearizable or serializable, not ${JSON.stringify(given)}`);
}

/** @throws {BadRequest} */
export function conditionOf(query: URLSearchParams, method: 'PUT' | 'DELETE'): Condition {
  checkNames(query, method === 'PUT' ? ['ifRevision', 'ifAbsent'] : ['ifRevision']);
  const [revision, absent] = [query.get('ifRevision'), query.get('ifAbsent')];
  if (revision !== null && absent !== null)
    throw new BadRequest('ifRevision and ifAbsent exclude each other');
  if (revision !== null) return { kind: 'revision', revision: revisionOf(revision) };
  if (absent === null || absent === 'false') return NO_CONDITION;
  if (absent === '' || absent === 'true') return { kind: 'revision', revision: 0 };
  throw new BadRequest(`ifAbsent has no value, or true, or false, not ${JSON.stringify(absent)}`);
}

function revisionOf(text: string): number {
  const revision = Number(text);
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(revision)) return revision;
  throw new BadRequest(
    `ifRevision has to be a revision, or 0 for an absent key, not ${JSON.stringify(text)}`,
  );
}

/** A condition that is spelled wrong must not be no condition. */
function checkNames(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      const hint = suggestion(name, known) || ` Here may be ${known.join(' and ')}.`;
      throw new BadRequest(`the query has an unknown ${JSON.stringify(name)}.${hint}`);
    }
    if (query.getAll(name).length > 1) throw new BadRequest(`${name} is given more than once`);
  }
}
