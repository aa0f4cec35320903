/** Each check notices what it names, and does not cry where all is well: clusters made by hand. */

import { firstConfiguration, logIndex, nodeId, term } from '@raftkv/core';
import type { Append, ConfigurationEntry, Round, VoteRequest } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { entries, hardState, PaperCluster } from './nodes.ts';

const ROUND_0 = 0 as Round;

function append(inTerm: number, log: string): Append {
  return {
    kind: 'append',
    term: term(inTerm),
    prevIndex: logIndex(0),
    prevTerm: term(0),
    entries: entries(log),
    commitIndex: logIndex(0),
    round: ROUND_0,
  };
}

/** Of term 5, by an empty log. */
const CANDIDACY: VoteRequest = {
  kind: 'voteRequest',
  term: term(5),
  lastIndex: logIndex(0),
  lastTerm: term(0),
  isTransfer: false,
};

function command(name: string) {
  const [entry] = entries(name);
  return entry!;
}

function configurationEntry(voter: string): ConfigurationEntry {
  const configuration = firstConfiguration([{ id: nodeId(voter), data: Uint8Array.of(1) }]);
  const [index, inTerm, data] = [logIndex(1), term(3), new Uint8Array(0)];
  return { kind: 'configuration', index, term: inTerm, data, configuration };
}

describe('election safety', () => {
  it('is broken by two leaders of one term, also one after the other, also where only their appends are seen', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { role: 'leader', term: 3 });
    expect(await cluster.look()).toBe('holds');
    cluster.crash('a');
    cluster.be('b', { role: 'leader', term: 4 });
    expect(await cluster.look()).toBe('holds');
    cluster.say('c', 'a', append(3, ''));
    expect(await cluster.look()).toBe('election-safety');
    const other = new PaperCluster();
    other.be('a', { role: 'leader', term: 3 });
    other.be('b', { role: 'leader', term: 3 });
    expect(await other.look()).toBe('election-safety');
  });
});

describe('election safety of one leader', () => {
  it('is broken by a candidate that leads without the votes of a quorum', async () => {
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('', hardState(5, 'b'));
    cluster.be('a', { term: 5 });
    cluster.say('b', 'a', CANDIDACY);
    cluster.say('a', 'b', { kind: 'voteReply', term: term(5), isGranted: true });
    cluster.be('b', { role: 'leader', term: 5 });
    expect(await cluster.look()).toBe('holds');
    const other = new PaperCluster();
    other.disk('b').set('', hardState(5, 'b'));
    other.say('b', 'a', CANDIDACY);
    other.be('b', { role: 'leader', term: 5 });
    expect(await other.look()).toBe('election-safety');
  });
});

describe('log matching', () => {
  it('is broken by logs that agree on an entry and not on one before', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { log: '1@1 2@2 3@3' });
    cluster.be('b', { log: '1@1 2@2 3@4' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('b', { log: '1@1 2@1 3@3' });
    expect(await cluster.look()).toBe('log-matching');
  });

  it('is broken by two entries of one index and term', async () => {
    const cluster = new PaperCluster();
    cluster.say('a', 'b', append(3, '1@3'));
    expect(await cluster.look()).toBe('holds');
    const [entry] = entries('1@3');
    cluster.say('a', 'b', { ...append(3, ''), entries: [{ ...entry!, data: Uint8Array.of(9) }] });
    expect(await cluster.look()).toBe('log-matching');
  });
});

describe('log matching of configurations', () => {
  it('is broken by two of one index and term', async () => {
    const cluster = new PaperCluster();
    cluster.say('a', 'b', { ...append(3, ''), entries: [configurationEntry('a')] });
    cluster.say('c', 'b', { ...append(4, ''), entries: [configurationEntry('a')] });
    expect(await cluster.look()).toBe('holds');
    cluster.say('b', 'c', { ...append(5, ''), entries: [configurationEntry('b')] });
    expect(await cluster.look()).toBe('log-matching');
  });
});

