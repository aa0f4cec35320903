/**
 * A data directory: made once, for one node of one cluster, and recognised ever after.
 *
 * It is made in this order: a first segment without records, then the identity, each on disk before the next begins. So
 * a directory with an identity has a segment; where it has none, someone took it away.
 */

import { INCARNATION_BYTES, type Incarnation } from '@raftkv/runtime';
import { DamagedError, WrongDirectoryError } from './errors.ts';
import { isBlank } from './files/blank.ts';
import type { FileSystem } from './files/file-system.ts';
import { decodeIdentity, encodeIdentity, IDENTITY_NAME, type Identity } from './format/identity.ts';
import { segmentName, segmentNumber, UNFINISHED } from './format/segment-name.ts';
import { snapshotIndex } from './format/snapshot-name.ts';
import { createSegment, FIRST_RECORD } from './log/segment.ts';

export interface DirectoryOptions {
  readonly files: FileSystem;
  readonly directory: string;
  /** Whom a new directory is for, and who a present one has to belong to. */
  readonly owner: Omit<Identity, 'incarnation'>;
  readonly segmentBytes: number;
  readonly newIncarnation: () => Incarnation;
}

/**
 * The identity of the directory, which is made where there is none.
 *
 * @throws {WrongDirectoryError} if it belongs to another node or cluster.
 * @throws {DamagedError} if it has records and no identity, or one that is not what was written.
 * @throws {UnknownFormatError} if a release made it that this one does not know.
 */
export async function openDirectory(options: DirectoryOptions): Promise<Identity> {
  const { files, directory, owner } = options;
  const names = await files.list(directory);
  // What was being made when the process ended was never part of the directory.
  for (const name of names) if (name.endsWith(UNFINISHED)) await files.remove(`${directory}/${name}`);
  if (!names.includes(IDENTITY_NAME)) return makeDirectory(options, names);

  const path = `${directory}/${IDENTITY_NAME}`;
  const identity = decodeIdentity(path, await readAll(files, path));
  const { node, cluster } = identity;
  if (node !== owner.node) throw new WrongDirectoryError(directory, 'node', node, owner.node);
  if (cluster !== owner.cluster) throw new WrongDirectoryError(directory, 'cluster', cluster, owner.cluster);
  return identity;
}

async function makeDirectory(options: DirectoryOptions, names: readonly string[]): Promise<Identity> {
  const { files, directory, owner, segmentBytes, newIncarnation } = options;
  await checkNotRobbed(files, directory, names);
  const first = await createSegment(files, directory, 1, segmentBytes);
  await first.file.close();

  const identity = { ...owner, incarnation: checkIncarnation(newIncarnation()) };
  const path = `${directory}/${IDENTITY_NAME}`;
  const unfinished = await files.create(path + UNFINISHED);
  await unfinished.write(encodeIdentity(identity), 0);
  await unfinished.sync();
  await unfinished.close();
  // The recovery that follows syncs the directory before anything is reported or written.
  await files.rename(path + UNFINISHED, path);
  return identity;
}

/** Without the identity no record can be told from a foreign one: a log is not thrown away because of that. */
async function checkNotRobbed(files: FileSystem, directory: string, names: readonly string[]): Promise<void> {
  const segments = names.filter((name) => segmentNumber(name) !== null);
  // The first one alone may be what a making that was cut short has left.
  const isCutShort =
    names.every((name) => snapshotIndex(name) === null) &&
    segments.every((name) => name === segmentName(1)) &&
    (await isWithoutRecords(files, directory, segments));
  if (isCutShort) return;
  throw new DamagedError(
    `${directory}/${IDENTITY_NAME}`,
    0,
    'the file is missing, though there are segments or snapshots',
  );
}

async function isWithoutRecords(
  files: FileSystem,
  directory: string,
  segments: readonly string[],
): Promise<boolean> {
  const [first] = segments;
  if (first === undefined) return true;
  const bytes = await readAll(files, `${directory}/${first}`);
  return isBlank(bytes.subarray(FIRST_RECORD));
}

async function readAll(files: FileSystem, path: string): Promise<Buffer> {
  const file = await files.open(path);
  try {
    return await file.read(0, await file.size());
  } finally {
    await file.close();
  }
}

function checkIncarnation(incarnation: Incarnation): Incarnation {
  if (incarnation.length === INCARNATION_BYTES) return incarnation;
  throw new RangeError(`an incarnation has ${INCARNATION_BYTES} random bytes, not ${incarnation.length}`);
}
