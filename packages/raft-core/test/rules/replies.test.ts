/** What a follower owes its leader, and how answers merge. Source: rule R10. */

import { describe, expect, it } from 'vitest';
import { nodeId } from '../../src/index.ts';
import { mergeReplies } from '../../src/rules/owed-replies.ts';
import { append, appendRefusal, appendReply, sent } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** A turn that takes `messages` of `from`, and what it tells. */
function turn(node: TestNode, from: string, ...messages: readonly ReturnType<typeof append>[]): string[] {
  for (const message of messages) node.step({ kind: 'receive', from: nodeId(from), message });
  return told(node.flush());
}

describe('R10: owed replies merge only where the later implies the earlier', () => {
  const b = nodeId('b');

  it('merges a lower match of an earlier round of the same term', () => {
    const owed = mergeReplies([
      { to: b, message: appendReply(2, 3, 1) },
      { to: b, message: appendReply(2, 5, 2) },
    ]);
    expect(owed).toEqual([{ to: b, message: appendReply(2, 5, 2) }]);
  });

  it('keeps both where the round would be lost', () => {
    const owed = mergeReplies([
      { to: b, message: appendReply(2, 3, 2) },
      { to: b, message: appendReply(2, 5, 1) },
    ]);
    expect(owed.map(({ message }) => message)).toEqual([appendReply(2, 3, 2), appendReply(2, 5, 1)]);
  });

  it('keeps both where the match would be lost', () => {
    const owed = mergeReplies([
      { to: b, message: appendReply(2, 5, 1) },
      { to: b, message: appendReply(2, 3, 2) },
    ]);
    expect(owed.map(({ message }) => message)).toEqual([appendReply(2, 5, 1), appendReply(2, 3, 2)]);
  });

  it('keeps both where the terms differ', () => {
    const owed = mergeReplies([
      { to: b, message: appendReply(2, 3) },
      { to: b, message: appendReply(3, 5) },
    ]);
    expect(owed).toHaveLength(2);
  });

  it('keeps both where they go to different peers', () => {
    const owed = mergeReplies([
      { to: b, message: appendReply(2, 3) },
      { to: nodeId('c'), message: appendReply(2, 5) },
    ]);
    expect(owed).toHaveLength(2);
  });

  it('never lets a reply swallow a refusal', () => {
    const owed = mergeReplies([
      { to: b, message: appendRefusal(2, 3, '1@1') },
      { to: b, message: appendReply(2, 5) },
    ]);
    expect(owed).toHaveLength(2);
  });

  it('never lets a refusal swallow a match', () => {
    const node = new TestNode({ log: '1@1', term: 1 });
    const lines = turn(node, 'b', append({ term: 1, prev: '1@1' }), append({ term: 1, prev: '5@1' }));
    expect(lines).toEqual(['b appendReply t1 matched=1, at once', 'b appendRefusal t1 prev=5, at once']);
  });

  it('answers a stream of a turn once', () => {
    const lines = turn(
      new TestNode(),
      'b',
      append({ term: 1, entries: '1@1' }),
      append({ term: 1, prev: '1@1', entries: '2@1' }),
      append({ term: 1, prev: '2@1', entries: '3@1' }),
    );
    expect(lines).toEqual(['b appendReply t1 matched=3, after 1']);
  });

  it('loses no round of a turn in which an older append came last', () => {
    const node = new TestNode({ log: '1@1 2@1', term: 1 });
    node.step({ kind: 'receive', from: b, message: append({ term: 1, prev: '1@1', round: 7 }) });
    node.step({
      kind: 'receive',
      from: b,
      message: append({ term: 1, prev: '1@1', entries: '2@1', round: 6 }),
    });
    const rounds = sent(node.flush()).map(({ message }) => ('round' in message ? message.round : null));
    expect(rounds).toContain(7);
  });
});

