/** What of a snapshot waits for its reader. */

import { describe, expect, it } from 'vitest';
import { fitting, reasonOf } from '../../src/reason.ts';
import { SnapshotContent } from '../../src/snapshot/content.ts';
import { Silence } from '../../src/snapshot/silence.ts';
import { ManualClock } from '../support/manual-clock.ts';

const DONE = { done: true, value: undefined };

function piece(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes);
}

/** A content, and the sizes of what was taken of it. */
function content(): { content: SnapshotContent; taken: number[] } {
  const taken: number[] = [];
  return { content: new SnapshotContent((bytes) => taken.push(bytes)), taken };
}

describe('the content of a snapshot', () => {
  it('gives its pieces in order, those that were waited for too, and then its end, again and again', async () => {
    const { content: some, taken } = content();
    const first = some.next();
    some.push(piece(1));
    some.push(piece(2, 3));
    some.end();
    expect(await first).toEqual({ done: false, value: piece(1) });
    expect(await some.next()).toEqual({ done: false, value: piece(2, 3) });
    expect([await some.next(), await some.next()]).toEqual([DONE, DONE]);
    expect(taken).toEqual([1, 2, 0]);
    expect(some.isDone).toBe(true);
  });

  it('that fails is lost as far as it was not taken, and whoever waits for it is told', async () => {
    const { content: some } = content();
    some.push(piece(1));
    some.end();
    some.fail(new Error('first'));
    some.fail(new Error('second'));
    expect(some.queuedBytes).toBe(0);
    await expect(some.next()).rejects.toThrow('first');
    const { content: other } = content();
    const waiting = other.next();
    other.fail(new Error('third'));
    await expect(waiting).rejects.toThrow('third');
  });

  it('that its reader left keeps nothing that comes, and has no more', async () => {
    const { content: some, taken } = content();
    some.push(piece(1));
    const waiting = [some.next(), some.next()];
    expect(await some.return()).toEqual(DONE);
    some.push(piece(2));
    some.fail(new Error('late'));
    expect(await waiting[1]).toEqual(DONE);
    expect(await some.next()).toEqual(DONE);
    expect([some.queuedBytes, taken]).toEqual([0, [1, 0]]);
  });

  it('is for one reader, that asks for one piece after the other', async () => {
    const { content: some } = content();
    const first = some.next();
    await expect(some.next()).rejects.toThrow(TypeError);
    some.end();
    expect(await first).toEqual(DONE);
  });

  it('counts what small pieces cost beside their bytes', () => {
    const { content: some } = content();
    for (let nth = 0; nth < 100; nth += 1) some.push(piece(1));
    expect(some.queuedBytes).toBeGreaterThan(100 * 100);
  });
});

describe('silence', () => {
  it('is noticed after its limit and at most a third more, and never after one late look', () => {
    const clock = new ManualClock();
    let [looks, isSilent] = [0, false];
    const silence = new Silence(clock, 9000, {
      onLook: () => void (looks += 1),
      onSilent: () => void (isSilent = true),
    });
    // The process stood still: what came in the meantime is yet to be read.
    clock.stall(60_000);
    expect([looks, isSilent]).toEqual([1, false]);
    silence.moved();
    clock.advance(11_999);
    expect([looks, isSilent]).toEqual([4, false]);
    clock.advance(1);
    expect([looks, isSilent]).toEqual([4, true]);
  });
});

describe('a reason', () => {
  it('is cut between characters, and well-formed', () => {
    expect(fitting('é'.repeat(10), 5)).toBe('éé');
    expect(fitting('💥💥', 7)).toBe('💥');
    expect(fitting('a\ud800b\ud83d', 10)).toBe('a\ufffdb');
    expect(fitting('fits', 4)).toBe('fits');
  });

  it('is found in whatever was thrown', () => {
    expect(reasonOf(new Error('words'))).toBe('words');
    expect(reasonOf(Object.assign(new Error(''), { code: 'ECODE' }))).toBe('ECODE');
    expect(reasonOf(new TypeError(''))).toBe('TypeError');
    expect(reasonOf('text')).toBe('text');
  });
});
