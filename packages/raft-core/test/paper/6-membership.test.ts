/** Changes of who takes part. Source: Raft §6; Diss. §4; rules R21 to R26. */

import { describe, expect, it } from 'vitest';
import { statusOf } from '../../src/index.ts';
import { only } from '../support/messages.ts';
import { change, inForce } from '../support/membership.ts';
import { TestCluster } from '../support/test-cluster.ts';

/** How the request ended at `name`; empty while it has not. */
function outcome(cluster: TestCluster, name: string, number: number): string[] {
  const results = only(cluster.node(name).effects, 'result').filter((one) => one.ref === number);
  return results.map((one) => {
    if (one.outcome === 'committed') return `committed at ${one.index}@${one.term}`;
    return one.outcome === 'refused' ? `refused: ${one.reason}` : one.outcome;
  });
}

/** A leads `voters`, its no-op is committed everywhere; the others are there, and know of nothing. */
function led(voters: string, spares = ''): TestCluster {
  const names = `${voters} ${spares}`.split(' ').filter((name) => name !== '');
  const cluster = new TestCluster(Object.fromEntries(names.map((name) => [name, {}])), voters);
  cluster.elect('a');
  cluster.run(20);
  return cluster;
}

/** As `led`, with `learners` caught up. */
function ledWithLearners(voters: string, learners: string): TestCluster {
  const cluster = led(voters, learners);
  cluster.input('a', change(90, voters, learners));
  cluster.run(300);
  expect(outcome(cluster, 'a', 90)).toEqual(['committed at 2@1']);
  return cluster;
}

function configurations(cluster: TestCluster, names: string): string[] {
  return names.split(' ').map((name) => inForce(cluster.state(name)));
}

describe('a change of voters (Raft §6, joint consensus)', () => {
  it('goes by way of a joint configuration, which is left by itself', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.input('a', change(1, 'a b c d'));
    expect(inForce(cluster.state('a'))).toBe('a b c d from a b c @3');
    cluster.deliver();
    expect(outcome(cluster, 'a', 1)).toEqual(['committed at 4@1']);
    cluster.run(20);
    expect(configurations(cluster, 'a b c d')).toEqual(Array(4).fill('a b c d @4'));
  });

  it('is left once, however often its commit is heard of', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.input('a', change(1, 'a b c d'));
    cluster.run(500);
    const kinds = cluster
      .state('a')
      .log.tail.entries.slice()
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['no-op', 'configuration', 'configuration', 'configuration']);
  });

  it('replaces all voters at once', () => {
    const cluster = ledWithLearners('a b c', 'd e f');
    cluster.input('a', change(1, 'd e f'));
    cluster.run(3000);
    expect(outcome(cluster, 'a', 1)).toEqual(['committed at 4@1']);
    expect(cluster.leaders().every((name) => 'def'.includes(name))).toBe(true);
    expect(configurations(cluster, 'd e f')).toEqual(Array(3).fill('d e f, removed a b c @4'));
  });

  it('takes the leader of one voter to three and back', () => {
    const cluster = ledWithLearners('a', 'b c');
    cluster.input('a', change(1, 'a b c'));
    cluster.run(20);
    expect(outcome(cluster, 'a', 1)).toEqual(['committed at 4@1']);
    cluster.input('a', change(2, 'a'));
    cluster.run(20);
    expect(outcome(cluster, 'a', 2)).toEqual(['committed at 6@1']);
    cluster.propose('a', 3);
    expect(outcome(cluster, 'a', 3)).toEqual(['committed at 7@1']);
  });

  it('is needed in both halves: the old voters alone commit nothing', () => {
    const cluster = ledWithLearners('a b c', 'd e');
    cluster.loses = (from, to) => 'de'.includes(from) || 'de'.includes(to);
    cluster.input('a', change(1, 'a d e'));
    cluster.propose('a', 2);
    cluster.deliver();
    expect(cluster.state('a').commitIndex).toBe(2);
    cluster.heal();
    cluster.run(200);
    expect([outcome(cluster, 'a', 1), outcome(cluster, 'a', 2)]).toEqual([
      ['committed at 5@1'],
      ['committed at 4@1'],
    ]);
  });

  it('is needed in both halves: the new voters alone commit nothing', () => {
    const cluster = ledWithLearners('a b c', 'd e');
    cluster.loses = (from, to) => 'bc'.includes(from) || 'bc'.includes(to);
    cluster.input('a', change(1, 'a d e'));
    cluster.deliver();
    expect(cluster.state('a').commitIndex).toBe(2);
  });
});

