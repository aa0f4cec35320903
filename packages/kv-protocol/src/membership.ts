/** Who takes part in a cluster, and what an operator asks to be changed of that. Source: R21 to R25. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { readOptionalUrl, writeOptionalUrl } from './failure.ts';
import { MEMBERS_MAX } from './limits.ts';
import { readName, readOptionalName, writeName, writeOptionalName } from './name.ts';
import { readBoolean } from './outcome.ts';

/** Voters decide; learners receive the log, and decide nothing. */
export type MemberRole = 'voter' | 'learner';

/** One that takes part. */
export interface ClusterMember {
  /** As the configuration names it, for ever. */
  readonly id: string;
  /** Where its peers reach it; `null` where the node that was asked does not know. */
  readonly address: string | null;
  /** One that is to become a learner by a change under way is a voter until that is over (R25). */
  readonly role: MemberRole;
}

/** The configuration in force at the node that was asked. */
export interface Membership {
  /** Of its entry in the log; what `ifIndex` of a change compares. */
  readonly index: number;
  /** On the way from one set of voters to another: a majority of each decides. */
  readonly isJoint: boolean;
  /** Who leads, as far as that node knows. */
  readonly leader: string | null;
  /** Each once, voters first; none where the node has not been told of any yet. */
  readonly members: readonly ClusterMember[];
}

/** One that is to take part. */
export interface MemberTarget {
  /** Never one of a member that was removed. */
  readonly id: string;
  /** Where its peers reach it; `null`: as it is known already. */
  readonly address: string | null;
}

/** All members that there are to be, at most `MEMBERS_MAX`: who is not named is removed. */
export interface MembershipChange {
  /** Who is new among them has to be a learner before, until it has caught up. */
  readonly voters: readonly MemberTarget[];
  /** None of them a voter. */
  readonly learners: readonly MemberTarget[];
  /** Only if the configuration in force is that of this entry; `null`: whichever it is. */
  readonly ifIndex: number | null;
  /** Also where a new voter has not caught up. */
  readonly force: boolean;
}

/** The place in this list is the byte. New ones go to the end. */
const ROLES: readonly MemberRole[] = ['voter', 'learner'];

export function writeMembership(writer: ByteWriter, { index, isJoint, leader, members }: Membership): void {
  checkCount(members.length);
  writer.counter(index).byte(isJoint ? 1 : 0);
  writeOptionalName(writer, leader);
  writer.counter(members.length);
  for (const { id, address, role } of members) {
    writeTarget(writer, { id, address });
    writer.byte(ROLES.indexOf(role));
  }
}

/** @throws {DecodeError} */
export function readMembership(reader: ByteReader): Membership {
  const [index, isJoint] = [reader.counter(), readBoolean(reader)];
  const leader = readOptionalName(reader);
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of members');
  const members: ClusterMember[] = [];
  while (members.length < count) members.push({ ...readTarget(reader), role: readRole(reader) });
  return { index, isJoint, leader, members };
}

/** @throws {EncodeError} if there are more than `MEMBERS_MAX`, or a name or an address is too long. */
export function writeChange(
  writer: ByteWriter,
  { voters, learners, ifIndex, force }: MembershipChange,
): void {
  checkCount(voters.length + learners.length);
  for (const targets of [voters, learners]) {
    writer.counter(targets.length);
    for (const target of targets) writeTarget(writer, target);
  }
  writer.byte(ifIndex === null ? 0 : 1);
  if (ifIndex !== null) writer.counter(ifIndex);
  writer.byte(force ? 1 : 0);
}

/** @throws {DecodeError} */
export function readChange(reader: ByteReader): MembershipChange {
  const voters = readTargets(reader, MEMBERS_MAX);
  const learners = readTargets(reader, MEMBERS_MAX - voters.length);
  const ifIndex = readBoolean(reader) ? reader.counter() : null;
  return { voters, learners, ifIndex, force: readBoolean(reader) };
}

function checkCount(count: number): void {
  if (count > MEMBERS_MAX) throw new EncodeError(`${count} members are more than ${MEMBERS_MAX}`);
}

function writeTarget(writer: ByteWriter, { id, address }: MemberTarget): void {
  writeName(writer, id);
  writeOptionalUrl(writer, address);
}

function readTarget(reader: ByteReader): MemberTarget {
  return { id: readName(reader), address: readOptionalUrl(reader) };
}

function readTargets(reader: ByteReader, countMax: number): readonly MemberTarget[] {
  const count = reader.counterUpTo(countMax, 'the number of members');
  const targets: MemberTarget[] = [];
  while (targets.length < count) targets.push(readTarget(reader));
  return targets;
}

function readRole(reader: ByteReader): MemberRole {
  const { offset } = reader;
  const role = ROLES[reader.byte()];
  if (role === undefined) throw new DecodeError('an unknown role of a member', offset);
  return role;
}
