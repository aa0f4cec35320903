/** What a leader refuses of changes of membership, and who may campaign. Source: rules R21 to R26. */

import { describe, expect, it } from 'vitest';
import { statusOf, term } from '../../src/index.ts';
import type { Effect, Message } from '../../src/index.ts';
import { append, appendReply, only, sent, voteRequest } from '../support/messages.ts';
import { change, configurationEntry, inForce } from '../support/membership.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';

/** Leads `a b c`; b and c have all of its log, and it is committed. */
function leading(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup).elect();
  const last = node.state.log.tail.firstIndex + node.state.log.tail.entries.length - 1;
  for (const { id } of node.leader().progress) node.matched(id, last);
  return node;
}

/** As `leading`, with `d` a learner that has it all. */
function withLearner(setup: TestNodeSetup = {}): TestNode {
  const node = leading(setup);
  node.input(change(1, setup.voters ?? 'a b c', 'd'));
  node.persistAll();
  for (const { id } of node.leader().progress) node.matched(id, 2);
  return node;
}

function answers(effects: readonly Effect[]): string[] {
  return only(effects, 'result').map((result) =>
    result.outcome === 'refused' ? `${result.reason} (${result.leader})` : result.outcome,
  );
}

/** A message to `a` with a configuration, from the leader `b` of `inTerm`. */
function configurationAppend(index: number, prev: string, text: string, commit = 0): Message {
  return {
    ...append({ term: 1, prev, commit }),
    entries: [configurationEntry(index, 1, text)],
  };
}

/** Knows that c was removed, by a configuration that is committed. */
function knowing(commit: number): TestNode {
  const node = new TestNode();
  node.receive('b', configurationAppend(1, '0@0', 'a b from a b c, removed c'));
  node.receive('b', configurationAppend(2, '1@1', 'a b, removed c', 1));
  node.receive('b', append({ term: 1, prev: '2@1', commit }));
  node.persistAll();
  node.effects.length = 0;
  return node;
}

describe('a change is refused, and nothing is in the log (edge cases 24, 28)', () => {
  it('by who does not lead', () => {
    const node = new TestNode();
    expect(answers(node.input(change(1, 'a b')))).toEqual(['not-leader (null)']);
    node.receive('b', append({ term: 1 }));
    expect(answers(node.input(change(2, 'a b')))).toEqual(['not-leader (b)']);
  });

  it('by a node whose disk failed', () => {
    const node = leading();
    node.input({ kind: 'persistFailed' });
    expect(answers(node.input(change(1, 'a b')))).toEqual(['failed (null)']);
  });

  it('before an entry of the leader’s term is committed (R21)', () => {
    const node = new TestNode({ log: '1@1 2@1', commit: 2 }).elect();
    expect(answers(node.input(change(1, 'a b')))).toEqual(['term-not-committed (a)']);
    expect(node.log()).toBe('1@1 2@1 3@2');
    node.matched('b', 3);
    expect(answers(node.input(change(2, 'a b')))).toEqual([]);
  });

  it('while another is under way, also several in one turn, and in the joint configuration (R21)', () => {
    const node = leading();
    node.step(change(1, 'a b')).step(change(2, 'a c'));
    expect(answers(node.flush())).toEqual(['membership-is-changing (a)']);
    node.persistAll();
    expect(answers(node.matched('b', 2))).toEqual([]);
    expect(inForce(node.state)).toBe('a b, removed c @3');
    expect(answers(node.input(change(3, 'a')))).toEqual(['membership-is-changing (a)']);
    node.persistAll();
    expect(answers(node.matched('b', 3))).toEqual(['committed']);
    expect(answers(node.input(change(4, 'a')))).toEqual([]);
  });

  it('where the configuration is not the one that was looked at', () => {
    const node = withLearner();
    expect(answers(node.input(change(2, 'a b', '', { ifIndex: 0 })))).toEqual(['configuration-changed (a)']);
    expect(answers(node.input(change(3, 'a b', '', { ifIndex: 2 })))).toEqual([]);
  });

  it.each([
    ['no voter', '', 'a'],
    ['a voter twice', 'a b b', ''],
    ['a learner that votes', 'a b', 'b'],
  ])('where the targets name %s', (_what, voters, learners) => {
    expect(answers(leading().input(change(1, voters, learners)))).toEqual(['invalid-targets (a)']);
  });

  it('where the targets name who was removed (R25)', () => {
    const node = leading();
    node.input(change(1, 'a b'));
    node.persistAll();
    node.matched('b', 2);
    node.persistAll();
    node.matched('b', 3);
    expect(inForce(node.state)).toBe('a b, removed c @3');
    expect(answers(node.input(change(2, 'a b c')))).toEqual(['id-was-removed (a)']);
    expect(answers(node.input(change(3, 'a b', 'c')))).toEqual(['id-was-removed (a)']);
  });
});

