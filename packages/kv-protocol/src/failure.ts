/** Why a node did not serve a request. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { EXPLANATION_BYTES_MAX, URL_BYTES_MAX } from './limits.ts';

/** Why, for a program. */
export type FailureCode =
  /** Another node leads; `leaderUrl` says where, if it is known. */
  | 'not-leader'
  /** Too much is under way: try again a little later. */
  | 'overloaded'
  /** The request breaks a limit or contradicts itself: do not repeat it as it is. */
  | 'invalid-request'
  /** Leadership was lost, or the node stopped, before the outcome was seen. */
  | 'outcome-unknown'
  /** The node stops, or has stopped: ask another. */
  | 'unavailable';

/** Why a request was not served, and whether it may have taken effect. */
export interface Failure {
  /** What to switch on. */
  readonly code: FailureCode;
  /** `not-applied`: it never took effect and never will. `unknown`: it may have, or yet may. */
  readonly outcome: 'not-applied' | 'unknown';
  /** Where to ask instead; `null` where this node knows of none. */
  readonly leaderUrl: string | null;
  /** What happened, and what to do. */
  readonly message: string;
}

/** The place in this list is the byte. New ones go to the end. */
const CODES: readonly FailureCode[] = [
  'not-leader',
  'overloaded',
  'invalid-request',
  'outcome-unknown',
  'unavailable',
];
const OUTCOMES: readonly Failure['outcome'][] = ['not-applied', 'unknown'];

export function writeFailure(writer: ByteWriter, { code, outcome, leaderUrl, message }: Failure): void {
  writer.byte(CODES.indexOf(code)).byte(OUTCOMES.indexOf(outcome));
  writeOptionalUrl(writer, leaderUrl);
  writer.text(message, EXPLANATION_BYTES_MAX);
}

/** @throws {DecodeError} */
export function readFailure(reader: ByteReader): Failure {
  const { offset } = reader;
  const [code, outcome] = [CODES[reader.byte()], OUTCOMES[reader.byte()]];
  if (code === undefined || outcome === undefined) throw new DecodeError('an unknown failure', offset);
  const leaderUrl = readOptionalUrl(reader);
  return { code, outcome, leaderUrl, message: reader.text(EXPLANATION_BYTES_MAX) };
}

/** An address, or the empty text for none. */
export function writeOptionalUrl(writer: ByteWriter, url: string | null): void {
  writer.text(url ?? '', URL_BYTES_MAX);
}

/** @throws {DecodeError} */
export function readOptionalUrl(reader: ByteReader): string | null {
  const url = reader.text(URL_BYTES_MAX);
  return url === '' ? null : url;
}
