/** Exactly once: rules R35 to R37, and how sessions end (R39). */

import { describe, expect, it } from 'vitest';
import { INITIAL_LIMITS } from '../src/limits.ts';
import { Sessions } from '../src/sessions.ts';
import { digest } from './support/digest.ts';
import { Feed, ifRevision, nonce, put, remove } from './support/feed.ts';

const refused = (reason: string) => ({ kind: 'refused', reason });

/** What a command answers that must change nothing but the index. */
function withoutChange(feed: Feed, act: () => unknown): unknown {
  const state = () => digest(feed.machine).replace(/"appliedIndex":\d+/, '');
  const before = state();
  const outcome = act();
  expect(state()).toBe(before);
  return outcome;
}

describe('R35: a write of a session', () => {
  it('is applied once, and every copy is answered as the first was', () => {
    const feed = new Feed();
    const session = feed.session();
    const first = feed.write(session, 1, 1, put('a', 'once'));
    feed.direct(put('a', 'since'));
    expect(withoutChange(feed, () => feed.write(session, 1, 1, put('a', 'once')))).toEqual(first);
    expect([first, feed.value('a')]).toEqual([{ kind: 'put', revision: 2, version: 1 }, 'since']);
  });

  it('keeps failures like successes: a condition that would hold by now changes nothing', () => {
    const feed = new Feed();
    const session = feed.session();
    const failed = feed.write(session, 1, 1, put('a', 'mine', ifRevision(2)));
    feed.direct(put('a', 'other'));
    expect(feed.write(session, 1, 1, put('a', 'mine', ifRevision(2)))).toEqual(failed);
    expect([failed, feed.value('a')]).toEqual([
      { kind: 'conditionFailed', revision: 1, current: 0 },
      'other',
    ]);
  });

  it('keeps that a key was absent', () => {
    const feed = new Feed();
    const session = feed.session();
    const first = feed.write(session, 1, 1, remove('a'));
    feed.direct(put('a'));
    expect(feed.write(session, 1, 1, remove('a'))).toEqual(first);
    expect(first).toEqual({ kind: 'deleted', revision: 1, isDeleted: false });
  });

  it('is refused where the session is not there, before anything else is looked at', () => {
    const feed = new Feed();
    const session = feed.session();
    expect(withoutChange(feed, () => feed.write(7, 1, 1, put('a')))).toEqual(refused('session-expired'));
    feed.end(session);
    expect(withoutChange(feed, () => feed.write(session, 1, 2, put('a')))).toEqual(
      refused('session-expired'),
    );
  });

  it('is invalid where it acknowledges itself, before the mark is looked at', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 5, 5, put('a'));
    expect(withoutChange(feed, () => feed.write(session, 3, 4, put('a')))).toEqual(refused('invalid'));
  });

  it('is invalid where it acknowledges itself, before a kept reply is looked for', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 1, 1, put('a'));
    expect(withoutChange(feed, () => feed.write(session, 1, 2, put('a')))).toEqual(refused('invalid'));
  });

  it('is invalid with number 0: the first has number 1', () => {
    const feed = new Feed();
    expect(feed.write(feed.session(), 0, 0, put('a'))).toEqual(refused('invalid'));
  });

  it('is invalid beyond the window, which begins at the first that its client waits for', () => {
    const feed = new Feed();
    const session = feed.session();
    const { sequenceWindow } = feed.machine.limits;
    expect(withoutChange(feed, () => feed.write(session, 1 + sequenceWindow, 1, put('a')))).toEqual(
      refused('invalid'),
    );
    expect(feed.write(session, sequenceWindow, 1, put('a'))).toMatchObject({ kind: 'put' });
    expect(feed.write(session, 3 * sequenceWindow, 2 * sequenceWindow + 1, put('a'))).toMatchObject({
      kind: 'put',
    });
  });

  it('stays invalid in every copy, however far the mark has come in between', () => {
    const feed = new Feed();
    const session = feed.session();
    const sequence = 1 + feed.machine.limits.sequenceWindow;
    feed.write(session, sequence, 1, put('a'));
    feed.write(session, sequence - 1, sequence - 1, put('b'));
    expect(feed.write(session, sequence, 1, put('a'))).toEqual(refused('invalid'));
  });

  it('is refused below the mark: a late copy whose reply is gone is not applied again', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 1, 1, put('a', 'old'));
    feed.write(session, 2, 2, put('a', 'new'));
    expect(withoutChange(feed, () => feed.write(session, 1, 1, put('a', 'old')))).toEqual(
      refused('already-acknowledged'),
    );
    expect(feed.value('a')).toBe('new');
  });

  it('that was given up and never applied is not applied once the mark has passed it', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 2, 2, put('b'));
    expect(feed.write(session, 1, 1, put('a'))).toEqual(refused('already-acknowledged'));
    expect(feed.value('a')).toBeNull();
  });

  it('may be applied after one with a higher number: presence decides', () => {
    const feed = new Feed();
    const session = feed.session();
    expect(feed.write(session, 5, 1, put('a'))).toMatchObject({ revision: 2 });
    expect(feed.write(session, 4, 1, put('a'))).toMatchObject({ revision: 3 });
    expect(feed.write(session, 5, 1, put('a'))).toMatchObject({ revision: 2 });
  });

  it('raises the mark after it ran, to what it acknowledges, and replies below it go', () => {
    const feed = new Feed();
    const session = feed.session();
    for (const sequence of [1, 2, 3]) feed.write(session, sequence, 1, put('a'));
    feed.write(session, 4, 3, put('a'));
    expect(feed.machine.session(session)).toMatchObject({ mark: 3, replies: 2 });
    expect([...feed.machine.keptReplies(session)].map(([sequence]) => sequence)).toEqual([3, 4]);
  });

  it('raises the mark as far as it is told, however far that is', () => {
    const feed = new Feed();
    const session = feed.session();
    for (const sequence of [1, 2, 3]) feed.write(session, sequence, 1, put('a'));
    const far = Number.MAX_SAFE_INTEGER;
    feed.write(session, far, far, put('a'));
    expect(feed.machine.session(session)).toMatchObject({ mark: far, replies: 1 });
    expect([...feed.machine.keptReplies(session)].map(([sequence]) => sequence)).toEqual([far]);
  });

  it('never lowers the mark', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 4, 3, put('a'));
    feed.write(session, 5, 1, put('a'));
    expect(feed.machine.session(session)).toMatchObject({ mark: 3, replies: 2 });
  });

  it('raises no mark by a copy: what is answered from a kept reply changes nothing', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 1, 1, put('a'));
    feed.write(session, 2, 1, put('a'));
    withoutChange(feed, () => feed.write(session, 2, 2, put('a')));
    expect(feed.machine.keptReply(session, 1)).not.toBeNull();
  });

  it('is no other session’s: numbers count within one', () => {
    const feed = new Feed();
    const [one, other] = [feed.session(1), feed.session(2)];
    feed.write(one, 1, 1, put('a', 'one'));
    feed.write(other, 1, 1, put('a', 'other'));
    feed.write(other, 2, 2, put('b'));
    expect(feed.value('a')).toBe('other');
    expect([feed.machine.keptReply(one, 1), feed.machine.keptReply(other, 1)]).toMatchObject([
      { revision: 2 },
      null,
    ]);
  });

  it('without a session is applied as often as it stands in the log', () => {
    const feed = new Feed();
    feed.direct(put('a'));
    expect(feed.direct(put('a'))).toEqual({ kind: 'put', revision: 3, version: 2 });
  });
});