describe('R23: who is to vote', () => {
  it('was a learner before', () => {
    expect(answers(leading().input(change(1, 'a b c d')))).toEqual(['not-caught-up (a)']);
  });

  it('has said in this leadership that it holds the log, however short that is', () => {
    const node = leading();
    node.input(change(1, 'a b c', 'd'));
    node.persistAll();
    node.matched('b', 2);
    expect(answers(node.input(change(2, 'a b c d')))).toEqual(['not-caught-up (a)']);
    node.matched('d', 1);
    expect(answers(node.input(change(3, 'a b c d')))).toEqual([]);
  });

  it('is within catchUpEntriesMax of the end', () => {
    const node = withLearner({ options: { catchUpEntriesMax: 2 } });
    for (const number of [3, 4, 5]) node.propose(number);
    expect(answers(node.input(change(2, 'a b c d')))).toEqual(['not-caught-up (a)']);
    node.matched('d', 3);
    expect(answers(node.input(change(3, 'a b c d')))).toEqual([]);
  });

  it('need not have caught up where that is forced, but has to be there', () => {
    const node = leading();
    expect(answers(node.input(change(1, 'a d e', '', { force: true })))).toEqual(['no-live-quorum (a)']);
    expect(answers(node.input(change(2, 'a b d', '', { force: true })))).toEqual([]);
  });

  it('leaves a majority of the old voters that was heard within an election timeout', () => {
    const node = withLearner();
    node.nowMs += 999;
    node.matched('d', 2);
    node.nowMs += 1;
    expect(answers(node.input(change(2, 'a d')))).toEqual(['no-live-quorum (a)']);
    node.matched('b', 2);
    expect(answers(node.input(change(3, 'a d')))).toEqual([]);
  });

  it('leaves a majority of the new voters that was heard within an election timeout', () => {
    const node = withLearner();
    node.nowMs += 1000;
    node.matched('b', 2);
    node.matched('c', 2);
    expect(answers(node.input(change(2, 'a d')))).toEqual(['no-live-quorum (a)']);
    node.matched('d', 2);
    expect(answers(node.input(change(3, 'a d')))).toEqual([]);
  });
});

describe('R16: reads across a change', () => {
  it('ask anew: what the old voters answered is not enough for the new ones (edge case 21)', () => {
    const node = withLearner();
    node.read(5);
    const { round } = node.leader();
    node.input(change(2, 'a d'));
    expect(node.leader().round).toBe(round + 1);
    node.receive('b', appendReply(1, 2, round));
    expect(only(node.effects, 'readable')).toEqual([]);
    node.receive('b', appendReply(1, 2, round + 1));
    expect(only(node.effects, 'readable')).toEqual([]);
    node.receive('d', appendReply(1, 2, round + 1));
    expect(only(node.effects, 'readable')).toMatchObject([{ ref: 5, index: 2 }]);
  });
});