describe('R10: a round does not wait for a follower’s disk', () => {
  it('goes ahead at once where the answer has to wait', () => {
    const lines = turn(new TestNode(), 'b', append({ term: 1, entries: '1@1', round: 3 }));
    expect(lines).toEqual(['b roundReply t1 round=3, at once', 'b appendReply t1 matched=1, after 1']);
  });

  it('goes ahead only where it is above the last one echoed to this leader', () => {
    const node = new TestNode();
    turn(node, 'b', append({ term: 1, entries: '1@1', round: 3 }));
    expect(turn(node, 'b', append({ term: 1, prev: '1@1', entries: '2@1', round: 3 }))).toEqual([
      'b appendReply t1 matched=2, after 2',
    ]);
    expect(turn(node, 'b', append({ term: 1, prev: '2@1', entries: '3@1', round: 4 }))).toEqual([
      'b roundReply t1 round=4, at once',
      'b appendReply t1 matched=3, after 3',
    ]);
  });

  it('needs no message of its own where the answer goes at once', () => {
    const node = new TestNode({ log: '1@1', term: 1 });
    expect(turn(node, 'b', append({ term: 1, prev: '1@1', round: 3 }))).toEqual([
      'b appendReply t1 matched=1, at once',
    ]);
  });

  it('starts anew with another leader, whose rounds are its own', () => {
    const node = new TestNode();
    turn(node, 'b', append({ term: 1, entries: '1@1', round: 9 }));
    expect(turn(node, 'c', append({ term: 2, prev: '1@1', entries: '2@2', round: 1 }))).toEqual([
      'c roundReply t2 round=1, at once',
      'c appendReply t2 matched=2, after 2',
    ]);
  });

  it('does not go to a leader that was left in the same turn', () => {
    const node = new TestNode();
    node.step({ kind: 'receive', from: nodeId('b'), message: append({ term: 1, entries: '1@1', round: 9 }) });
    node.step({ kind: 'receive', from: nodeId('c'), message: append({ term: 2, round: 0 }) });
    expect(told(node.flush())).toEqual([
      'b appendReply t1 matched=1, after 1',
      'c roundReply t2 round=0, at once',
      'c appendReply t2 matched=0, after 1',
    ]);
  });

  it('goes for every heartbeat too, or a slow disk would look like a dead process', () => {
    const node = new TestNode();
    turn(node, 'b', append({ term: 1, entries: '1@1', round: 4 }));
    const heartbeat = append({ term: 1, prev: '1@1', round: 4 });
    for (let nth = 0; nth < 2; nth += 1) {
      expect(turn(node, 'b', heartbeat)).toEqual([
        'b roundReply t1 round=4, at once',
        'b appendReply t1 matched=1, after 1',
      ]);
    }
    node.persistAll();
    expect(turn(node, 'b', heartbeat)).toEqual(['b appendReply t1 matched=1, at once']);
  });

  it('goes under its own term only, where one leader’s two terms meet in a turn', () => {
    const lines = turn(
      new TestNode({ log: '1@1' }),
      'b',
      append({ term: 1, prev: '1@1', entries: '2@1', round: 5 }),
      append({ term: 3, prev: '1@1', entries: '2@3', round: 1 }),
    );
    // Round 5 of term 3 has not begun: its echo would confirm reads that nobody was asked about.
    expect(lines).toEqual([
      'b appendReply t1 matched=2, after 1',
      'b roundReply t3 round=1, at once',
      'b appendReply t3 matched=2, after 1',
    ]);
  });

  it('is not owed where there was none', () => {
    expect(turn(new TestNode(), 'b', append({ term: 1, entries: '1@1' }))).toEqual([
      'b appendReply t1 matched=1, after 1',
    ]);
  });
});

describe('R10: a refusal', () => {
  it('names the previous index that was refused, and the place where the logs may agree', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2 4@4', term: 5 });
    const [refusal] = sent(node.receive('b', append({ term: 5, prev: '4@3', round: 2 })));
    expect(refusal?.message).toEqual(appendRefusal(5, 4, '3@2', 2));
  });

  it('names the end of a log that is too short', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    const [refusal] = sent(node.receive('b', append({ term: 3, prev: '9@3' })));
    expect(refusal?.message).toEqual(appendRefusal(3, 9, '2@1'));
  });

  it('is not what a stale leader hears, but the true term alone', () => {
    const node = new TestNode({ term: 5 });
    expect(told(node.receive('b', append({ term: 4, entries: '1@4' })))).toEqual([
      'b roundReply t5 round=0, at once',
    ]);
    expect(node.log()).toBe('');
  });
});