describe('leader append-only', () => {
  it('is broken by a leader that removes or replaces an entry in its term', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { role: 'leader', term: 5, log: '1@1 2@5' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('a', { role: 'leader', term: 5, log: '1@1 2@5 3@5' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('a', { role: 'leader', term: 5, log: '1@1 2@5' });
    expect(await cluster.look()).toBe('leader-append-only');
  });
});

describe('leader completeness', () => {
  it('is broken by a leader without an entry committed in an earlier term', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@1 2@2');
    cluster.be('a', { term: 2, log: '1@1 2@2', commit: 2 });
    cluster.be('b', { role: 'leader', term: 3, log: '1@1' });
    expect(await cluster.look()).toBe('leader-completeness');
  });

  it('is not broken by a leader elected late, of a term before that of the commit', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@1 2@2');
    cluster.be('a', { term: 4, log: '1@1 2@2', commit: 2 });
    cluster.be('b', { role: 'leader', term: 3, log: '1@1' });
    expect(await cluster.look()).toBe('holds');
  });

  it('is broken by a leader that commits an entry of an earlier term by counting', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@1 2@2');
    cluster.be('a', { role: 'leader', term: 3, log: '1@1 2@2' });
    await cluster.look();
    cluster.be('a', { role: 'leader', term: 3, log: '1@1 2@2', commit: 2 });
    expect(await cluster.look()).toBe('leader-completeness');
    const other = new PaperCluster();
    other.write('1@1 2@3');
    other.be('a', { role: 'leader', term: 3, log: '1@1 2@3' });
    await other.look();
    other.be('a', { role: 'leader', term: 3, log: '1@1 2@3', commit: 2 });
    expect(await other.look()).toBe('holds');
  });

  it('is broken by a vote for a log that lacks entries', async () => {
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('', hardState(5, 'b'));
    cluster.be('a', { term: 5, log: '1@1 2@4' });
    cluster.say('b', 'a', {
      kind: 'voteRequest',
      term: term(5),
      lastIndex: logIndex(3),
      lastTerm: term(3),
      isTransfer: false,
    });
    cluster.say('a', 'b', { kind: 'voteReply', term: term(5), isGranted: false });
    expect(await cluster.look()).toBe('holds');
    cluster.say('a', 'b', { kind: 'voteReply', term: term(5), isGranted: true });
    expect(await cluster.look()).toBe('leader-completeness');
  });
});

describe('a pre-vote', () => {
  it('is for a log that lacks nothing, as a vote is', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { term: 4, log: '1@1 2@4' });
    const ask = (last: number) =>
      cluster.say('b', 'a', {
        kind: 'preVoteRequest',
        term: term(5),
        lastIndex: logIndex(last),
        lastTerm: term(4),
      });
    const grant = { kind: 'preVoteReply', term: term(5), isGranted: true } as const;
    ask(2);
    cluster.say('a', 'b', grant);
    // Of two requests about one term the answer may be to either.
    ask(1);
    cluster.say('a', 'b', grant);
    expect(await cluster.look()).toBe('holds');
    cluster.say('c', 'a', {
      kind: 'preVoteRequest',
      term: term(5),
      lastIndex: logIndex(1),
      lastTerm: term(4),
    });
    cluster.say('a', 'c', { ...grant, isGranted: false });
    expect(await cluster.look()).toBe('holds');
    cluster.say('a', 'c', grant);
    expect(await cluster.look()).toBe('leader-completeness');
  });
});

describe('a pre-vote that waited for the disk', () => {
  it('is no breach where the voter’s log has grown since it was asked', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { term: 4, log: '1@1' });
    const asked = {
      kind: 'preVoteRequest',
      term: term(5),
      lastIndex: logIndex(1),
      lastTerm: term(1),
    } as const;
    cluster.say('b', 'a', asked);
    cluster.be('a', { term: 7, log: '1@1 2@7' });
    cluster.say('a', 'b', { kind: 'preVoteReply', term: term(5), isGranted: true });
    expect(await cluster.look()).toBe('holds');
  });
});

