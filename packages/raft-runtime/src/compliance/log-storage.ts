/** What a log has to do. */

import {
  emptyRecord,
  logIndex,
  noConfiguration,
  term,
  type Configuration,
  type Entry,
  type NodeId,
} from '@raftkv/core';
import { INCARNATION_BYTES } from '../ports/log-storage.ts';
import { assert, assertEqual } from './assert.ts';
import { caseWith, type ComplianceCase } from './case.ts';
import { CONFIGURATION_RULES } from './log-configurations.ts';
import {
  CONFIGURATION,
  entries,
  entriesOf,
  hardState,
  LogMedium,
  namesOf,
  PEER,
  SELF,
  settled,
  type LogStorageHarness,
} from './log-medium.ts';
import { BASE_RULES, remembersJoining } from './log-bases.ts';
import { SNAPSHOT_RULES } from './log-snapshots.ts';

/**
 * What a log storage has to do.
 *
 * @param makeHarness an empty medium at each call, for member `id` of a new cluster of `configuration`.
 */
export function logStorageCases(
  makeHarness: (id: NodeId, configuration: Configuration) => Promise<LogStorageHarness>,
): readonly ComplianceCase[] {
  const makeMedium = async () => new LogMedium(await makeHarness(SELF, CONFIGURATION));
  const rule = (name: string, check: (medium: LogMedium) => Promise<void>) =>
    caseWith(name, makeMedium, check);
  return [
    rule('a new medium holds the record of a member that has never run', isEmpty),
    rule('an incarnation is 16 bytes and stays the same', keepsIncarnation),
    rule('what was written is there after a restart', keepsWrites),
    rule('a hard state alone is kept, and stays what it was where a later write has none', keepsHardState),
    rule('hard state, truncation and entries of one write take effect in this order', takesPartsInOrder),
    rule('a truncation without entries shortens the log, to nothing too', truncates),
    rule('what was truncated and written again has its new term', rewrites),
    rule('writes under way together are done in the order in which they were asked for', writesInOrder),
    rule('nothing is called back before the method has returned', callsBackLater),
    rule('an entry may be empty or large, and its kind is kept', keepsAnyEntry),
    rule('the record ends with the end of the log, and is bounded', boundsTail),
    rule('a log goes on where it ended before the restart', goesOn),
    rule(
      'a reading gives a beginning of what was asked for, at least one entry, within the bytes',
      readsWithin,
    ),
    rule('entries that the record does not hold can be read', readsOldEntries),
    rule('a reading that a truncation overtakes gives entries in order or none', readsDuringTruncation),
    rule('a member that was met is remembered, in order with the writes', bindsMembers),
    ...CONFIGURATION_RULES.map(([name, check]) => rule(name, check)),
    ...[...BASE_RULES, ...SNAPSHOT_RULES].map(([name, check]) => rule(name, check)),
    caseWith(
      'a storage made without members says so, behind a snapshot too',
      async () => new LogMedium(await makeHarness(SELF, noConfiguration())),
      remembersJoining,
    ),
    rule('closing finishes the writes under way, and a second time does no harm', closes),
  ];
}

async function isEmpty(medium: LogMedium): Promise<void> {
  const { record, clusterId, members } = await medium.open();
  assertEqual(record, emptyRecord(CONFIGURATION), 'the record');
  assertEqual(clusterId, null, 'the id of the cluster');
  assertEqual([...members], [], 'the members met');
}

async function keepsIncarnation(medium: LogMedium): Promise<void> {
  // A copy: the storage may keep the array.
  const incarnation = new Uint8Array((await medium.open()).incarnation);
  assertEqual(incarnation.length, INCARNATION_BYTES, 'bytes of the incarnation');
  assertEqual((await medium.open()).incarnation, incarnation, 'the incarnation after a restart');
}

async function keepsWrites(medium: LogMedium): Promise<void> {
  await medium.open();
  const state = hardState(2, 0, PEER);
  await medium.write({ hardState: state, entries: entries('1@1 2@1 3@2') });
  const { record } = await medium.open();
  assertEqual(record.hardState, state, 'hard state');
  assertEqual(record.base, emptyRecord(CONFIGURATION).base, 'base');
  assertEqual(record.termRanges, rangesOf('1@1 3@2'), 'term ranges');
  assertEqual(await medium.log(1, 3), '1@1 2@1 3@2', 'log');
}

