/** What a log has to do that begins behind a snapshot, and what of it outlives its entries (R27, R33). */

import { emptyRecord, logIndex, noConfiguration, term, type Entry } from '@raftkv/core';
import { assertEqual } from './assert.ts';
import { entries, entriesOf, hardState, PEER, settled, type LogMedium } from './log-medium.ts';
import { baseAt, begin, bytesOf, CLUSTER_ID, contentOf, emptied, kept, snapshot } from './snapshot-medium.ts';

/** Each by its name. */
export const BASE_RULES: readonly (readonly [string, (medium: LogMedium) => Promise<void>])[] = [
  ['a base that keeps the log leaves what is above it, and a restart finds the same', keepsLog],
  ['a base that empties the log leaves nothing of it, and a restart finds the same', emptiesLog],
  ['hard state, base, truncation and entries of one write take effect in this order', takesPartsInOrder],
  ['a base above the last entry and the commit index is where the log goes on', goesOnBehindBase],
  ['a base moves on, again and again', movesOn],
  ['the members met survive that the log is emptied', keepsMembers],
  ['the id of the cluster survives that its entry goes', keepsClusterId],
  ['the id of the cluster comes with a snapshot too', takesClusterId],
  ['the id of the cluster is told once its entry is known to be committed', tellsClusterId],
];

async function keepsLog(medium: LogMedium): Promise<void> {
  await begin(medium, 2, 3, '1@1 2@1 3@1 4@1 5@2 6@2');
  await snapshot(medium, 3, 1, bytesOf(10, 1));
  await medium.write({ newBase: kept(3, 1) });
  for (const when of ['before the restart', 'after it', 'after another']) {
    assertEqual(await medium.log(4, 6), '4@1 5@2 6@2', `log ${when}`);
    assertEqual(await medium.read(3, 6, 1000), [], `entries from below the base, ${when}`);
    const { record } = await medium.open();
    assertEqual(record.base, baseAt(3, 1), `base ${when}`);
    const ranges = [
      { firstIndex: 4, term: 1 },
      { firstIndex: 5, term: 2 },
    ];
    assertEqual(record.termRanges, ranges, `term ranges ${when}`);
  }
}

async function emptiesLog(medium: LogMedium): Promise<void> {
  await begin(medium, 2, 1, '1@1 2@1 3@1 4@1 5@1 6@1');
  await snapshot(medium, 4, 2);
  await medium.write({ hardState: hardState(3, 1), newBase: emptied(4, 2) });
  for (const when of ['the first', 'the second']) {
    const { record } = await medium.open();
    const nothing = { base: baseAt(4, 2), termRanges: [], configurations: [], tail: [] };
    assertEqual(record, { ...nothing, hardState: hardState(3, 1) }, `record after ${when} restart`);
    assertEqual(await medium.read(5, 6, 1000), [], `entries after ${when} restart`);
  }
}

async function takesPartsInOrder(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 2, '1@1 2@1 3@1 4@1');
  await snapshot(medium, 2, 1);
  const batch = { newBase: kept(2, 1), truncateFrom: logIndex(4), entries: entries('4@5 5@5') };
  await medium.write({ hardState: hardState(5, 3), ...batch });
  assertEqual(await medium.log(3, 5), '3@1 4@5 5@5', 'log before the restart');
  const { record } = await medium.open();
  assertEqual(record.hardState, hardState(5, 3), 'hard state');
  assertEqual(await medium.log(3, 5), '3@1 4@5 5@5', 'log');
}

async function goesOnBehindBase(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 1, '1@1 2@1');
  await snapshot(medium, 1000, 7);
  await medium.write({ hardState: hardState(7, 1), newBase: emptied(1000, 7) });
  await medium.write({ entries: entries('1001@7 1002@7') });
  assertEqual(await medium.log(1001, 1002), '1001@7 1002@7', 'log before the restart');
  const { record } = await medium.open();
  assertEqual(record.termRanges, [{ firstIndex: 1001, term: 7 }], 'term ranges');
  await medium.write({
    hardState: hardState(8, 1001),
    truncateFrom: logIndex(1002),
    entries: entries('1002@8'),
  });
  await medium.open();
  assertEqual(await medium.log(1001, 1002), '1001@7 1002@8', 'log');
}

