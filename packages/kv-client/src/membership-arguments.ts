/** What operators give becomes a request here, checked. */

import {
  MEMBERS_MAX,
  NAME_BYTES_MAX,
  URL_BYTES_MAX,
  type MembershipChange as RequestedChange,
} from '@raftkv/kv-protocol';
import { checkedText } from './arguments.ts';
import { InvalidArgumentError } from './errors.ts';

/** A member to come, or to stay; those that `members` gives are some. */
export interface MemberTarget {
  /** Never one of a member that was removed. */
  readonly id: string;
  /** Where its peers reach it, `ws://` or `wss://`; as it is known already unless given. */
  readonly address?: string | null | undefined;
}

/** All members that there are to be, at most 1,024: who is not named is removed, for ever. */
export interface MembershipChange {
  /** Who decides; one that is new has to be a learner first, until it has caught up. */
  readonly voters: readonly MemberTarget[];
  /** Who receives the log, and decides nothing; none unless given. */
  readonly learners?: readonly MemberTarget[] | undefined;
  /** Only if the configuration in force is that of this entry, as `members` tells it; whichever it is unless given. */
  readonly ifIndex?: number | null | undefined;
  /** Also where a new voter has not caught up: it may be long before it helps. Nothing waives a quorum that answers. */
  readonly force?: boolean | undefined;
}

/** @throws {InvalidArgumentError | RequestTooLargeError} */
export function checkedChange(change: MembershipChange): RequestedChange {
  const [voters, learners] = [change.voters, change.learners ?? []];
  if (!isList(voters) || !isList(learners)) {
    throw new InvalidArgumentError('voters and learners are lists of members, each with an id');
  }
  if (voters.length + learners.length > MEMBERS_MAX) {
    throw new InvalidArgumentError(`a cluster has at most ${MEMBERS_MAX} members`);
  }
  const ifIndex = change.ifIndex ?? null;
  if (ifIndex !== null && (!Number.isSafeInteger(ifIndex) || ifIndex < 0)) {
    throw new InvalidArgumentError(`ifIndex is ${ifIndex}: indexes are integers from 0`);
  }
  return {
    voters: voters.map(checkedTarget),
    learners: learners.map(checkedTarget),
    ifIndex,
    force: change.force === true,
  };
}

/** @throws {InvalidArgumentError | RequestTooLargeError} */
export function checkedId(id: string): string {
  const text = checkedText(id, 'the id of a member', NAME_BYTES_MAX);
  if (text === '') throw new InvalidArgumentError('the id of a member has at least one character');
  return text;
}

/** It stands in the log of all members from then on: a slip is found here or never. @throws {InvalidArgumentError | RequestTooLargeError} */
export function checkedAddress(address: string): string {
  const text = checkedText(address, 'the address of a member', URL_BYTES_MAX);
  if (/^wss?:\/\/./.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError(`${text} is no address of a member: one is ws://HOST:PORT or wss://…`);
}

function checkedTarget({ id, address = null }: MemberTarget): RequestedChange['voters'][number] {
  return { id: checkedId(id), address: address === null ? null : checkedAddress(address) };
}

/** Not a type guard: one of `Array.isArray` would forget the type of the items. */
function isList(value: readonly MemberTarget[]): boolean {
  return Array.isArray(value);
}