describe('R36: a session', () => {
  it('has the index of the entry that opened it for its id', () => {
    const feed = new Feed();
    feed.direct(put('a'));
    expect(feed.open(1)).toEqual({ kind: 'opened', session: 2 });
    expect(feed.machine.session(2)).toMatchObject({ mark: 1, replies: 0, replyBytes: 0 });
  });

  it('is the same for its nonce as long as it lives', () => {
    const feed = new Feed();
    const session = feed.session(1);
    feed.write(session, 1, 1, put('a'));
    expect(withoutChange(feed, () => feed.open(1))).toEqual({ kind: 'opened', session });
    expect(feed.session(2)).not.toBe(session);
  });

  it('never returns: its nonce opens another once it has ended', () => {
    const feed = new Feed();
    const session = feed.session(1);
    feed.end(session);
    const next = feed.session(1);
    expect(next).toBeGreaterThan(session);
    expect([...feed.machine.sessions()]).toEqual([next]);
  });

  it('answers a kept reply from applied state, and nothing for a write it does not know', () => {
    const feed = new Feed();
    const session = feed.session();
    const reply = feed.write(session, 1, 1, put('a'));
    expect(feed.machine.keptReply(session, 1)).toEqual(reply);
    expect([feed.machine.keptReply(session, 2), feed.machine.keptReply(99, 1)]).toEqual([null, null]);
  });
});

