/** The bytes of a configuration. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { nodeId, type Configuration, type Member, type NodeId, firstConfiguration } from '@raftkv/core';

/** The longest name of a node, in bytes of UTF-8. */
export const NODE_ID_BYTES_MAX = 256;
/** The most members that a configuration has. */
export const MEMBERS_MAX = 1024;
/** The host's own record of one member. */
export const MEMBER_DATA_BYTES_MAX: number = 64 * 1024;

const SIMPLE = 0;

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
  if (kind !== 'simple' || learners.length > 0 || removed.length > 0)
    throw new EncodeError('only simple configurations without learners have bytes yet');
  const { voters } = configuration;
  if (voters.length > MEMBERS_MAX)
    throw new EncodeError(`${voters.length} members are more than ${MEMBERS_MAX}`);
  writer.byte(SIMPLE).counter(voters.length);
  for (const { id, data } of voters) {
    writeNodeId(writer, id);
    writer.bytes(data, MEMBER_DATA_BYTES_MAX);
  }
}

/**
 * Reads what `writeConfiguration` wrote.
 *
 * @throws {DecodeError}
 */
export function readConfiguration(reader: ByteReader): Configuration {
  const { offset } = reader;
  if (reader.byte() !== SIMPLE) throw new DecodeError('an unknown kind of configuration', offset);
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of members');
  const voters: Member[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    voters.push({ id: readNodeId(reader), data: reader.bytes(MEMBER_DATA_BYTES_MAX) });
  }
  return firstConfiguration(voters);
}
