/** Snapshots take the place of the log's beginning. Source: Raft §7. */

import { describe, expect, it } from 'vitest';
import { logIndex } from '../../src/index.ts';
import { inForce, change } from '../support/membership.ts';
import { TestCluster } from '../support/test-cluster.ts';

const OPTIONS = { compactionWaitMaxMs: 1 };

/** Led by `a`, which has committed its no-op at 1 and eight commands; `c` hears nothing of them where it is cut off. */
function cluster(isCutOff: boolean): TestCluster {
  const nodes = new TestCluster({
    a: { options: OPTIONS },
    b: { options: OPTIONS },
    c: { options: OPTIONS },
  });
  nodes.elect('a');
  if (isCutOff) nodes.partition('c');
  for (let number = 1; number <= 8; number += 1) nodes.propose('a', number);
  nodes.deliver();
  nodes.run(50);
  return nodes;
}

function compact(nodes: TestCluster, name: string, index: number): void {
  nodes.input(name, { kind: 'compacted', index: logIndex(index) });
  nodes.run(50);
}

function bases(nodes: TestCluster): number[] {
  return ['a', 'b', 'c'].map((name) => nodes.state(name).log.base.index);
}

function applied(nodes: TestCluster): number[] {
  return ['a', 'b', 'c'].map((name) => nodes.state(name).appliedIndex);
}

describe('§7 log compaction', () => {
  it('is each server’s own: the logs begin where each will', () => {
    const nodes = cluster(false);
    compact(nodes, 'a', 7);
    compact(nodes, 'b', 3);
    expect(bases(nodes)).toEqual([7, 3, 0]);
    nodes.propose('a', 9);
    nodes.deliver();
    nodes.run(50);
    expect(applied(nodes)).toEqual([10, 10, 10]);
  });

  it('needs no leader: any server may discard what a snapshot of it holds', () => {
    const nodes = cluster(false);
    nodes.crash('a');
    compact(nodes, 'b', 9);
    expect(nodes.state('b').log.base.index).toBe(9);
    nodes.run(3000);
    expect(nodes.leaders()).toHaveLength(1);
    expect(nodes.state('b').appliedIndex).toBe(10);
    expect(nodes.node('b').log()).toMatch(/^10@\d+$/);
  });

  it('keeps the last included index and term for the consistency check of the first entry after it', () => {
    const nodes = cluster(false);
    for (const name of ['a', 'b', 'c']) compact(nodes, name, 9);
    expect(nodes.state('c').log.base).toMatchObject({ index: 9, term: 1 });
    nodes.propose('a', 9);
    nodes.deliver();
    expect(nodes.logs()).toEqual({ a: '10@1', b: '10@1', c: '10@1' });
  });

  it('keeps the latest configuration as of the last included index', () => {
    const nodes = cluster(false);
    nodes.input('a', change(20, 'a b', 'c'));
    nodes.deliver();
    nodes.run(50);
    const before = inForce(nodes.state('a'));
    compact(nodes, 'a', nodes.state('a').appliedIndex);
    expect(before).toBe('a b, learner c @11');
    expect(inForce(nodes.state('a'))).toBe(before);
    expect(nodes.state('a').log.configurations).toEqual([]);
  });

  it('survives a restart: what the snapshot holds, and the entries behind it', () => {
    const nodes = cluster(false);
    compact(nodes, 'b', 6);
    nodes.crash('b');
    nodes.restart('b');
    expect(nodes.state('b')).toMatchObject({ log: { base: { index: 6, term: 1 } } });
    expect(nodes.node('b').log()).toBe('7@1 8@1 9@1');
    nodes.run(200);
    expect(applied(nodes)).toEqual([9, 9, 9]);
  });
});

describe('§7 InstallSnapshot', () => {
  it('brings up a follower that lacks what the leader has discarded', () => {
    const nodes = cluster(true);
    nodes.run(1500);
    compact(nodes, 'a', 7);
    nodes.heal();
    nodes.run(2500);
    expect(nodes.state('c').log.base.index).toBe(7);
    expect(new Set(applied(nodes)).size).toBe(1);
    expect(nodes.leaders()).toHaveLength(1);
  });

  it('is sent again until it arrives', () => {
    const nodes = cluster(true);
    nodes.run(1500);
    compact(nodes, 'a', 7);
    compact(nodes, 'b', 7);
    let broken = 0;
    nodes.breaksStream = () => (broken += 1) < 4;
    nodes.heal();
    nodes.run(4000);
    expect(broken).toBe(4);
    expect(new Set(applied(nodes)).size).toBe(1);
  });

  it('discards a log that conflicts with the snapshot', () => {
    const nodes = new TestCluster({
      a: { log: '1@1 2@3 3@3 4@3', commit: 4, options: OPTIONS },
      b: { log: '1@1 2@3 3@3 4@3', commit: 4, options: OPTIONS },
      c: { log: '1@1 2@2 3@2 4@2 5@2 6@2', term: 2, options: OPTIONS },
    });
    nodes.input('a', { kind: 'compacted', index: logIndex(4) });
    nodes.elect('a');
    nodes.run(500);
    expect(nodes.logs()).toEqual({ a: '5@4', b: '1@1 2@3 3@3 4@3 5@4', c: '5@4' });
    expect(bases(nodes)).toEqual([4, 0, 4]);
  });

  it('retains the entries behind a snapshot that describes a prefix of the log', () => {
    const nodes = cluster(false);
    const { base, ...rest } = nodes.state('a').log;
    expect(rest.tail.entries).toHaveLength(9);
    nodes.hold('c');
    // From whom does not matter: it is committed.
    nodes.propose('a', 9);
    nodes.propose('a', 10);
    nodes.loses = (_, to, message) => to === 'c' && message.kind === 'append' && message.commitIndex > 9;
    nodes.deliver();
    const { term } = nodes.state('c').log.termRanges[0]!;
    nodes.input('c', {
      kind: 'snapshotReceived',
      from: nodes.state('b').options.id,
      base: { ...base, index: logIndex(10), term },
    });
    nodes.sync('c');
    expect(nodes.node('c').log()).toBe('11@1');
    expect(nodes.state('c')).toMatchObject({ commitIndex: 10, appliedIndex: 10 });
  });
});
