/**
 * The file that says whose directory this is. It is written once, when the directory is made, and is what makes the
 * directory one: the segments of another, or of an earlier life of this one, do not fit its incarnation (R28, R30).
 */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import type { Configuration, NodeId } from '@raftkv/core';
import {
  INCARNATION_BYTES,
  readConfiguration,
  readNodeId,
  writeConfiguration,
  writeNodeId,
  type Incarnation,
} from '@raftkv/runtime';
import { crc32 } from 'node:zlib';
import { DamagedError } from '../errors.ts';
import { checkFileHead, FILE_HEAD_BYTES, fileHead, IDENTITY_FILE } from './file-head.ts';

export const IDENTITY_NAME = 'identity';

/** The longest name of a cluster, in bytes of UTF-8. */
const CLUSTER_NAME_BYTES_MAX = 256;

export interface Identity {
  readonly node: NodeId;
  /** The name, or token, that all members of one cluster are started with. */
  readonly cluster: string;
  /** The members that the cluster began with. */
  readonly configuration: Configuration;
  readonly incarnation: Incarnation;
}

const CHECKSUM_BYTES = 4;

/** @throws {EncodeError} if a name or the configuration is too long. */
export function encodeIdentity({ node, cluster, configuration, incarnation }: Identity): Uint8Array {
  const writer = new ByteWriter();
  writeNodeId(writer, node);
  writer.text(cluster, CLUSTER_NAME_BYTES_MAX);
  writeConfiguration(writer, configuration);
  writer.raw(incarnation);
  const body = writer.finish();
  const head = fileHead(IDENTITY_FILE, FILE_HEAD_BYTES + CHECKSUM_BYTES + body.length);
  return new ByteWriter().raw(head).uint32(crc32(body)).raw(body).finish();
}

/**
 * @throws {DamagedError} if the file is not what it was when it was written.
 * @throws {UnknownFormatError} if it is of a version that this release does not read.
 */
export function decodeIdentity(file: string, bytes: Buffer): Identity {
  checkFileHead(file, bytes, IDENTITY_FILE);
  const body = bytes.subarray(FILE_HEAD_BYTES + CHECKSUM_BYTES);
  try {
    const checksum = new ByteReader(bytes.subarray(FILE_HEAD_BYTES)).uint32();
    if (checksum !== crc32(body)) throw new DecodeError('a checksum that does not fit', 0);
    return readIdentity(new ByteReader(body));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DamagedError(file, FILE_HEAD_BYTES, `it holds ${error.message}`, { cause: error });
  }
}

function readIdentity(reader: ByteReader): Identity {
  const node = readNodeId(reader);
  const cluster = reader.text(CLUSTER_NAME_BYTES_MAX);
  const configuration = readConfiguration(reader);
  const incarnation = reader.raw(INCARNATION_BYTES);
  reader.end();
  return { node, cluster, configuration, incarnation };
}