describe('the commit of a leader', () => {
  it('ends in an entry of its own term, unless it followed before', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@1 2@2');
    cluster.be('a', { role: 'leader', term: 2, log: '1@1 2@2', commit: 1 });
    expect(await cluster.look()).toBe('holds');
    cluster.be('a', { role: 'leader', term: 2, log: '1@1 2@2', commit: 2 });
    expect(await cluster.look()).toBe('holds');
    cluster.be('b', { role: 'leader', term: 3, log: '1@1 2@2 3@3' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('b', { role: 'leader', term: 3, log: '1@1 2@2 3@3', commit: 2 });
    expect(await cluster.look()).toBe('leader-completeness');
  });
});

describe('state machine safety', () => {
  it('is broken by two entries committed at one index', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@2');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.be('b', { log: '1@3', commit: 1 });
    expect(await cluster.look()).toBe('state-machine-safety');
  });

  it('is broken by applying what is not committed, or another entry', async () => {
    for (const applied of ['2@2', '1@3']) {
      const cluster = new PaperCluster();
      cluster.write('1@2 2@2');
      cluster.be('a', { log: '1@2 2@2', commit: 1 });
      cluster.checks.onApply(nodeId('a'), 1, [command('1@2')]);
      cluster.checks.onApply(nodeId('b'), 1, [command(applied)]);
      expect(await cluster.look()).toBe('state-machine-safety');
    }
  });

  it('is not all: what is applied is on the own disk', async () => {
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('1@2');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.checks.onApply(nodeId('a'), 1, [command('1@2')]);
    expect(await cluster.look()).toBe('holds');
    cluster.checks.onApply(nodeId('c'), 1, [command('1@2')]);
    expect(await cluster.look()).toBe('apply-durable');
  });

  it('is broken by applying twice in a life, not by applying again in the next', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@2');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.checks.onApply(nodeId('a'), 1, [command('1@2')]);
    cluster.crash('a');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.checks.onApply(nodeId('a'), 2, [command('1@2')]);
    expect(await cluster.look()).toBe('holds');
    cluster.checks.onApply(nodeId('a'), 2, [command('1@2')]);
    expect(await cluster.look()).toBe('state-machine-safety');
  });
});

describe('state machine safety of what is left out', () => {
  it('is broken by a command that others apply, not by an entry that is none', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@2 2@2 3@2');
    for (const id of ['a', 'b', 'c']) cluster.be(id, { log: '1@2 2@2 3@2', commit: 3 });
    cluster.checks.onApply(nodeId('a'), 1, [command('1@2'), command('3@2')]);
    cluster.checks.onApply(nodeId('b'), 1, [command('1@2'), command('3@2')]);
    expect(await cluster.look()).toBe('holds');
    cluster.checks.onApply(nodeId('c'), 1, [command('3@2')]);
    expect(await cluster.look()).toBe('state-machine-safety');
  });
});

describe('a quorum', () => {
  const [A, B, C] = ['a', 'b', 'c'].map((id) => ({ id: nodeId(id), data: new Uint8Array(0) }));
  const others = { learners: [], removed: [] };

  it('is one of the voters where it was committed: the disk of a learner counts for nothing (R25)', async () => {
    const configuration = { kind: 'simple', voters: [A!, B!], learners: [C!], removed: [] } as const;
    const cluster = new PaperCluster();
    for (const id of ['a', 'c']) cluster.disk(id).set('1@2');
    cluster.disk('b').set('1@2');
    cluster.be('a', { log: '1@2', commit: 1, configuration });
    expect(await cluster.look()).toBe('holds');
    cluster.disk('b').set('');
    expect(await cluster.look()).toBe('committed-is-durable');
  });

  it('is one of both halves of a joint configuration (R21)', async () => {
    const configuration = { kind: 'joint', incoming: [C!], outgoing: [A!, B!, C!], ...others } as const;
    const cluster = new PaperCluster();
    for (const id of ['b', 'c']) cluster.disk(id).set('1@2');
    cluster.be('a', { log: '1@2', commit: 1, configuration });
    expect(await cluster.look()).toBe('holds');
    cluster.disk('a').set('1@2');
    cluster.disk('c').set('');
    expect(await cluster.look()).toBe('committed-is-durable');
  });

  it('elects nobody with the votes of one half alone', async () => {
    const configuration = { kind: 'joint', incoming: [B!, C!], outgoing: [A!, B!], ...others } as const;
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('', hardState(5, 'b'));
    cluster.be('a', { term: 5 });
    cluster.say('b', 'a', CANDIDACY);
    cluster.say('a', 'b', { kind: 'voteReply', term: term(5), isGranted: true });
    cluster.be('b', { role: 'leader', term: 5, configuration });
    expect(await cluster.look()).toBe('election-safety');
  });
});

describe('a committed entry', () => {
  it('is on the disks of a quorum, those of crashed nodes too', async () => {
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('1@2');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.crash('b');
    expect(await cluster.look()).toBe('holds');
    cluster.disk('b').set('');
    expect(await cluster.look()).toBe('committed-is-durable');
  });

  it('may be gone from a disk that was emptied', async () => {
    const cluster = new PaperCluster();
    for (const id of ['a', 'b']) cluster.disk(id).set('1@2');
    cluster.be('a', { log: '1@2', commit: 1 });
    cluster.disk('b').wipes += 1;
    cluster.disk('b').set('');
    expect(await cluster.look()).toBe('holds');
  });
});