async function keepsHardState(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(4, 0, SELF) });
  assertEqual((await medium.open()).record.hardState, hardState(4, 0, SELF), 'hard state');
  await medium.write({ entries: entries('1@4') });
  assertEqual((await medium.open()).record.hardState, hardState(4, 0, SELF), 'hard state, entries written');
  await medium.write({ hardState: hardState(5, 1) });
  assertEqual((await medium.open()).record.hardState, hardState(5, 1), 'hard state of the next term');
}

async function takesPartsInOrder(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entries('1@1 2@1 3@1') });
  await medium.write({ hardState: hardState(2, 1), truncateFrom: logIndex(2), entries: entries('2@2 3@2') });
  const { record } = await medium.open();
  assertEqual(record.hardState, hardState(2, 1), 'hard state');
  assertEqual(await medium.log(1, 3), '1@1 2@2 3@2', 'log');
}

async function truncates(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(3, 0), entries: entries('1@1 2@2 3@3') });
  await medium.write({ truncateFrom: logIndex(3) });
  const { record } = await medium.open();
  assertEqual(record.termRanges, rangesOf('1@1 2@2'), 'term ranges');
  assertEqual(record.tail.at(-1)?.index, 2, 'last index');
  await medium.write({ truncateFrom: logIndex(1) });
  const emptied = (await medium.open()).record;
  assertEqual([emptied.termRanges, emptied.tail], [[], []], 'term ranges and tail of the emptied log');
}

async function rewrites(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entries('1@1 2@1 3@1 4@1') });
  await medium.write({ hardState: hardState(2, 0), truncateFrom: logIndex(3), entries: entries('3@2') });
  await medium.write({
    hardState: hardState(3, 0),
    truncateFrom: logIndex(2),
    entries: entries('2@3 3@3 4@3'),
  });
  assertEqual(await medium.log(1, 4), '1@1 2@3 3@3 4@3', 'log before the restart');
  const { record } = await medium.open();
  assertEqual(record.termRanges, rangesOf('1@1 2@3'), 'term ranges');
  assertEqual(await medium.log(1, 4), '1@1 2@3 3@3 4@3', 'log');
}

async function writesInOrder(medium: LogMedium): Promise<void> {
  await medium.open();
  const count = 200;
  const done: number[] = [];
  const writes = Array.from({ length: count }, async (_, at) => {
    await medium.write({
      hardState: hardState(at + 1, at, SELF),
      entries: entriesOf(at + 1, at + 1, at + 1),
    });
    done.push(at);
  });
  await Promise.all(writes);
  assertEqual(done, [...writes.keys()], 'order of the writes');
  const { record } = await medium.open();
  assertEqual(record.hardState, hardState(count, count - 1, SELF), 'hard state');
  assertEqual(record.termRanges.length, count, 'number of term ranges');
  const last = await medium.read(count, count, 1);
  assertEqual(namesOf(last), `${count}@${count}`, 'last entry');
}

async function callsBackLater(medium: LogMedium): Promise<void> {
  await medium.open();
  let hasReturned = false;
  const later = () => assert(hasReturned, 'called back within the call');
  const written = medium.write({ hardState: hardState(1, 0), entries: entries('1@1') }, later);
  const bound = settled((done) => {
    medium.storage.bindMember(PEER, incarnationOf(1), (error) => {
      later();
      done(error);
    });
  });
  hasReturned = true;
  await Promise.all([written, bound]);
  hasReturned = false;
  const read = medium.read(1, 1, 1000, later);
  hasReturned = true;
  await read;
}

async function keepsAnyEntry(medium: LogMedium): Promise<void> {
  await medium.open();
  const large = new Uint8Array(3 * 1024 * 1024).map((_, at) => at % 251);
  const log = [new Uint8Array(0), large, Uint8Array.of(0), new Uint8Array(0)].map((data, at): Entry => ({
    index: logIndex(at + 1),
    term: term(1),
    kind: at === 0 ? 'no-op' : 'command',
    data,
  }));
  await medium.write({ hardState: hardState(1, 0), entries: log });
  await medium.open();
  for (const entry of log) {
    assertEqual(await medium.read(entry.index, entry.index, 1), [entry], `entry ${entry.index}`);
  }
}

