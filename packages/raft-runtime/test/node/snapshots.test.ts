/** Snapshots through a node: taken, sent, received, installed. Source: Raft §7; R33. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/index.ts';
import { Cluster, type Member, type MemberSetup } from '../support/cluster.ts';
import { Keeper } from '../support/keeper.ts';
import { bytes } from '../support/machine.ts';

/** Small enough that every few commands make a snapshot due. */
const SNAPSHOT_LOG_BYTES = 400;
/** As `a` to `c` write them. */
const WORDS = Array.from({ length: 40 }, (_, at) => `word ${at}`);

const NOTHING = (): void => {};

type Kept = Cluster & { readonly keepers: Map<string, Keeper> };

/** Each start has a machine of its own. */
function setup(cluster: Kept, name: string, more: MemberSetup = {}): MemberSetup {
  const keeper = new Keeper();
  cluster.keepers.set(name, keeper);
  const core = { compactionWaitMaxMs: 50, ...more.core };
  return { snapshotLogBytes: SNAPSHOT_LOG_BYTES, ...more, core, stateMachine: keeper };
}

async function elected(): Promise<Kept> {
  const cluster = Object.assign(new Cluster(), { keepers: new Map<string, Keeper>() });
  for (const name of ['a', 'b', 'c']) await cluster.start(name, setup(cluster, name));
  await cluster.elect('a');
  return cluster;
}

async function write(cluster: Cluster, words: readonly string[], by = 'a'): Promise<void> {
  for (const word of words) await cluster.end(cluster.node(by).propose(bytes(word)));
}

function keeperOf(cluster: Kept, name: string): Keeper {
  return cluster.keepers.get(name)!;
}

function baseOf({ node }: Member): number {
  return node.coreState().log.base.index;
}

/** `c` was away while the others wrote, and forgot what it lacks. */
async function leftBehind(): Promise<Kept> {
  const cluster = await elected();
  await cluster.kill('c');
  await write(cluster, WORDS);
  await cluster.world.elapse(3000);
  expect(baseOf(cluster.member('a'))).toBeGreaterThan(cluster.storage('c').lastIndex);
  return cluster;
}

describe('a node whose log has grown', () => {
  it('takes a snapshot, and its log begins behind it', async () => {
    const cluster = await elected();
    await write(cluster, WORDS);
    for (const name of ['a', 'b', 'c']) {
      const member = cluster.member(name);
      expect(baseOf(member)).toBeGreaterThan(10);
      expect(member.node.metrics().snapshotsTaken).toBeGreaterThan(2);
      expect(member.notices).toContainEqual(expect.objectContaining({ kind: 'snapshot-taken' }));
    }
  });

  it('takes the next one only when the log has grown by as much as the last one took', async () => {
    const cluster = await elected();
    await write(cluster, ['x'.repeat(3000)]);
    const { snapshotsTaken } = cluster.node('a').metrics();
    await write(cluster, WORDS.slice(0, 20));
    expect(cluster.node('a').metrics().snapshotsTaken).toBe(snapshotsTaken);
    await write(cluster, WORDS);
    expect(cluster.node('a').metrics().snapshotsTaken).toBe(snapshotsTaken + 1);
  });

  it('begins again from it after a restart, and applies the rest', async () => {
    const cluster = await elected();
    await write(cluster, WORDS);
    const member = await cluster.restart('b', setup(cluster, 'b'));
    await cluster.world.elapse(200);
    expect(keeperOf(cluster, 'b')).toMatchObject({ commands: WORDS, restored: 1 });
    expect(keeperOf(cluster, 'b').calls.length).toBeLessThan(WORDS.length);
    expect(member.failures).toEqual([]);
  });

  it('goes on without one where the storage cannot keep it, says so, and tries again later', async () => {
    const cluster = await elected();
    cluster.storage('a').snapshotError = new Error('no space');
    await write(cluster, WORDS.slice(0, 12));
    const member = cluster.member('a');
    expect(member.notices).toContainEqual(
      expect.objectContaining({ kind: 'snapshot-failed', cause: new Error('no space') }),
    );
    expect([baseOf(member), member.failures]).toEqual([0, []]);
    cluster.storage('a').snapshotError = null;
    await write(cluster, WORDS.slice(12));
    expect(baseOf(member)).toBeGreaterThan(0);
  });

  it('keeps its log whole where the machine has no snapshots', async () => {
    const stateMachine = { apply: (commands: readonly Command[]) => commands.map(({ index }) => `${index}`) };
    const cluster = await Cluster.elected('a b c', { snapshotLogBytes: 1, stateMachine });
    await write(cluster, WORDS);
    expect(baseOf(cluster.member('a'))).toBe(0);
  });
});

