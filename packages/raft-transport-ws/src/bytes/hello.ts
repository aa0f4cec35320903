/**
 * What each side says first: which protocol it speaks, who it is, whom it means, of which cluster it is, and the greeting
 * of its node. Magic and version stay as they are in every version, so that an unknown one can be named.
 */

import { ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import { CLUSTER_ID_BYTES, type NodeId } from '@raftkv/core';
import {
  ABOUT_BYTES_MAX,
  INCARNATION_BYTES,
  NODE_ID_BYTES_MAX,
  readNodeId,
  writeNodeId,
  type Greeting,
} from '@raftkv/runtime';
import { readFlag } from './message.ts';

export const PROTOCOL_VERSION = 1;

/** The longest name of a cluster, in bytes of UTF-8. */
export const CLUSTER_NAME_BYTES_MAX = 256;

/** Bytes of the digest of a first configuration. */
export const DIGEST_BYTES = 32;

/** More than any hello has. */
export const HELLO_BYTES_MAX: number = 2 * NODE_ID_BYTES_MAX + CLUSTER_NAME_BYTES_MAX + ABOUT_BYTES_MAX + 256;

/**
 * `stay`: this is to be the connection of the two. `probe`: it ends with the answer, unless that says `stay`. `snapshot`: who
 * dials streams one snapshot, beside the connection of the two.
 */
export type Purpose = (typeof PURPOSES)[number];

/** Each in the place of its byte. */
const PURPOSES = ['stay', 'probe', 'snapshot'] as const;

export interface Hello {
  readonly purpose: Purpose;
  readonly from: NodeId;
  readonly to: NodeId;
  readonly cluster: string;
  readonly configurationDigest: Uint8Array;
  readonly greeting: Greeting;
}

/** What the bytes of a hello say: a hello, or a version of which nothing more is known. */
export type Heard =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'other-version'; readonly version: number };

const HAS_LOG = 1;
const HAS_JOINED = 2;

/** "RKVP". */
const MAGIC = 0x52_4b_56_50;

/** @throws {EncodeError} if a field has another length than it may have. */
export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ByteWriter(HELLO_BYTES_MAX).uint32(MAGIC).counter(PROTOCOL_VERSION);
  writer.byte(PURPOSES.indexOf(hello.purpose));
  writeNodeId(writer, hello.from);
  writeNodeId(writer, hello.to);
  writer.text(hello.cluster, CLUSTER_NAME_BYTES_MAX);
  writeExactly(writer, hello.configurationDigest, DIGEST_BYTES);
  const { processNumber, incarnation, clusterId, metAs, about } = hello.greeting;
  writer.counter(processNumber);
  writeExactly(writer, incarnation, INCARNATION_BYTES);
  writeOptional(writer, clusterId, CLUSTER_ID_BYTES);
  writer.byte(stateOf(hello.greeting));
  writeOptional(writer, metAs, INCARNATION_BYTES);
  writer.bytes(about, ABOUT_BYTES_MAX);
  return writer.finish();
}

/** @throws {DecodeError} */
export function decodeHello(bytes: Uint8Array): Heard {
  const reader = new ByteReader(bytes);
  if (reader.uint32() !== MAGIC) throw new DecodeError('no hello of a raftkv node', 0);
  const version = reader.counter();
  if (version !== PROTOCOL_VERSION) return { kind: 'other-version', version };
  const hello: Hello = {
    purpose: readPurpose(reader),
    from: readNodeId(reader),
    to: readNodeId(reader),
    cluster: reader.text(CLUSTER_NAME_BYTES_MAX),
    configurationDigest: reader.raw(DIGEST_BYTES),
    greeting: {
      processNumber: reader.counter(),
      incarnation: reader.raw(INCARNATION_BYTES),
      clusterId: readOptional(reader, CLUSTER_ID_BYTES),
      ...readState(reader),
      metAs: readOptional(reader, INCARNATION_BYTES),
      about: reader.bytes(ABOUT_BYTES_MAX),
    },
  };
  reader.end();
  return { kind: 'hello', hello };
}

function readPurpose(reader: ByteReader): Purpose {
  const { offset } = reader;
  const purpose = PURPOSES[reader.byte()];
  if (purpose === undefined) throw new DecodeError('an unknown purpose', offset);
  return purpose;
}

/** One byte, of which releases before members could join knew the first bit. */
function stateOf({ hasLog, hasJoined }: Greeting): number {
  return (hasLog ? HAS_LOG : 0) | (hasJoined ? HAS_JOINED : 0);
}

function readState(reader: ByteReader): Pick<Greeting, 'hasLog' | 'hasJoined'> {
  const { offset } = reader;
  const state = reader.byte();
  if (state > (HAS_LOG | HAS_JOINED)) throw new DecodeError('an unknown state of a log', offset);
  return { hasLog: (state & HAS_LOG) !== 0, hasJoined: (state & HAS_JOINED) !== 0 };
}

function writeOptional(writer: ByteWriter, bytes: Uint8Array | null, count: number): void {
  writer.byte(bytes === null ? 0 : 1);
  if (bytes !== null) writeExactly(writer, bytes, count);
}

function writeExactly(writer: ByteWriter, bytes: Uint8Array, count: number): void {
  if (bytes.length !== count) throw new EncodeError(`${bytes.length} bytes where there have to be ${count}`);
  writer.raw(bytes);
}

function readOptional(reader: ByteReader, count: number): Uint8Array | null {
  return readFlag(reader) ? reader.raw(count) : null;
}