describe('terms and commits', () => {
  it('never fall within a life, and a commit may after it', async () => {
    const cluster = new PaperCluster();
    cluster.write('1@2');
    cluster.be('a', { term: 3, log: '1@2', commit: 1 });
    expect(await cluster.look()).toBe('holds');
    cluster.crash('a');
    cluster.be('a', { term: 3, log: '1@2' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('a', { term: 2, log: '1@2' });
    expect(await cluster.look()).toBe('term-monotonic');
    const other = new PaperCluster();
    other.write('1@2');
    other.be('a', { log: '1@2', commit: 1 });
    await other.look();
    other.be('a', { log: '1@2', commit: 0 });
    expect(await other.look()).toBe('commit-monotonic');
  });

  it('never fall on a disk, unless it was emptied', async () => {
    const cluster = new PaperCluster();
    cluster.disk('a').set('', hardState(3, null));
    expect(await cluster.look()).toBe('holds');
    cluster.disk('a').wipes += 1;
    cluster.disk('a').set('', hardState(0, null));
    expect(await cluster.look()).toBe('holds');
    cluster.disk('b').set('', hardState(3, null));
    await cluster.look();
    cluster.disk('b').set('', hardState(2, null));
    expect(await cluster.look()).toBe('term-monotonic');
  });
});

describe('one vote in a term', () => {
  const grant = { kind: 'voteReply', term: term(4), isGranted: true } as const;

  it('is broken by a vote that changes, in memory or on disk', async () => {
    const cluster = new PaperCluster();
    cluster.be('a', { term: 4, votedFor: 'b' });
    await cluster.look();
    cluster.be('a', { term: 4, votedFor: 'b', role: 'candidate' });
    expect(await cluster.look()).toBe('holds');
    cluster.be('a', { term: 4, votedFor: 'c' });
    expect(await cluster.look()).toBe('one-vote-per-term');
    const other = new PaperCluster();
    other.disk('a').set('', hardState(4, 'b'));
    await other.look();
    other.disk('a').set('', hardState(4, 'c'));
    expect(await other.look()).toBe('one-vote-per-term');
  });

  it('is broken by a vote told before it is on disk, a candidate’s own too', async () => {
    const cluster = new PaperCluster();
    cluster.disk('a').set('', hardState(4, 'b'));
    cluster.say('a', 'b', grant);
    cluster.disk('b').set('', hardState(5, null));
    cluster.say('b', 'a', grant);
    expect(await cluster.look()).toBe('holds');
    cluster.say('c', 'b', grant);
    expect(await cluster.look()).toBe('one-vote-per-term');
    const other = new PaperCluster();
    other.say('a', 'b', {
      kind: 'voteRequest',
      term: term(1),
      lastIndex: logIndex(0),
      lastTerm: term(0),
      isTransfer: false,
    });
    expect(await other.look()).toBe('one-vote-per-term');
  });

  it('is broken by two votes told in two lives', async () => {
    const cluster = new PaperCluster();
    cluster.disk('a').set('', hardState(4, 'b'));
    cluster.say('a', 'b', grant);
    cluster.disk('a').set('', hardState(5, null));
    cluster.say('a', 'b', grant);
    expect(await cluster.look()).toBe('holds');
    cluster.say('a', 'c', grant);
    expect(await cluster.look()).toBe('one-vote-per-term');
  });
});

describe('an acknowledgement', () => {
  const reply = { kind: 'appendReply', term: term(4), matched: logIndex(2), round: ROUND_0 } as const;

  it('is of entries that are on disk, unless a later term has replaced them', async () => {
    const cluster = new PaperCluster();
    cluster.disk('a').set('1@4 2@4', hardState(4, null));
    cluster.say('a', 'b', reply);
    cluster.disk('b').set('', hardState(5, null));
    cluster.say('b', 'a', reply);
    expect(await cluster.look()).toBe('holds');
    cluster.disk('c').set('1@4', hardState(4, null));
    cluster.say('c', 'a', reply);
    expect(await cluster.look()).toBe('committed-is-durable');
  });

  it('does not outrun its term', async () => {
    const cluster = new PaperCluster();
    cluster.disk('a').set('1@1 2@1', hardState(3, null));
    cluster.say('a', 'b', reply);
    expect(await cluster.look()).toBe('term-monotonic');
  });
});