async function boundsTail(medium: LogMedium): Promise<void> {
  const count = medium.tailEntriesMax + 10;
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entriesOf(1, 1, count) });
  const { tail } = (await medium.open()).record;
  assert(tail.length <= medium.tailEntriesMax, `${tail.length} entries are above ${medium.tailEntriesMax}`);
  assert(tail.length > 0, 'the tail is empty, the log is not');
  assertEqual(namesOf(tail), namesOf(entriesOf(1, count - tail.length + 1, count)), 'tail');
}

async function goesOn(medium: LogMedium): Promise<void> {
  for (const index of [1, 2, 3, 4, 5]) {
    await medium.open();
    await medium.write({ hardState: hardState(index, index - 1), entries: entriesOf(index, index, index) });
  }
  await medium.open();
  assertEqual(await medium.log(1, 5), '1@1 2@2 3@3 4@4 5@5', 'log');
}

async function readsWithin(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entriesOf(1, 1, 9) });
  for (const bytesMax of [1, 100, 1000]) {
    const read = await medium.read(4, 8, bytesMax);
    assert(read.length > 0, `nothing within ${bytesMax} bytes`);
    assertEqual(namesOf(read), namesOf(entriesOf(1, 4, 3 + read.length)), 'entries read');
    assert(read.length <= 5, `${read.length} entries, asked for 5`);
    const bytes = read.reduce((sum, { data }) => sum + data.length, 0);
    assert(read.length === 1 || bytes <= bytesMax, `${bytes} bytes, asked for ${bytesMax}`);
  }
}

async function readsOldEntries(medium: LogMedium): Promise<void> {
  const count = medium.tailEntriesMax + 10;
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entriesOf(1, 1, count - 1) });
  await medium.write({ hardState: hardState(2, 0), entries: entriesOf(2, count, count) });
  await medium.open();
  assertEqual(await medium.log(1, 3), '1@1 2@1 3@1', 'the beginning');
  assertEqual(await medium.log(count - 1, count), `${count - 1}@1 ${count}@2`, 'the end');
}

async function readsDuringTruncation(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entriesOf(1, 1, 5) });
  const reading = medium.read(2, 5, 1000);
  const writing = medium.write({
    hardState: hardState(2, 0),
    truncateFrom: logIndex(3),
    entries: entries('3@2'),
  });
  const read = await reading;
  await writing;
  namesOf(read);
  assertEqual(
    read.map(({ index }) => index),
    read.map((_, at) => 2 + at),
    'indexes read',
  );
  assertEqual(await medium.log(1, 3), '1@1 2@1 3@2', 'log');
}

async function bindsMembers(medium: LogMedium): Promise<void> {
  await medium.open();
  const done: string[] = [];
  const note = (what: string) => () => done.push(what);
  await Promise.all([
    medium.write({ hardState: hardState(1, 0) }).then(note('write')),
    settled((end) => medium.storage.bindMember(PEER, incarnationOf(7), end)).then(note('bind')),
    medium.write({ entries: entries('1@1') }).then(note('next write')),
  ]);
  assertEqual(done, ['write', 'bind', 'next write'], 'order');
  const { members, record } = await medium.open();
  assertEqual([...members], [[PEER, incarnationOf(7)]], 'members');
  assertEqual(record.tail.length, 1, 'entries');
  assertEqual([...(await medium.open()).members], [[PEER, incarnationOf(7)]], 'members after two restarts');
}

async function closes(medium: LogMedium): Promise<void> {
  await medium.open();
  const { storage } = medium;
  const writing = medium.write({ hardState: hardState(1, 0), entries: entries('1@1') });
  const closing = [storage.close(), storage.close()];
  await writing;
  await Promise.all(closing);
  await storage.close();
  await medium.open();
  assertEqual(await medium.log(1, 1), '1@1', 'log');
}

/** The first entry of each term. */
function rangesOf(firsts: string): { readonly firstIndex: number; readonly term: number }[] {
  return entries(firsts).map(({ index, term: inTerm }) => ({ firstIndex: index, term: inTerm }));
}

function incarnationOf(byte: number): Uint8Array {
  return new Uint8Array(INCARNATION_BYTES).fill(byte);
}