describe('a change that leaves the voters as they are (R21)', () => {
  it('skips the joint step', () => {
    const cluster = led('a b c', 'd');
    cluster.input('a', change(1, 'a b c', 'd'));
    expect(inForce(cluster.state('a'))).toBe('a b c, learner d @2');
    cluster.run(300);
    expect(configurations(cluster, 'b c d')).toEqual(Array(3).fill('a b c, learner d @2'));
  });

  it('carries the host’s record of a member to all', () => {
    const cluster = led('a b c');
    const wanted = change(1, 'a b c');
    const voters = wanted.targets.voters.map((member) => ({ ...member, data: new Uint8Array([7]) }));
    cluster.input('a', { ...wanted, targets: { voters, learners: [] } });
    cluster.run(20);
    const { configuration } = cluster.state('b').log.configurations.at(-1)!;
    expect(configuration).toMatchObject({ kind: 'simple', voters });
  });
});

describe('a configuration is in force from when it is appended (Raft §6)', () => {
  it('and out of it where it is truncated: the one before is in force again (R21)', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.loses = (from) => from === 'a';
    cluster.input('a', change(1, 'a b c d'));
    expect(inForce(cluster.state('a'))).toBe('a b c d from a b c @3');
    cluster.partition('a');
    cluster.run(1500);
    cluster.heal();
    cluster.run(1500);
    expect(configurations(cluster, 'a b c d')).toEqual(Array(4).fill('a b c, learner d @2'));
    expect(outcome(cluster, 'a', 1)).toEqual(['unknown']);
  });

  it('also on the node that learns by it that it takes part', () => {
    const cluster = led('a b c', 'd');
    cluster.input('a', change(1, 'a b c', 'd'));
    cluster.run(300);
    expect(inForce(cluster.state('d'))).toBe('a b c, learner d @2');
    expect(cluster.node('d').wakeAtMs).toBeNull();
  });
});

describe('another leader finishes the change (R22)', () => {
  it('where the joint configuration was all that was left of the first', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.input('a', change(1, 'b c d'));
    // The joint configuration is everywhere, and nobody knows it to be committed.
    cluster.loses = (_from, to, message) =>
      to === 'a' || (message.kind === 'append' && message.commitIndex > 2);
    cluster.deliver();
    cluster.crash('a');
    cluster.heal();
    cluster.run(3000);
    expect(cluster.leaders().length).toBe(1);
    expect(configurations(cluster, 'b c d')).toEqual(Array(3).fill('b c d, removed a @5'));
    const kinds = cluster
      .state('b')
      .log.tail.entries.slice()
      .map(({ kind }) => kind);
    expect(kinds).toEqual(['no-op', 'configuration', 'configuration', 'no-op', 'configuration']);
  });

  it('and whoever began it is told that the outcome is not known', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.input('a', change(1, 'a b c d'));
    cluster.loses = () => true;
    cluster.run(1500);
    expect(outcome(cluster, 'a', 1)).toEqual(['unknown']);
  });
});

describe('a crash at any point of a joint change (edge case 25)', () => {
  for (const [victim, step] of [
    ['a', 2],
    ['d', 6],
  ] as const) {
    it(`of ${victim} leaves a configuration that all agree on, and that is not joint`, () => {
      const ends = new Set<string>();
      for (let passing = 0; passing < 20; passing += step) {
        const cluster = ledWithLearners('a b c', 'd e');
        let left = passing;
        cluster.loses = () => (left -= 1) < 0;
        cluster.input('a', change(1, 'b c d', 'e'));
        cluster.deliver();
        cluster.crash(victim);
        cluster.heal();
        cluster.run(1200);
        cluster.restart(victim);
        cluster.run(1200);
        const [end, ...others] = configurations(cluster, 'b c d e');
        expect(others).toEqual(others.map(() => end));
        expect(end).not.toContain('from');
        expect(cluster.leaders().length).toBe(1);
        ends.add(end!.replace(/ @.*/u, ''));
      }
      // Where it was early, the leader of before lost what only it knew; else the change was finished without it.
      expect([...ends]).toContain('b c d, learner e, removed a');
    });
  }
});

