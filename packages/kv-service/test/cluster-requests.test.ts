/** Operators are answered: by any node what it knows, by the leader what changes something (R21 to R26). */

import type { MembershipChange, Request, Response } from '@raftkv/kv-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, Cluster, until, type Member } from './support.ts';

let cluster = new Cluster([]);

afterEach(async () => {
  await cluster.close();
});

const MEMBERS: Request = { kind: 'members', consistency: 'serializable' };
const STATUS: Request = { kind: 'status' };

/** `a b c` as they are known, `d=url` with an address. */
function targets(names: string): MembershipChange['voters'] {
  return names.split(' ').flatMap((name) => {
    const [id = '', address = null] = name.split('=');
    return id === '' ? [] : [{ id, address }];
  });
}

function change(voters: string, learners = '', more: Partial<MembershipChange> = {}): Request {
  const asked = { voters: targets(voters), learners: targets(learners), ifIndex: null, force: false };
  return { kind: 'changeMembership', change: { ...asked, ...more } };
}

function transfer(target: string | null): Request {
  return { kind: 'transferLeadership', target };
}

async function membersOf(member: Member): Promise<string[]> {
  const response = await ask(member, MEMBERS);
  if (response.kind !== 'members') throw new Error(response.kind);
  return response.membership.members.map(({ id, address, role }) => `${role} ${id} ${address}`);
}

async function indexOf(member: Member): Promise<number> {
  const response = await ask(member, MEMBERS);
  return response.kind === 'members' ? response.membership.index : -1;
}

function code(response: Response): string {
  return response.kind === 'failed'
    ? `${response.failure.code} ${response.failure.outcome} ${response.failure.leaderUrl}`
    : response.kind;
}

/** Asks until it is done: a learner catches up, and a new leader commits, in their own time. */
async function done(member: Member, request: Request): Promise<Response> {
  let response = await ask(member, request);
  while (response.kind === 'failed') response = await ask(member, request);
  return response;
}

describe('members', () => {
  it('are told by any node, with the addresses that it knows where the configuration has none', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    expect(await ask(cluster.member('a'), MEMBERS)).toEqual({
      kind: 'members',
      membership: {
        index: 0,
        isJoint: false,
        leader: 'a',
        members: [
          { id: 'a', address: null, role: 'voter' },
          { id: 'b', address: 'peer://b', role: 'voter' },
          { id: 'c', address: 'peer://c', role: 'voter' },
        ],
      },
    });
    await until(() => cluster.member('b').node.status().leader === 'a');
    expect(await ask(cluster.member('b'), MEMBERS)).toMatchObject({ membership: { leader: 'a' } });
  });

  it('are told for certain by the leader alone', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const linearizable: Request = { kind: 'members', consistency: 'linearizable' };
    expect(code(await ask(cluster.member('a'), linearizable))).toBe('members');
    await until(() => cluster.member('b').node.status().leader === 'a');
    expect(code(await ask(cluster.member('b'), linearizable))).toBe('not-leader not-applied ws://a');
  });

  it('are none at a node that joins, until it is told', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const d = await cluster.join('d');
    expect(await membersOf(d)).toEqual([]);
    await done(cluster.member('a'), change('a b c', 'd=peer://there'));
    await until(() => d.node.members().members.length > 0);
    expect((await membersOf(d)).at(-1)).toBe('learner d peer://there');
  });
});

describe('a change', () => {
  it('writes the addresses that the leader knows into the configuration, for those who join', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    await done(cluster.member('a'), change('a b=peer://moved c'));
    expect(cluster.member('a').node.members().members).toEqual([
      { id: 'a', address: null, role: 'voter' },
      { id: 'b', address: 'peer://moved', role: 'voter' },
      { id: 'c', address: 'peer://c', role: 'voter' },
    ]);
    // Named without an address, it stays where the configuration has it.
    await done(cluster.member('a'), change('a b c'));
    expect((await membersOf(cluster.member('a')))[1]).toBe('voter b peer://moved');
  });

  it('is answered when it is in force, with the index that the next one may name', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    await cluster.join('d');
    const added = await done(a, change('a b c', 'd', { ifIndex: 0 }));
    const index = added.kind === 'membershipChanged' ? added.index : -1;
    expect(await indexOf(a)).toBe(index);
    expect(code(await ask(a, change('a b c', '', { ifIndex: 0 })))).toBe(
      'configuration-changed not-applied null',
    );
    await done(a, change('a b d', '', { ifIndex: index }));
    expect((await membersOf(a)).map((member) => member.slice(0, 7))).toEqual([
      'voter a',
      'voter b',
      'voter d',
    ]);
  });

  it('is refused with the word of the leader for it', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    await done(a, change('a b'));
    expect(code(await ask(a, change('')))).toBe('invalid-targets not-applied null');
    expect(code(await ask(a, change('a a')))).toBe('invalid-targets not-applied null');
    expect(code(await ask(a, change('a b c')))).toBe('id-was-removed not-applied null');
    expect(code(await ask(a, change('a b d')))).toBe('not-caught-up not-applied null');
    const both = await Promise.all([ask(a, change('a b', 'e')), ask(a, change('a b', 'f'))]);
    expect(both.map(code)).toEqual(['membershipChanged', 'membership-is-changing not-applied null']);
  });

  it('and a transfer are for the leader: others name it', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const b = cluster.member('b');
    await until(() => b.node.status().leader === 'a');
    for (const request of [change('a b'), transfer('b')]) {
      expect(code(await ask(b, request))).toBe('not-leader not-applied ws://a');
    }
  });

  it('that is under way when the node is closed may yet take effect', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    const response = ask(a, change('a b'));
    await a.node.close();
    expect(code(await response)).toBe('outcome-unknown unknown null');
  });
});

describe('a transfer of leadership', () => {
  it('is answered when a later term has begun', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const [a, b] = [cluster.member('a'), cluster.member('b')];
    expect((await done(a, transfer('b'))).kind).toBe('leadershipTransferred');
    await until(() => b.node.status().role === 'leader');
  });

  it('is refused with the word of the leader for it', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    expect(code(await ask(a, transfer('a')))).toBe('target-leads not-applied null');
    expect(code(await ask(a, transfer('z')))).toBe('no-such-target not-applied null');
  });
});

describe('the status of a node', () => {
  it('says what it is, and of a leader, how its peers do', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const [a, b] = [cluster.member('a'), cluster.member('b')];
    await until(() => a.node.status().peers.every(({ matchIndex }) => matchIndex === 1));
    const response = await ask(a, STATUS);
    const peer = { matchIndex: 1, nextIndex: 2, flow: 'replicating' };
    expect(response).toMatchObject({
      kind: 'status',
      status: {
        name: 'a',
        role: 'leader',
        term: a.node.status().currentTerm,
        leader: 'a',
        commitIndex: 1,
        appliedIndex: 1,
        revision: 1,
        isRemoved: false,
        peers: [
          { id: 'b', ...peer },
          { id: 'c', ...peer },
        ],
      },
    });
    const silences =
      response.kind === 'status' ? response.status.peers.map(({ silentMs }) => silentMs) : [0.5];
    expect(silences.every((ms) => Number.isSafeInteger(ms) && ms >= 0)).toBe(true);
    expect(await ask(b, STATUS)).toMatchObject({ status: { name: 'b', role: 'follower', peers: [] } });
  });

  it('says that it was removed, once it knows', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    await done(cluster.member('a'), change('a b'));
    const c = cluster.member('c');
    await until(() => c.node.status().isRemoved);
    expect(await ask(c, STATUS)).toMatchObject({ status: { isRemoved: true } });
  });
});