describe('a node that was away for too long', () => {
  it('is sent a snapshot, and goes on from there', async () => {
    const cluster = await leftBehind();
    const member = await cluster.start('c', setup(cluster, 'c'));
    await cluster.world.elapse(1000);
    expect(keeperOf(cluster, 'c').commands).toEqual(WORDS);
    expect(member.node.metrics()).toMatchObject({ snapshotsReceived: 1, snapshotsInstalled: 1 });
    expect(cluster.node('a').metrics().snapshotsSent).toBe(1);
    await write(cluster, ['more']);
    await cluster.world.elapse(100);
    expect(keeperOf(cluster, 'c').commands.at(-1)).toBe('more');
  });

  it('is sent it again where the storage could not keep it', async () => {
    const cluster = await leftBehind();
    cluster.storage('c').snapshotError = new Error('no space');
    const member = await cluster.start('c', setup(cluster, 'c'));
    await cluster.world.elapse(300);
    expect(keeperOf(cluster, 'c').commands).toEqual([]);
    cluster.storage('c').snapshotError = null;
    await cluster.world.elapse(500);
    expect(keeperOf(cluster, 'c').commands).toEqual(WORDS);
    expect(member.failures).toEqual([]);
  });

  it('begins anew from the snapshot where it stops before the machine was made from it', async () => {
    const cluster = await leftBehind();
    const more = setup(cluster, 'c');
    keeperOf(cluster, 'c').gate = new Promise(() => {});
    await cluster.start('c', more);
    await cluster.world.elapse(1000);
    expect(keeperOf(cluster, 'c').restored).toBe(0);
    await cluster.restart('c', setup(cluster, 'c'));
    await cluster.world.elapse(1000);
    expect(keeperOf(cluster, 'c')).toMatchObject({ commands: WORDS, restored: 1 });
  });

  it('stops where the snapshot is none of its machine’s', async () => {
    const cluster = await leftBehind();
    const more = setup(cluster, 'c');
    keeperOf(cluster, 'c').restoreError = new Error('unknown version');
    const member = await cluster.start('c', more);
    await cluster.world.elapse(1000);
    expect(member.failures).toEqual([new Error('unknown version')]);
  });
});

describe('a command that was committed before a snapshot took its place', () => {
  it('ends as unknown: its result is nowhere here', async () => {
    const cluster = await elected();
    const gate = { open: NOTHING };
    const isOpen = new Promise<void>((resolve) => {
      gate.open = resolve;
    });
    const slow = new Keeper();
    await cluster.restart('b', {
      ...setup(cluster, 'b', { core: { applyBytesMax: 1 } }),
      stateMachine: {
        apply: (commands) => isOpen.then(() => slow.apply(commands)),
        snapshots: slow.snapshots,
      },
    });
    await cluster.end(cluster.node('a').transferLeadership(nodeId('b')));
    const asked = Promise.allSettled(['one', 'two'].map((word) => cluster.node('b').propose(bytes(word))));
    await cluster.world.settle();
    for (const other of ['a', 'c']) cluster.network.cut(nodeId('b'), nodeId(other));
    await cluster.world.elapse(3000);
    const successor = cluster.leaders().find((name) => name !== 'b');
    await write(cluster, WORDS, successor);
    await cluster.world.elapse(1000);
    for (const other of ['a', 'c']) cluster.network.heal(nodeId('b'), nodeId(other));
    await cluster.world.elapse(1000);
    gate.open();
    await cluster.world.elapse(1000);
    expect(slow.restored).toBe(1);
    expect(await asked).toMatchObject([
      { value: { result: 'one is 1' } },
      {
        reason: {
          code: 'RAFT_OUTCOME_UNKNOWN',
        },
      },
    ]);
  });
});

describe('a snapshot of another', () => {
  it('is refused of who is not listened to', async () => {
    const cluster = await elected();
    const stranger = cluster.network.transport(nodeId('z'));
    await stranger.start({
      greetingFor: () => ({
        processNumber: 9,
        incarnation: new Uint8Array(16).fill(77),
        clusterId: null,
        hasLog: false,
        hasJoined: true,
        metAs: null,
        about: new Uint8Array(),
      }),
      onConnected: () => {},
      onReceived: () => {},
      onSnapshot: () => Promise.resolve(),
      onDisconnected: () => {},
    });
    await cluster.world.settle();
    const ended = new Promise<Error | null>((resolve) => {
      stranger.sendSnapshot(nodeId('a'), new Uint8Array(3), none(), resolve);
    });
    await cluster.world.settle();
    expect((await ended)?.message).toContain('not listened to');
    expect(cluster.member('a').failures).toEqual([]);
  });
});

async function* none(): AsyncGenerator<Uint8Array> {}
