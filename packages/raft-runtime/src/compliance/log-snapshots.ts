/** What a log has to do with the snapshots that it is given (R33). */

import { logIndex } from '@raftkv/core';
import { assert, assertEqual } from './assert.ts';
import { entries, type LogMedium } from './log-medium.ts';
import {
  baseAt,
  begin,
  bytesOf,
  contentOf,
  eachOf,
  headAt,
  joined,
  kept,
  refused,
  snapshot,
} from './snapshot-medium.ts';

/** Each by its name. */
export const SNAPSHOT_RULES: readonly (readonly [string, (medium: LogMedium) => Promise<void>])[] = [
  ['a snapshot is read back as it was given, in the same life and after a restart', readsBack],
  ['a snapshot may be empty, or larger than any piece of it', keepsAnyContent],
  ['a snapshot that no write has named is gone after a restart', forgetsUnnamed],
  ['several snapshots may be given at once, and entries written meanwhile', takesSeveral],
  ['of two snapshots of one index there is the last', keepsLast],
  ['an error of the content is the answer, leaves nothing, and the storage goes on', survivesContent],
  ['what was opened is read to its end, though later writes let it go', readsToEnd],
  ['there is no snapshot where none was given', refusesToOpen],
];

async function readsBack(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 2, '1@1 2@1');
  const pieces = [bytesOf(3, 1), new Uint8Array(0), bytesOf(70_000, 2), bytesOf(1, 3)];
  await snapshot(medium, 2, 1, ...pieces);
  await medium.write({ newBase: kept(2, 1) });
  const whole = await joined(eachOf(pieces));
  for (const when of ['in the same life', 'after a restart']) {
    const { head, content } = await medium.storage.openSnapshot(logIndex(2));
    assertEqual(head, headAt(2, 1), `head ${when}`);
    assertEqual(await joined(content), whole, `content ${when}`);
    await medium.open();
  }
}

async function keepsAnyContent(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 3, '1@1 2@1 3@1');
  await snapshot(medium, 1, 1);
  await medium.write({ newBase: kept(1, 1) });
  assertEqual(await contentOf(medium, 1), new Uint8Array(0), 'empty content');
  const large = bytesOf(3 * 1024 * 1024 + 17, 5);
  await snapshot(medium, 3, 1, large);
  await medium.write({ newBase: kept(3, 1) });
  await medium.open();
  assertEqual(await contentOf(medium, 3), large, 'large content');
}

async function forgetsUnnamed(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 3, '1@1 2@1 3@1');
  await snapshot(medium, 1, 1, bytesOf(5, 1));
  await medium.write({ newBase: kept(1, 1) });
  await snapshot(medium, 3, 1, bytesOf(5, 3));
  const { record } = await medium.open();
  assertEqual(record.base, baseAt(1, 1), 'base');
  assertEqual(await medium.log(2, 3), '2@1 3@1', 'log');
  await refused(medium.storage.openSnapshot(logIndex(3)), 'a snapshot that was never named');
  assertEqual(await contentOf(medium, 1), bytesOf(5, 1), 'content of the one that was');
}

async function takesSeveral(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 4, '1@1 2@1 3@1 4@1');
  const given = [2, 3, 4].map((index) => snapshot(medium, index, 1, bytesOf(9000, index), bytesOf(1, index)));
  const writing = medium.write({ entries: entries('5@1') });
  await Promise.all([...given, writing]);
  await medium.write({ newBase: kept(3, 1) });
  assertEqual(await contentOf(medium, 3), await joined(eachOf([bytesOf(9000, 3), bytesOf(1, 3)])), 'content');
  await medium.open();
  assertEqual(await contentOf(medium, 3), await joined(eachOf([bytesOf(9000, 3), bytesOf(1, 3)])), 'content');
  assertEqual(await medium.log(4, 5), '4@1 5@1', 'log');
}

async function keepsLast(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 2, '1@1 2@1');
  await snapshot(medium, 2, 1, bytesOf(500, 1));
  await snapshot(medium, 2, 1, bytesOf(400, 2));
  await medium.write({ newBase: kept(2, 1) });
  assertEqual(await contentOf(medium, 2), bytesOf(400, 2), 'content');
  await medium.open();
  assertEqual(await contentOf(medium, 2), bytesOf(400, 2), 'content after a restart');
}

async function survivesContent(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 2, '1@1 2@1');
  const cause = new Error('the peer is gone');
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytesOf(100_000, 1));
    throw cause;
  }
  const outcome = await medium.storage.writeSnapshot(headAt(2, 1), broken()).catch((error: unknown) => error);
  assert(outcome === cause, 'the error of the content is not the answer');
  await refused(medium.storage.openSnapshot(logIndex(2)), 'a snapshot whose content failed');
  await medium.write({ entries: entries('3@1') });
  await snapshot(medium, 2, 1, bytesOf(3, 2));
  await medium.write({ newBase: kept(2, 1) });
  await medium.open();
  assertEqual(await contentOf(medium, 2), bytesOf(3, 2), 'content of the next one');
  assertEqual(await medium.log(3, 3), '3@1', 'log');
}

async function readsToEnd(medium: LogMedium): Promise<void> {
  await begin(medium, 1, 4, '1@1 2@1 3@1 4@1');
  const large = bytesOf(2 * 1024 * 1024, 1);
  await snapshot(medium, 1, 1, large);
  await medium.write({ newBase: kept(1, 1) });
  const { content } = await medium.storage.openSnapshot(logIndex(1));
  for (const index of [2, 3, 4]) {
    await snapshot(medium, index, 1);
    await medium.write({ newBase: kept(index, 1) });
  }
  assertEqual(await joined(content), large, 'content that was opened before');
}

async function refusesToOpen(medium: LogMedium): Promise<void> {
  await medium.open();
  await refused(medium.storage.openSnapshot(logIndex(1)), 'a snapshot that was never given');
}