describe('a removed leader (Raft §6; R25)', () => {
  it('counts itself nowhere, leads until the change is committed, and goes', () => {
    const cluster = led('a b c');
    cluster.loses = (from, to) => from === 'c' || to === 'c';
    cluster.input('a', change(1, 'b c'));
    cluster.deliver();
    // With a it would be a majority of two: b and a.
    expect(outcome(cluster, 'a', 1)).toEqual([]);
    cluster.heal();
    cluster.run(200);
    expect(outcome(cluster, 'a', 1)).toEqual(['committed at 3@1']);
    expect(cluster.state('a').role.kind).toBe('follower');
    expect(cluster.node('a').wakeAtMs).toBeNull();
    expect(statusOf(cluster.state('a')).isRemoved).toBe(true);
    cluster.run(2000);
    expect(cluster.leaders().every((name) => name !== 'a')).toBe(true);
    expect(cluster.leaders().length).toBe(1);
  });

  it('goes too where it was made a learner, and is none that was removed', () => {
    const cluster = led('a b c');
    cluster.input('a', change(1, 'b c', 'a'));
    cluster.run(2000);
    expect(cluster.leaders()).not.toContain('a');
    expect(statusOf(cluster.state('a'))).toMatchObject({ isRemoved: false, configurationIndex: 3 });
  });

  it('leaves a cluster of two to the other', () => {
    const cluster = led('a b');
    cluster.input('a', change(1, 'b'));
    cluster.run(2000);
    expect(cluster.leaders()).toEqual(['b']);
    cluster.propose('b', 5);
    expect(outcome(cluster, 'b', 5)).toEqual(['committed at 5@2']);
  });
});

describe('a removed follower (Raft §6; R26)', () => {
  it('hears that it is gone, and campaigns no more', () => {
    const cluster = led('a b c');
    cluster.input('a', change(1, 'a b'));
    cluster.run(5000);
    expect(statusOf(cluster.state('c'))).toMatchObject({ isRemoved: true, currentTerm: 1 });
    expect(cluster.node('c').wakeAtMs).toBeNull();
    expect(
      cluster
        .node('a')
        .leader()
        .progress.map(({ id }) => id),
    ).toEqual(['b']);
    expect(cluster.state('a').currentTerm).toBe(1);
  });

  it('is told by those that it asks for votes, where it heard nothing', () => {
    const cluster = led('a b c');
    cluster.partition('c');
    cluster.input('a', change(1, 'a b'));
    cluster.run(3000);
    expect(statusOf(cluster.state('c')).isRemoved).toBe(false);
    cluster.heal();
    cluster.run(3000);
    expect(statusOf(cluster.state('c'))).toMatchObject({ isRemoved: true, role: 'follower' });
    expect(cluster.leaders()).toEqual(['a']);
    expect(cluster.state('a').currentTerm).toBe(1);
  });
});

describe('learners (Diss. §4.2.1; R24, R25)', () => {
  it('count in no quorum', () => {
    const cluster = ledWithLearners('a b c', 'd e');
    cluster.loses = (from, to) => 'bc'.includes(from) || 'bc'.includes(to);
    cluster.propose('a', 1);
    cluster.read('a', 2);
    cluster.run(200);
    expect(cluster.state('a').commitIndex).toBe(2);
    expect(only(cluster.node('a').effects, 'readable')).toEqual([]);
    cluster.run(1500);
    expect(cluster.leaders()).toEqual([]);
  });

  it('vote all the same for whoever counts on them: they may not know yet that they are voters', () => {
    const cluster = ledWithLearners('a b c', 'd');
    cluster.loses = (_from, to, message) => to === 'd' && message.kind === 'append';
    cluster.input('a', change(1, 'a b d'));
    cluster.deliver();
    cluster.crash('a');
    cluster.heal();
    expect(configurations(cluster, 'b d')).toEqual(['a b d, removed c @4', 'a b c, learner d @2']);
    cluster.run(2000);
    expect(cluster.leaders()).toEqual(['b']);
    expect(inForce(cluster.state('d'))).toBe('a b d, removed c @4');
  });
});
