/** Members that apply the same commands stay the same: rules R34, R41 and R42. */

import { encodeCommand } from '@raftkv/kv-protocol';
import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { KeyValueMachine } from '../src/index.ts';
import { bytesOfLatin1, latin1 } from '../src/latin1.ts';
import { digest } from './support/digest.ts';
import { bytes, committed, Feed, nonce, put, remove } from './support/feed.ts';

/** A machine with enough in it that its trees have inner nodes. */
function filled(): Feed {
  const feed = new Feed();
  for (let number = 1; number <= 100; number += 1) {
    const session = feed.session(number);
    for (let sequence = 1; sequence <= 20; sequence += 1) {
      feed.write(session, sequence, 1, put(`key ${number} ${sequence}`));
    }
  }
  return feed;
}

/** Changes something in every tree. */
function disturb(feed: Feed): void {
  const ids = [...feed.machine.sessions()];
  for (const session of ids) feed.write(session, 21, 11, remove('key 1 1'));
  for (let sequence = 1; sequence <= 20; sequence += 1) feed.direct(remove(`key 50 ${sequence}`));
  feed.direct(put('key 60 1', 'changed'));
  feed.end(...ids.slice(20, 70));
  feed.session(1000);
}

describe('R34: a clone', () => {
  it('has the same state', () => {
    const { machine } = filled();
    expect(digest(machine.clone())).toBe(digest(machine));
  });

  it('sees nothing of what the machine does after', () => {
    const feed = filled();
    const clone = feed.machine.clone();
    const before = digest(clone);
    disturb(feed);
    expect(digest(clone)).toBe(before);
    expect(digest(feed.machine)).not.toBe(before);
  });

  it('does nothing that the machine sees', () => {
    const { machine } = filled();
    const before = digest(machine);
    disturb(new Feed(machine.clone()));
    expect(digest(machine)).toBe(before);
  });

  it('that is given the same commands comes to the same state', () => {
    const feed = filled();
    const clone = new Feed(feed.machine.clone());
    disturb(feed);
    disturb(clone);
    expect(digest(clone.machine)).toBe(digest(feed.machine));
  });

  it('knows the nonces of its sessions', () => {
    const feed = filled();
    expect(new Feed(feed.machine.clone()).open(7)).toEqual(feed.open(7));
  });
});

describe('R41: apply', () => {
  it('stops at bytes that are no command: that is no reply', () => {
    const machine = new KeyValueMachine();
    expect(() => machine.apply([committed(1, bytes('nonsense'))])).toThrow(/^commands-decode: .*index 1 /);
    expect(machine.appliedIndex).toBe(0);
  });

  it('asks nothing of the clock, of chance, or of the locale', () => {
    const asked = [
      vi.spyOn(Date, 'now'),
      vi.spyOn(performance, 'now'),
      vi.spyOn(Math, 'random'),
      vi.spyOn(String.prototype, 'localeCompare'),
    ];
    const feed = filled();
    disturb(feed);
    const calls = asked.map((spy) => spy.mock.calls.length);
    for (const spy of asked) spy.mockRestore();
    expect(calls).toEqual([0, 0, 0, 0]);
  });

  it('keeps nothing of the bytes it was given', () => {
    const machine = new KeyValueMachine();
    const [open, write] = [
      encodeCommand({ kind: 'openSession', nonce: nonce(1) }),
      encodeCommand({ kind: 'directWrite', operation: put('a', 'kept') }),
    ];
    machine.apply([committed(1, open), committed(2, write)]);
    const before = digest(machine);
    open.fill(0);
    write.fill(0);
    expect(digest(machine)).toBe(before);
  });

  it('takes the first version of what commands mean', () => {
    expect(new KeyValueMachine().machineVersion).toBe(1);
  });
});

describe('R42: keys', () => {
  const anyBytes = fc.uint8Array({ maxLength: 20 });

  it('are ordered by their bytes, not by what a locale makes of them', () => {
    const feed = new Feed();
    const keys = [[0x61], [0x42], [0xe9], [0x7f], [0x80], [0x9f], [0xff], [0], [0, 0], [0x61, 0x62]];
    for (const key of keys) feed.direct({ ...put('a'), key: Uint8Array.from(key) });
    expect([...feed.machine.entries()].map(({ key }) => [...key])).toEqual([
      [0],
      [0, 0],
      [0x42],
      [0x61],
      [0x61, 0x62],
      [0x7f],
      [0x80],
      [0x9f],
      [0xe9],
      [0xff],
    ]);
  });

  it('come back as the bytes they were, those too that windows-1252 has other characters for', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(Array.from(latin1(all), (character) => character.charCodeAt(0))).toEqual([...all]);
    fc.assert(
      fc.property(anyBytes, (one) => {
        expect(bytesOfLatin1(latin1(one))).toEqual(one);
      }),
    );
  });

  it('compare as their bytes do', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (one, other) => {
        expect(latin1(one) < latin1(other)).toBe(Buffer.compare(one, other) < 0);
      }),
    );
  });

  it('are told apart where they are not well-formed text', () => {
    const feed = new Feed();
    for (const byte of [0xfe, 0xff]) feed.direct({ ...put('a'), key: Uint8Array.of(byte) });
    expect(feed.machine.size).toBe(2);
  });
});