describe('R37: a session', () => {
  it('that keeps as many replies as it may applies nothing more, and keeps nothing of it', () => {
    const feed = new Feed();
    const session = feed.session();
    const { repliesMax } = feed.machine.limits;
    for (let sequence = 1; sequence <= repliesMax; sequence += 1) feed.write(session, sequence, 1, put('a'));
    const more = repliesMax + 1;
    expect(withoutChange(feed, () => feed.write(session, more, 1, put('b')))).toEqual(
      refused('session-full'),
    );
    expect(feed.machine.keptReply(session, more)).toBeNull();
    expect(feed.write(session, 1, 1, put('a'))).toMatchObject({ kind: 'put', revision: 2 });
  });

  it('takes the same number once the write acknowledges enough, also what nothing else has acknowledged yet', () => {
    const feed = new Feed();
    const session = feed.session();
    const { repliesMax } = feed.machine.limits;
    for (let sequence = 1; sequence <= repliesMax; sequence += 1) feed.write(session, sequence, 1, put('a'));
    const more = repliesMax + 1;
    feed.write(session, more, 1, put('b'));
    expect(feed.write(session, more, 2, put('b'))).toMatchObject({ kind: 'put', version: 1 });
    expect(feed.machine.session(session)).toMatchObject({ mark: 2, replies: repliesMax });
  });

  it('that keeps as many bytes of replies as it may keeps no other, until some of them go', () => {
    const limits = { ...INITIAL_LIMITS, replyBytesMax: 6 };
    const reply = { kind: 'put', revision: 2, version: 1 } as const;
    const sessions = Sessions.empty();
    sessions.open(1, nonce(1), limits);
    const keep = (sequence: number, acknowledgedBelow: number) => {
      return sessions.keep({ session: 1, sequence, acknowledgedBelow }, reply, limits);
    };
    expect([keep(1, 1), keep(2, 1), keep(3, 1)]).toEqual([true, true, false]);
    expect(sessions.get(1)).toMatchObject({ mark: 1, replies: 2, replyBytes: 6 });
    expect(keep(3, 2)).toBe(true);
    expect(sessions.get(1)).toMatchObject({ mark: 2, replies: 2, replyBytes: 6 });
  });

  it('beyond the limit is refused, nobody’s is ended for it, and a known nonce is still answered', () => {
    const feed = new Feed();
    const { sessionsMax } = feed.machine.limits;
    for (let number = 1; number <= sessionsMax; number += 1) feed.session(number);
    expect(withoutChange(feed, () => feed.open(sessionsMax + 1))).toEqual(refused('too-many-sessions'));
    expect(feed.open(1)).toEqual({ kind: 'opened', session: 1 });
    expect([...feed.machine.sessions()]).toEqual(Array.from({ length: sessionsMax }, (_, at) => at + 1));
    feed.end(5);
    expect(feed.open(sessionsMax + 1)).toMatchObject({ kind: 'opened' });
  });

  it('has the limits in the state', () => {
    const { machine } = new Feed();
    expect(machine.limits).toMatchObject({
      sessionsMax: 10_000,
      repliesMax: 1024,
      replyBytesMax: 4 * 1024 * 1024,
    });
    expect(machine.clone().limits).toEqual(machine.limits);
  });
});

describe('R39: the end of sessions', () => {
  it('takes their replies and nonces along, and leaves the others as they are', () => {
    const feed = new Feed();
    const [one, two, three] = [feed.session(1), feed.session(2), feed.session(3)];
    for (const session of [one, two, three]) feed.write(session, 1, 1, put('a'));
    expect(feed.end(three, one)).toEqual({ kind: 'done' });
    expect([...feed.machine.sessions()]).toEqual([two]);
    expect([one, two, three].map((session) => feed.machine.keptReply(session, 1) !== null)).toEqual([
      false,
      true,
      false,
    ]);
    expect([...feed.machine.keptReplies(one), ...feed.machine.keptReplies(three)]).toEqual([]);
  });

  it('keeps what they wrote', () => {
    const feed = new Feed();
    const session = feed.session();
    feed.write(session, 1, 1, put('a', 'stays'));
    feed.end(session);
    expect(feed.value('a')).toBe('stays');
  });

  it('is harmless for ids that are not there, or named twice', () => {
    const feed = new Feed();
    const session = feed.session();
    expect(withoutChange(feed, () => feed.end(99, 0))).toEqual({ kind: 'done' });
    expect(feed.end(session, session)).toEqual({ kind: 'done' });
    expect(feed.end()).toEqual({ kind: 'done' });
  });
});