describe('R24: who campaigns', () => {
  it('a voter of the configuration in force, or of the last that is known to be committed', () => {
    const node = new TestNode({ voters: 'b c' });
    expect(node.input({ kind: 'campaign' })).toEqual([]);
    node.receive('b', configurationAppend(1, '0@0', 'a b c from b c'));
    expect(sent(node.input({ kind: 'campaign' })).map(({ to }) => to)).toEqual(['b', 'c']);
  });

  it('also one that is none in force, while the removal is not known to be committed', () => {
    const node = new TestNode();
    node.receive('b', configurationAppend(1, '0@0', 'b c from a b c, removed a'));
    node.receive('b', configurationAppend(2, '1@1', 'b c, removed a', 1));
    expect(sent(node.input({ kind: 'campaign' })).map(({ to }) => to)).toEqual(['b', 'c']);
    node.receive('b', append({ term: 1, prev: '2@1', commit: 2 }));
    node.effects.length = 0;
    expect(node.input({ kind: 'campaign' })).toEqual([]);
    expect(node.wakeAtMs).toBeNull();
    expect(statusOf(node.state).isRemoved).toBe(true);
  });

  it('and never counts its own vote where it is no voter', () => {
    const node = new TestNode({ voters: 'a b' });
    node.receive('b', configurationAppend(1, '0@0', 'b c from a b, removed a'));
    node.receive('b', configurationAppend(2, '1@1', 'b c, removed a', 1));
    node.persistAll();
    node.elapse(600);
    node.input({ kind: 'campaign' });
    node.receive('b', { kind: 'preVoteReply', term: term(2), isGranted: true });
    expect(node.state.role.kind).toBe('pre-candidate');
    node.receive('c', { kind: 'preVoteReply', term: term(2), isGranted: true });
    expect(node.state.role.kind).toBe('candidate');
  });
});

describe('R26: a removed node', () => {
  it('is told so by who knows that to be committed, and disturbs nobody', () => {
    const node = knowing(2);
    node.receive('c', voteRequest(9, '2@1'));
    expect(sent(node.effects, 'c').map(({ message }) => message)).toEqual([{ kind: 'removed', term: 1 }]);
    expect(node.state.currentTerm).toBe(1);
  });

  it('is answered as ever while the removal may be rolled back', () => {
    const node = knowing(1);
    node.nowMs += 600;
    node.receive('c', voteRequest(9, '2@1'));
    node.persistAll();
    expect(sent(node.effects, 'c').map(({ message }) => message.kind)).toEqual(['voteReply']);
  });

  it('campaigns no more once it was told, and says so', () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    const effects = node.receive('b', { kind: 'removed', term: term(1) });
    expect(only(effects, 'changed')).toMatchObject([{ status: { role: 'follower', isRemoved: true } }]);
    expect(node.wakeAtMs).toBeNull();
    expect(node.input({ kind: 'campaign' })).toEqual([]);
  });

  it('is not silenced by a node that it never asked (R7)', () => {
    const node = new TestNode();
    node.receive('z', { kind: 'removed', term: term(1) });
    node.input({ kind: 'campaign' });
    expect(node.state).toMatchObject({ role: { kind: 'pre-candidate' }, wasToldRemoved: false });
  });

  it('is no more taken for one that it leads, where it led a term that is over', () => {
    const node = knowing(2);
    node.receive('b', append({ term: 3, prev: '2@1', commit: 2 }));
    node.receive('c', append({ term: 2 }));
    expect(sent(node.effects, 'c').map(({ message }) => message)).toEqual([{ kind: 'removed', term: 3 }]);
  });

  it('that is to come again under its name is no member of a configuration that a peer sends (R7)', () => {
    const node = new TestNode();
    node.receive('b', configurationAppend(1, '0@0', 'a b c, removed c'));
    expect(node.state.peerFault?.fault).toBe('malformed-message');
    expect(node.log()).toBe('');
  });
});
