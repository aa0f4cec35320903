/** Only a log that holds every committed entry can win an election. Source: Raft §5.4.1, §5.4.3. */

import { describe, expect, it } from 'vitest';
import { append, preVoteReply, preVoteRequest, sent, voteRequest } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';

/** Last entry of the candidate, log of the voter, and whether the candidate's log is no less complete. */
const LOGS: readonly (readonly [string, string, boolean])[] = [
  // Equal terms: the longer log, or as long a one.
  ['1@1', '1@1', true],
  ['2@1', '1@1', true],
  ['1@1', '1@1 2@1', false],
  ['0@0', '', true],
  ['1@1', '', true],
  ['0@0', '1@1', false],
  // A later last term: however short.
  ['1@2', '1@1', true],
  ['1@2', '1@1 2@1', true],
  ['1@2', '1@1 2@1 3@1', true],
  // An earlier last term: however long.
  ['1@1', '1@2', false],
  ['2@1', '1@2', false],
  ['9@1', '1@1 2@2', false],
];

describe('§5.4.1 the election restriction', () => {
  it('makes a candidate name its last entry in every request', () => {
    const node = new TestNode({ log: '1@1 2@2 3@2', term: 5 });
    node.input({ kind: 'campaign' });
    const asked = sent(node.effects).map(({ to, message }) => ({ to, ...message }));
    expect(asked).toEqual([
      { to: 'b', ...preVoteRequest(6, '3@2') },
      { to: 'c', ...preVoteRequest(6, '3@2') },
    ]);
    const effects = node.receive('b', preVoteReply(6, true));
    expect(sent(effects).map((send) => send.message)).toEqual([voteRequest(6, '3@2'), voteRequest(6, '3@2')]);
  });

  for (const [last, log, isComplete] of LOGS) {
    it(`${isComplete ? 'grants' : 'refuses'} a vote to a log that ends in ${last}, where its own is [${log}]`, () => {
      const voter = new TestNode({ log, term: 3 });
      const answers = sent(voter.receive('b', voteRequest(4, last)));
      expect(answers.map((send) => send.message)).toEqual([
        { kind: 'voteReply', term: 4, isGranted: isComplete },
      ]);
      expect(voter.state.votedFor).toBe(isComplete ? 'b' : null);
    });
  }

  it('compares with the whole log of the voter, what is not yet on its disk too', () => {
    const voter = new TestNode({ log: '1@1', term: 1 });
    voter.receive('c', append({ term: 1, prev: '1@1', entries: '2@1' }));
    voter.nowMs += 2000;
    const answers = sent(voter.receive('b', voteRequest(2, '1@1')));
    expect(answers.at(-1)?.message).toMatchObject({ kind: 'voteReply', isGranted: false });
  });

  it('lets no candidate win that lacks a committed entry, however often it asks', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.loses = (from, to) => from === 'c' || to === 'c';
    cluster.elect('a');
    cluster.propose('a', 1);
    cluster.deliver();
    expect(cluster.commits()).toMatchObject({ a: 2, c: 0 });

    cluster.crash('a');
    cluster.heal();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      cluster.nowMs += 2000;
      cluster.campaign('c');
      expect(cluster.leaders()).toEqual([]);
    }
    // The one that holds it wins, and brings it to the other.
    cluster.elect('b');
    expect(cluster.logs()).toMatchObject({ b: '1@1 2@1 3@2', c: '1@1 2@1 3@2' });
  });

  it('gives every later leader all that was committed before, whichever majority committed it', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const left of names.slice(1)) {
      for (const out of names.slice(1).filter((name) => name !== left)) {
        const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {}, e: {} });
        // Two followers hear nothing: the leader and the other two commit.
        cluster.loses = (from, to) => [from, to].some((name) => name === left || name === out);
        cluster.elect('a');
        cluster.propose('a', 1);
        cluster.deliver();
        expect(cluster.state('a').commitIndex).toBe(2);
        cluster.crash('a');
        cluster.heal();
        const winners = names.slice(1).filter((name) => {
          cluster.nowMs += 2000;
          cluster.campaign(name);
          cluster.campaign(name);
          return cluster.leaders().includes(name);
        });
        expect(winners.length).toBeGreaterThan(0);
        // The first to campaign may lack the entry, but then somebody refuses it a majority.
        expect(winners[0] === left || winners[0] === out).toBe(false);
        for (const log of Object.values(cluster.logs())) expect(log.startsWith('1@1 2@1')).toBe(true);
      }
    }
  });
});
