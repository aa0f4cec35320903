/**
 * Numbers and names that mean different things have different types. Each is made of a plain value in this file and
 * nowhere else; only `load` takes a whole state as it was written.
 */

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Election epoch; 0 before the first election. Source: Raft §5.1. */
export type Term = Branded<number, 'Term'>;
/** Position in the log, 1-based; 0 stands before the first entry. Source: Raft §5.3. */
export type LogIndex = Branded<number, 'LogIndex'>;
/** Names one node for the life of the cluster; never reused after removal. */
export type NodeId = Branded<string, 'NodeId'>;
/** Number of one `persist` effect, rising by one; 0 means "no write". */
export type WriteNumber = Branded<number, 'WriteNumber'>;
/** Number of one round of read confirmation, rising within a leader's term; 0 before the first. */
export type Round = Branded<number, 'Round'>;
/** The host's name for one request; comes back in exactly one outcome. */
export type Ref = Branded<number, 'Ref'>;

/**
 * The largest term and index that a peer's message may name. Far above anything a cluster reaches, and far enough
 * below 2^53 that adding one to it stays exact.
 */
export const COUNTER_MAX: number = 2 ** 52;

/**
 * A number as a term.
 *
 * @throws {RangeError} if `value` is not an integer from 0 to 2^53 − 1.
 */
export function term(value: number): Term {
  return natural(value, 'term') as Term;
}

/**
 * A number as a position in the log.
 *
 * @throws {RangeError} if `value` is not an integer from 0 to 2^53 − 1.
 */
export function logIndex(value: number): LogIndex {
  return natural(value, 'log index') as LogIndex;
}

/**
 * A number as that of a `persist` effect.
 *
 * @throws {RangeError} if `value` is not an integer from 0 to 2^53 − 1.
 */
export function writeNumber(value: number): WriteNumber {
  return natural(value, 'write number') as WriteNumber;
}

/** @throws {RangeError} if `value` is not an integer from 0 to 2^53 − 1. */
export function round(value: number): Round {
  return natural(value, 'round') as Round;
}

/**
 * A number as the name of a request.
 *
 * @throws {RangeError} if `value` is not an integer from 0 to 2^53 − 1.
 */
export function ref(value: number): Ref {
  return natural(value, 'ref') as Ref;
}

/**
 * A text as the name of a node.
 *
 * @throws {RangeError} if `value` is empty.
 */
export function nodeId(value: string): NodeId {
  if (value === '') throw new RangeError('a node id must not be empty');
  return value as NodeId;
}

function natural(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`a ${what} must be an integer from 0 to 2^53 - 1, not ${value}`);
  }
  return value;
}
