/**
 * What a configuration says of a member beside its name: the opaque bytes that the core carries for the host (R21). A
 * member of a first configuration may have none.
 */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import type { Configuration, Member, NodeId } from '@raftkv/core';
import { membersOf } from '@raftkv/core';
import { INCARNATION_BYTES, type Incarnation } from '../ports/log-storage.ts';

/** The longest address of a member, in bytes of UTF-8. */
export const ADDRESS_BYTES_MAX = 1024;

/** What a configuration says of one member. */
export interface MemberRecord {
  /** Where its peers reach it, in the words of the transport; `null` where that is told in another way. */
  readonly address: string | null;
  /** Its data directory, as the leader has met it; `null` until a change after that (R28). */
  readonly incarnation: Incarnation | null;
}

/** First byte; one that is none of ours begins bytes of a host that made its first configuration itself. */
const VERSION = 1;
const [ABSENT, PRESENT] = [0, 1];
const NOTHING: MemberRecord = { address: null, incarnation: null };

/**
 * The bytes of `record`; none where it says nothing.
 *
 * @throws {EncodeError} if the address is longer than `ADDRESS_BYTES_MAX`, or has half of a surrogate pair.
 */
export function encodeMemberRecord({ address, incarnation }: MemberRecord): Uint8Array {
  if (address === null && incarnation === null) return new Uint8Array(0);
  const writer = new ByteWriter().byte(VERSION).byte(address === null ? ABSENT : PRESENT);
  if (address !== null) writer.text(address, ADDRESS_BYTES_MAX);
  writer.byte(incarnation === null ? ABSENT : PRESENT);
  if (incarnation !== null) writer.raw(incarnation);
  return writer.finish();
}

/** What `encodeMemberRecord` wrote; other bytes say nothing. */
export function decodeMemberRecord(data: Uint8Array): MemberRecord {
  if (data[0] !== VERSION) return NOTHING;
  try {
    const reader = new ByteReader(data.subarray(1));
    const address = isPresent(reader) ? reader.text(ADDRESS_BYTES_MAX) : null;
    const incarnation = isPresent(reader) ? reader.raw(INCARNATION_BYTES) : null;
    reader.end();
    return { address, incarnation };
  } catch (error) {
    if (error instanceof DecodeError) return NOTHING;
    throw error;
  }
}

/** Of each member of `configuration`. */
export function memberRecordsOf(configuration: Configuration): Map<NodeId, MemberRecord> {
  return new Map(membersOf(configuration).map(({ id, data }: Member) => [id, decodeMemberRecord(data)]));
}

function isPresent(reader: ByteReader): boolean {
  const { offset } = reader;
  const byte = reader.byte();
  if (byte > PRESENT) throw new DecodeError('neither there nor not', offset);
  return byte === PRESENT;
}
