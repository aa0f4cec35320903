/** Why a node did not serve a request. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { EXPLANATION_BYTES_MAX, URL_BYTES_MAX } from './limits.ts';

/** Why the members stay who they are. */
export type MembershipRefusal =
  /** Another change is under way: try again when it is done (R21). */
  | 'membership-is-changing'
  /** The leader has committed nothing in its term yet: try again in a moment (R21). */
  | 'term-not-committed'
  /** The configuration in force is not the one that the change was made for: look at it again. */
  | 'configuration-changed'
  /** Without a voter, or with a node that is named twice. */
  | 'invalid-targets'
  /** A node that was removed never comes back: it needs another id (R25). */
  | 'id-was-removed'
  /** A voter to come was not met, or lacks much of the log: try again when it has caught up (R23). */
  | 'not-caught-up'
  /** Of the old or of the new voters no quorum answers (R23). */
  | 'no-live-quorum';

/** Why leadership stays where it is. */
export type TransferRefusal =
  /** Another transfer is under way: try again when it has ended. */
  | 'transferring'
  /** The target leads already. */
  | 'target-leads'
  /** The target is no other voter, or nobody answers who could take over. */
  | 'no-such-target'
  /** The target did not take over in time. */
  | 'transfer-failed';

/** Why, for a program. */
export type FailureCode =
  | MembershipRefusal
  | TransferRefusal
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
  'membership-is-changing',
  'term-not-committed',
  'configuration-changed',
  'invalid-targets',
  'id-was-removed',
  'not-caught-up',
  'no-live-quorum',
  'transferring',
  'target-leads',
  'no-such-target',
  'transfer-failed',
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
