/** Committing entries from previous terms. Source: Raft §5.4.2, Figure 8. */

import { describe, expect, it } from 'vitest';
import { logIndex, term } from '../../src/index.ts';
import type { Message } from '../../src/index.ts';
import { quorumValue } from '../../src/contract/quorum.ts';
import { committable } from '../../src/rules/commit.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';

describe('§5.4.2 entries of earlier terms', () => {
  it('leaves an older-term entry uncommitted until one of its own is', () => {
    const node = new TestNode({ log: '1@1 2@2', term: 3 }).elect();
    expect(node.log()).toBe('1@1 2@2 3@4');

    node.matched('b', 2);
    expect(node.state.commitIndex).toBe(0);

    node.matched('b', 3);
    expect(node.state.commitIndex).toBe(3);
  });

  it('leaves an older-term entry uncommitted on all disks too, and with a commit index before it', () => {
    const node = new TestNode({ log: '1@1 2@2 3@3', commit: 1 }).elect();
    node.matched('b', 3);
    node.matched('c', 3);
    expect(node.state.commitIndex).toBe(1);
  });

  it('counts replicas of the current term only, wherever the majority stands', () => {
    const { log } = new TestNode({ log: '1@1 2@1 3@2 4@4 5@4' }).state;
    const commit = (inTerm: number, ...matches: number[]) =>
      committable({
        currentTerm: term(inTerm),
        commitIndex: logIndex(1),
        log,
        quorumIndex: logIndex(quorumValue(matches)),
      });
    expect([commit(4, 3, 3, 5), commit(4, 4, 5, 0), commit(4, 5, 5, 5)]).toEqual([1, 4, 5]);
    // A later leader has none of its own yet: it may commit nothing, whoever holds what.
    expect([commit(5, 5, 5, 5), commit(5, 0, 0, 5)]).toEqual([1, 1]);
  });
});

/** Figure 8, in the names of the paper; each leader also opens its term with a no-op. */
function figure8(): TestCluster {
  const small = { log: '1@1', commit: 1, options: { appendBytesMax: 1 } };
  const cluster = new TestCluster({ s1: small, s2: small, s3: small, s4: small, s5: small });
  // (a) S1 leads term 2, and its entry reaches S2 only.
  cluster.loses = (_, to, message) => carriesEntry(message) && to !== 's2';
  cluster.elect('s1');
  expect(cluster.logs()).toEqual({ s1: '1@1 2@2', s2: '1@1 2@2', s3: '1@1', s4: '1@1', s5: '1@1' });

  // (b) S1 crashes. S5 leads term 3 by the votes of S3 and S4; its entry at index 2 reaches nobody.
  cluster.crash('s1');
  cluster.nowMs += 2000;
  cluster.loses = (_, __, message) => message.kind === 'append';
  cluster.elect('s5');
  expect(cluster.logs()).toMatchObject({ s2: '1@1 2@2', s3: '1@1', s4: '1@1', s5: '1@1 2@3' });

  // (c) S5 crashes. S1 starts again, learns of term 3, and leads term 4.
  cluster.crash('s5');
  cluster.restart('s1');
  cluster.nowMs += 2000;
  return cluster;
}

function carriesEntry(message: Message, index = 0): boolean {
  return message.kind === 'append' && message.entries.some((entry) => entry.index >= index);
}

describe('§5.4.2 the story of Figure 8', () => {
  it('replaces an entry of term 2 that a majority held: no leader had called it committed', () => {
    const cluster = figure8();
    // (c) A heartbeat finds that S3 lacks 2@2, and brings it: three of five hold it; nothing of term 4 leaves S1.
    cluster.loses = (_, to, message) => to === 's4' || carriesEntry(message, 3);
    cluster.campaign('s1');
    cluster.elect('s1');
    cluster.nowMs += 100;
    cluster.input('s1', { kind: 'timer' });
    cluster.deliver();
    expect(cluster.logs()).toMatchObject({ s1: '1@1 2@2 3@4', s2: '1@1 2@2', s3: '1@1 2@2' });
    expect(cluster.node('s1').progress('s3').matchIndex).toBe(2);
    expect(cluster.commits()).toMatchObject({ s1: 1, s2: 1, s3: 1 });

    // (d) S1 crashes. S5's last entry is of a later term than S2's, S3's and S4's: it is elected, and all follow it.
    cluster.crash('s1');
    cluster.heal();
    cluster.restart('s5');
    cluster.nowMs += 2000;
    cluster.campaign('s5');
    cluster.elect('s5');
    cluster.restart('s1');
    cluster.run(300);
    const log = '1@1 2@3 3@5';
    expect(cluster.logs()).toEqual({ s1: log, s2: log, s3: log, s4: log, s5: log });
    expect(cluster.commits()).toEqual({ s1: 3, s2: 3, s3: 3, s4: 3, s5: 3 });
  });

  it('keeps the entry of term 2 for ever once one of term 4 stands on a majority above it', () => {
    const cluster = figure8();
    cluster.loses = (_, to) => to === 's4';
    cluster.campaign('s1');
    cluster.elect('s1');
    expect(cluster.state('s1').commitIndex).toBe(3);

    // (e) S1 crashes. S5 cannot win any more: S2 and S3 end in a later term.
    cluster.crash('s1');
    cluster.heal();
    cluster.restart('s5');
    cluster.nowMs += 2000;
    for (let attempt = 0; attempt < 3; attempt += 1) cluster.campaign('s5');
    expect(cluster.leaders()).toEqual([]);

    cluster.elect('s2');
    cluster.run(300);
    expect(cluster.logs()).toMatchObject({ s2: '1@1 2@2 3@4 4@5', s5: '1@1 2@2 3@4 4@5' });
    expect(cluster.commits()).toMatchObject({ s2: 4, s3: 4, s4: 4, s5: 4 });
  });
});
