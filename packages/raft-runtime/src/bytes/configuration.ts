/**
 * The bytes of a configuration. Releases before learners wrote the voters alone: what has no more than that is written as
 * it was, and so a log of theirs reads the same, and so do the digests that members compare.
 */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { nodeId, REMOVED_IDS_MAX, type Configuration, type Member, type NodeId } from '@raftkv/core';

/** The longest name of a node, in bytes of UTF-8. */
export const NODE_ID_BYTES_MAX = 256;
/** The most members that each set of a configuration has. */
export const MEMBERS_MAX = 1024;
/** The host's own record of one member. */
export const MEMBER_DATA_BYTES_MAX: number = 64 * 1024;

/** Voters, and nothing else. */
const VOTERS = 0;
/** Voters, learners, and ids once removed; at least one of the latter two. */
const SIMPLE = 1;
/** Voters to come, voters until now, learners, and ids once removed. */
const JOINT = 2;

/**
 * Writes the name of a node.
 *
 * @throws {EncodeError} if it is longer than `NODE_ID_BYTES_MAX`.
 */
export function writeNodeId(writer: ByteWriter, id: NodeId): void {
  writer.text(id, NODE_ID_BYTES_MAX);
}

/**
 * Reads what `writeNodeId` wrote.
 *
 * @throws {DecodeError}
 */
export function readNodeId(reader: ByteReader): NodeId {
  const { offset } = reader;
  const text = reader.text(NODE_ID_BYTES_MAX);
  if (text === '') throw new DecodeError('an empty node id', offset);
  return nodeId(text);
}

/**
 * Writes a configuration.
 *
 * @throws {EncodeError} if there are more members, or longer ids or data, than the limits here allow.
 */
export function writeConfiguration(writer: ByteWriter, configuration: Configuration): void {
  const { kind, learners, removed } = configuration;
  if (kind === 'simple' && learners.length === 0 && removed.length === 0) {
    writeMembers(writer.byte(VOTERS), configuration.voters);
    return;
  }
  if (kind === 'simple') {
    writeMembers(writer.byte(SIMPLE), configuration.voters);
  } else {
    writeMembers(writer.byte(JOINT), configuration.incoming);
    writeMembers(writer, configuration.outgoing);
  }
  writeMembers(writer, learners);
  writeRemoved(writer, removed);
}

/**
 * Reads what `writeConfiguration` wrote. Whether it makes sense is for the core to say.
 *
 * @throws {DecodeError}
 */
export function readConfiguration(reader: ByteReader): Configuration {
  const { offset } = reader;
  switch (reader.byte()) {
    case VOTERS:
      return { kind: 'simple', voters: readMembers(reader), learners: [], removed: [] };
    case SIMPLE: {
      const voters = readMembers(reader);
      const others = readOthers(reader);
      if (others.learners.length > 0 || others.removed.length > 0)
        return { kind: 'simple', voters, ...others };
      throw new DecodeError('a configuration with room for what it does not have', offset);
    }
    case JOINT: {
      const incoming = readMembers(reader);
      const outgoing = readMembers(reader);
      return { kind: 'joint', incoming, outgoing, ...readOthers(reader) };
    }
    default:
      throw new DecodeError('an unknown kind of configuration', offset);
  }
}

function writeMembers(writer: ByteWriter, members: readonly Member[]): void {
  if (members.length > MEMBERS_MAX) {
    throw new EncodeError(`${members.length} members are more than ${MEMBERS_MAX}`);
  }
  writer.counter(members.length);
  for (const { id, data } of members) {
    writeNodeId(writer, id);
    writer.bytes(data, MEMBER_DATA_BYTES_MAX);
  }
}

function readMembers(reader: ByteReader): readonly Member[] {
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of members');
  const members: Member[] = [];
  while (members.length < count) {
    members.push({ id: readNodeId(reader), data: reader.bytes(MEMBER_DATA_BYTES_MAX) });
  }
  return members;
}

function writeRemoved(writer: ByteWriter, removed: readonly NodeId[]): void {
  if (removed.length > REMOVED_IDS_MAX) {
    throw new EncodeError(`${removed.length} ids once removed are more than ${REMOVED_IDS_MAX}`);
  }
  writer.counter(removed.length);
  for (const id of removed) writeNodeId(writer, id);
}

function readOthers(reader: ByteReader): Pick<Configuration, 'learners' | 'removed'> {
  const learners = readMembers(reader);
  const count = reader.counterUpTo(REMOVED_IDS_MAX, 'the number of ids once removed');
  const removed: NodeId[] = [];
  while (removed.length < count) removed.push(readNodeId(reader));
  return { learners, removed };
}
