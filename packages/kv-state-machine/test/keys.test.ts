/** Keys, values and revisions: the data model of etcd's v3. */

import { NO_CONDITION } from '@raftkv/kv-protocol';
import { describe, expect, it } from 'vitest';
import { bytes, Feed, ifRevision, put, remove } from './support/feed.ts';

describe('the store', () => {
  it('has revision 1 and no key while it is empty', () => {
    const { machine } = new Feed();
    expect([machine.revision, machine.size, machine.appliedIndex, machine.get(bytes('a'))]).toEqual([
      1,
      0,
      0,
      null,
    ]);
  });

  it('gives each change the next revision, whichever key it is of', () => {
    const feed = new Feed();
    expect(feed.direct(put('a'))).toEqual({ kind: 'put', revision: 2, version: 1 });
    expect(feed.direct(put('b'))).toEqual({ kind: 'put', revision: 3, version: 1 });
    expect(feed.direct(put('a'))).toEqual({ kind: 'put', revision: 4, version: 2 });
    expect(feed.direct(remove('b'))).toEqual({ kind: 'deleted', revision: 5, isDeleted: true });
    expect([feed.machine.revision, feed.machine.size]).toEqual([5, 1]);
  });

  it('keeps the revision that created a key, that of its last change, and the number of changes', () => {
    const feed = new Feed();
    feed.direct(put('a', 'one'));
    feed.direct(put('a', 'two'));
    expect(feed.machine.get(bytes('a'))).toEqual({
      key: bytes('a'),
      value: bytes('two'),
      createRevision: 2,
      modRevision: 3,
      version: 2,
    });
  });

  it('counts a put of the same value as a change', () => {
    const feed = new Feed();
    feed.direct(put('a', 'same'));
    expect(feed.direct(put('a', 'same'))).toEqual({ kind: 'put', revision: 3, version: 2 });
  });

  it('begins anew with a key that was deleted', () => {
    const feed = new Feed();
    feed.direct(put('a'));
    feed.direct(remove('a'));
    expect(feed.direct(put('a'))).toEqual({ kind: 'put', revision: 4, version: 1 });
    expect(feed.machine.get(bytes('a'))?.createRevision).toBe(4);
  });

  it('changes nothing by the delete of an absent key', () => {
    const feed = new Feed();
    feed.direct(put('b'));
    expect(feed.direct(remove('a'))).toEqual({ kind: 'deleted', revision: 2, isDeleted: false });
    expect(feed.machine.revision).toBe(2);
  });

  it('changes no revision by sessions', () => {
    const feed = new Feed();
    feed.end(feed.session());
    expect(feed.machine.revision).toBe(1);
  });
});

describe('a condition', () => {
  it('holds where it names the revision of the last change', () => {
    const feed = new Feed();
    feed.direct(put('a'));
    expect(feed.direct(put('a', 'new', ifRevision(2)))).toEqual({ kind: 'put', revision: 3, version: 2 });
    expect(feed.direct(remove('a', ifRevision(3)))).toEqual({
      kind: 'deleted',
      revision: 4,
      isDeleted: true,
    });
  });

  it('of revision 0 holds where the key is absent', () => {
    const feed = new Feed();
    expect(feed.direct(remove('a', ifRevision(0)))).toEqual({
      kind: 'deleted',
      revision: 1,
      isDeleted: false,
    });
    expect(feed.direct(put('a', 'first', ifRevision(0)))).toEqual({ kind: 'put', revision: 2, version: 1 });
    expect(feed.direct(put('a', 'second', ifRevision(0)))).toEqual({
      kind: 'conditionFailed',
      revision: 2,
      current: 2,
    });
    expect(feed.value('a')).toBe('first');
  });

  it('that fails changes nothing, and tells the revision that there is', () => {
    const feed = new Feed();
    feed.direct(put('a', 'kept'));
    feed.direct(put('b'));
    expect(feed.direct(put('a', 'lost', ifRevision(3)))).toEqual({
      kind: 'conditionFailed',
      revision: 3,
      current: 2,
    });
    expect(feed.direct(remove('a', ifRevision(1)))).toEqual({
      kind: 'conditionFailed',
      revision: 3,
      current: 2,
    });
    expect(feed.direct(put('c', 'lost', ifRevision(1)))).toEqual({
      kind: 'conditionFailed',
      revision: 3,
      current: 0,
    });
    expect([feed.value('a'), feed.value('c'), feed.machine.revision]).toEqual(['kept', null, 3]);
  });
});

describe('what a read gives', () => {
  it('is the reader’s own: changing it changes nothing here', () => {
    const feed = new Feed();
    const key = bytes('a');
    feed.direct(put('a', 'kept'));
    feed.machine.get(key)!.value.fill(0);
    feed.machine.get(key)!.key.fill(0);
    expect([feed.value('a'), key]).toEqual(['kept', bytes('a')]);
  });

  it('is every byte that was put, in values of any length', () => {
    const feed = new Feed();
    for (const length of [0, 1, 4095, 4096, 4097, 3 * 4096, 1.5 * 1024 * 1024]) {
      const value = Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);
      feed.direct({ kind: 'put', key: bytes('a'), value, condition: NO_CONDITION });
      expect([length, Buffer.compare(feed.machine.get(bytes('a'))!.value, value)]).toEqual([length, 0]);
    }
  });
});

describe('R40: a create revision', () => {
  it('only grows, however often its key is removed and made anew', () => {
    const feed = new Feed();
    const created: (number | undefined)[] = [];
    for (let holder = 1; holder <= 3; holder += 1) {
      feed.direct(put('lock', `holder ${holder}`));
      feed.direct(put('lock', 'renewed'));
      created.push(feed.machine.get(bytes('lock'))?.createRevision);
      feed.direct(remove('lock'));
    }
    expect(created).toEqual([2, 5, 8]);
  });
});
