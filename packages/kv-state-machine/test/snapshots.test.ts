/** Machines that are written down and made anew from that: rule R34. */

import { NO_CONDITION, VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import { describe, expect, it } from 'vitest';
import { INITIAL_LIMITS } from '../src/limits.ts';
import { digest } from './support/digest.ts';
import { bytes, Feed, put, remove, small } from './support/feed.ts';
import { inPieces, joined, restored, snapshot } from './support/snapshots.ts';

const PIECE_BYTES_MAX = 64 * 1024;

/** Many keys and sessions: trees with inner nodes, and more than one piece. */
function filled(): Feed {
  const feed = new Feed();
  for (let number = 1; number <= 100; number += 1) {
    const session = feed.session(number);
    for (let sequence = 1; sequence <= 10; sequence += 1) {
      feed.write(session, sequence, 1, put(`key ${(number * 37) % 100} ${sequence}`, 'v'.repeat(100)));
    }
  }
  return feed;
}

describe('R34: a snapshot', () => {
  it('has all of the state, and gives it back to an empty machine and to one that had other things', async () => {
    for (const feed of [new Feed(), small(), filled()]) {
      const content = await snapshot(feed.machine);
      const machine = await restored(content);
      expect(digest(machine)).toBe(digest(feed.machine));
      await machine.snapshots.restore(inPieces(await snapshot(small().machine), [100]));
      expect(digest(machine)).toBe(digest(small().machine));
    }
  });

  it('is of the call that took it, whatever is applied before and while it is read', async () => {
    const feed = filled();
    const expected = await snapshot(feed.machine);
    const [late, early] = [feed.machine.snapshots.take(), feed.machine.snapshots.take()];
    const read: Uint8Array[] = [];
    for await (const piece of early) {
      read.push(piece);
      for (const id of [...feed.machine.sessions()].slice(0, 20)) {
        feed.write(id, 11, 5, put('key 1 1', 'changed'));
        feed.end(id);
      }
      feed.direct(remove(`key 2 ${read.length}`));
      feed.direct(put(`key ${read.length}`));
    }
    expect(read.length).toBeGreaterThan(1);
    expect(Buffer.concat(read).equals(expected)).toBe(true);
    expect(Buffer.from(expected).equals(await joined(late))).toBe(true);
    expect(Buffer.from(expected).equals(await snapshot(feed.machine))).toBe(false);
  });

  it('comes in pieces of 64 KiB, the last one apart, however long a value is', async () => {
    const feed = filled();
    const value = Uint8Array.from({ length: VALUE_BYTES_MAX }, (_, at) => (at * 31) & 0xff);
    feed.direct({ kind: 'put', key: bytes('key 5'), value, condition: NO_CONDITION });
    const lengths: number[] = [];
    for await (const { length } of feed.machine.snapshots.take()) lengths.push(length);
    expect(lengths.length).toBeGreaterThan(24);
    expect(new Set(lengths.slice(0, -1))).toEqual(new Set([PIECE_BYTES_MAX]));
    expect(lengths.at(-1)).toBeLessThanOrEqual(PIECE_BYTES_MAX);
    const content = await snapshot(feed.machine);
    for (const split of [[content.length], [1, 5000], [PIECE_BYTES_MAX + 1]]) {
      expect(Buffer.from(content).equals(await snapshot(await restored(content, split)))).toBe(true);
    }
  });

  it('reads the same in whatever pieces it comes', async () => {
    const content = await snapshot(small().machine);
    for (let length = 1; length <= content.length; length += 1) {
      expect(digest(await restored(content, [length]))).toBe(digest(small().machine));
    }
  });

  it('keeps nothing of the bytes that it was restored from', async () => {
    const content = await snapshot(small().machine);
    const machine = await restored(content, [7]);
    content.fill(0);
    expect(digest(machine)).toBe(digest(small().machine));
  });

  it('gives a machine that can be cloned, and changes neither by the other', async () => {
    const machine = await restored(await snapshot(filled().machine));
    const clone = machine.clone();
    const before = digest(clone);
    new Feed(machine).direct(put('key 1 1', 'changed'));
    expect([digest(clone), digest(machine) === before]).toEqual([before, false]);
  });
});

describe('R35: across a snapshot', () => {
  it('a write is applied once: its copies are answered as the first was', async () => {
    const feed = new Feed();
    const session = feed.session(1);
    const first = feed.write(session, 2, 1, put('a', 'once'));
    feed.direct(put('a', 'since'));
    const after = new Feed(await restored(await snapshot(feed.machine)));
    expect(after.write(session, 2, 1, put('a', 'once'))).toEqual(first);
    expect(after.value('a')).toBe('since');
    expect(after.write(session, 1, 1, put('a', 'late'))).toMatchObject({ kind: 'put', version: 3 });
  });

  it('the mark stays where it was: what is below it is refused', async () => {
    const feed = new Feed();
    const session = feed.session(1);
    feed.write(session, 5, 4, put('a'));
    const after = new Feed(await restored(await snapshot(feed.machine)));
    expect(after.write(session, 3, 1, put('a', 'late'))).toEqual({
      kind: 'refused',
      reason: 'already-acknowledged',
    });
  });

  it('a nonce finds its session, and one that ended stays ended (R36)', async () => {
    const feed = new Feed();
    const [ended, alive] = [feed.session(1), feed.session(2)];
    feed.end(ended);
    const after = new Feed(await restored(await snapshot(feed.machine)));
    expect(after.open(2)).toEqual({ kind: 'opened', session: alive });
    expect(after.write(ended, 1, 1, put('a'))).toEqual({ kind: 'refused', reason: 'session-expired' });
    expect(after.open(1)).toEqual({ kind: 'opened', session: after.machine.appliedIndex });
  });

  it('a session that is full stays full (R37)', async () => {
    const feed = new Feed();
    const session = feed.session(1);
    for (let sequence = 1; sequence <= INITIAL_LIMITS.repliesMax; sequence += 1) {
      feed.write(session, sequence, 1, put('a'));
    }
    const after = new Feed(await restored(await snapshot(feed.machine)));
    expect(after.machine.session(session)).toEqual(feed.machine.session(session));
    expect(after.write(session, INITIAL_LIMITS.repliesMax + 1, 1, put('a'))).toEqual({
      kind: 'refused',
      reason: 'session-full',
    });
  });
});
