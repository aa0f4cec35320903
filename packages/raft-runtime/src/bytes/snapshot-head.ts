/** The bytes that go before the content of a snapshot, to a peer or to a disk. */

import { ByteReader, ByteWriter } from '@raftkv/codec';
import { CLUSTER_ID_BYTES, logIndex, term } from '@raftkv/core';
import type { SnapshotHead } from '../ports/log-storage.ts';
import { readConfiguration, writeConfiguration } from './configuration.ts';

/**
 * A snapshot's head as bytes: equal heads are equal bytes.
 *
 * @throws {EncodeError} if the configuration is longer than its limits allow, or the cluster's id has another length.
 */
export function encodeSnapshotHead({ base, clusterId }: SnapshotHead): Uint8Array {
  const writer = new ByteWriter();
  writer.counter(base.index).counter(base.term).counter(base.configurationIndex);
  writeConfiguration(writer, base.configuration);
  writer.bytes(clusterId, CLUSTER_ID_BYTES);
  return writer.finish();
}

/**
 * Reads what `encodeSnapshotHead` wrote. Whether it makes sense is for the core to say.
 *
 * @throws {DecodeError}
 */
export function decodeSnapshotHead(bytes: Uint8Array): SnapshotHead {
  const reader = new ByteReader(bytes);
  const index = logIndex(reader.counter());
  const baseTerm = term(reader.counter());
  const configurationIndex = logIndex(reader.counter());
  const configuration = readConfiguration(reader);
  const clusterId = reader.bytes(CLUSTER_ID_BYTES);
  reader.end();
  return { base: { index, term: baseTerm, configurationIndex, configuration }, clusterId };
}