async function movesOn(medium: LogMedium): Promise<void> {
  await medium.open();
  await medium.write({ hardState: hardState(1, 0), entries: entries('1@1') });
  for (const index of [2, 3, 4, 5, 6]) {
    await medium.write({ hardState: hardState(index, index - 1), entries: entriesOf(index, index, index) });
    await snapshot(medium, index - 1, index - 1, bytesOf(index, index));
    await medium.write({ newBase: kept(index - 1, index - 1) });
    if (index % 2 === 0) await medium.open();
    assertEqual(await medium.log(index, index), `${index}@${index}`, 'log');
    assertEqual(await contentOf(medium, index - 1), bytesOf(index, index), 'content');
  }
  assertEqual((await medium.open()).record.base, baseAt(5, 5), 'base');
}

async function keepsMembers(medium: LogMedium): Promise<void> {
  await medium.open();
  const incarnation = new Uint8Array(16).fill(4);
  await settled((done) => medium.storage.bindMember(PEER, incarnation, done));
  await snapshot(medium, 50, 2);
  await medium.write({ hardState: hardState(2, 0), newBase: emptied(50, 2) });
  const { members, hasJoined } = await medium.open();
  assertEqual([...members], [[PEER, incarnation]], 'members');
  assertEqual(hasJoined, false, 'hasJoined of a first member');
}

async function keepsClusterId(medium: LogMedium): Promise<void> {
  await medium.open();
  const first: Entry = { index: logIndex(1), term: term(1), kind: 'no-op', data: CLUSTER_ID };
  await medium.write({ hardState: hardState(1, 0), entries: [first, ...entries('2@1 3@1')] });
  await medium.write({ hardState: hardState(1, 2) });
  await snapshot(medium, 2, 1);
  await medium.write({ newBase: kept(2, 1) });
  assertEqual((await medium.open()).clusterId, CLUSTER_ID, 'cluster id');
  assertEqual((await medium.open()).clusterId, CLUSTER_ID, 'cluster id after two restarts');
}

async function takesClusterId(medium: LogMedium): Promise<void> {
  assertEqual((await medium.open()).clusterId, null, 'cluster id of a new medium');
  await snapshot(medium, 9, 1);
  assertEqual((await medium.open()).clusterId, null, 'cluster id while nothing is named');
  await snapshot(medium, 9, 1);
  await medium.write({ hardState: hardState(1, 0), newBase: emptied(9, 1) });
  assertEqual((await medium.open()).clusterId, CLUSTER_ID, 'cluster id of the snapshot');
}

/** Of a node that joins a cluster that there is: `medium` was made without members (R28). */
export async function remembersJoining(medium: LogMedium): Promise<void> {
  const stored = await medium.open();
  assertEqual(stored.record, emptyRecord(noConfiguration()), 'the record');
  assertEqual(stored.hasJoined, true, 'hasJoined at first');
  await snapshot(medium, 5, 1);
  await medium.write({ hardState: hardState(1, 0), newBase: emptied(5, 1) });
  const { hasJoined, record } = await medium.open();
  assertEqual(hasJoined, true, 'hasJoined behind a snapshot');
  assertEqual(record.base, baseAt(5, 1), 'base');
}

async function tellsClusterId(medium: LogMedium): Promise<void> {
  await medium.open();
  const data = new Uint8Array(16).fill(9);
  const first: Entry = { index: logIndex(1), term: term(1), kind: 'no-op', data };
  await medium.write({ hardState: hardState(1, 0), entries: [first] });
  assertEqual((await medium.open()).clusterId, null, 'cluster id before the commit');
  await medium.write({ hardState: hardState(1, 1), entries: entries('2@1') });
  assertEqual((await medium.open()).clusterId, data, 'cluster id');
}
