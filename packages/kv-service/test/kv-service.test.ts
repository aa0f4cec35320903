import {
  NO_CONDITION,
  type Operation,
  type Request,
  type Response,
  type SessionId,
} from '@raftkv/kv-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, Cluster, until, type Member } from './support.ts';

let cluster = new Cluster([]);

afterEach(async () => {
  await cluster.close();
});

const NONCE = new Uint8Array(16).fill(1);
const key = bytes('color');

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function put(value: string): Operation {
  return { kind: 'put', key, value: bytes(value), condition: NO_CONDITION };
}

function write(session: SessionId, sequence: number, value: string): Request {
  return { kind: 'write', position: { session, sequence, acknowledgedBelow: 1 }, operation: put(value) };
}

async function open(member: Member): Promise<SessionId> {
  const response = await ask(member, { kind: 'open', nonce: NONCE });
  if (response.kind !== 'opened') throw new Error(JSON.stringify(response));
  return response.session;
}

function get(member: Member, consistency: 'linearizable' | 'serializable'): Promise<Response> {
  return ask(member, { kind: 'get', key, consistency });
}

function expired(): unknown {
  return { kind: 'outcome', outcome: { kind: 'refused', reason: 'session-expired' } };
}

describe('a leader', () => {
  it('says at the opening of a session how long it lives, and the same when that is repeated', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    const session = await open(a);
    expect(await ask(a, { kind: 'open', nonce: NONCE })).toEqual({ kind: 'opened', session, ttlMs: 1000 });
  });

  it('writes once and reads what was written', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    const session = await open(a);
    expect(await ask(a, write(session, 1, 'green'))).toEqual({
      kind: 'outcome',
      outcome: { kind: 'put', revision: 2, version: 1 },
    });
    expect(await get(a, 'linearizable')).toMatchObject({
      kind: 'value',
      entry: { value: bytes('green'), modRevision: 2, version: 1 },
      revision: 2,
    });
  });

  it('answers a retried write from what is kept, without the log (R36)', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const session = await open(a);
    const first = await ask(a, write(session, 1, 'green'));
    const { proposals } = a.node.metrics();
    expect(await ask(a, write(session, 1, 'green'))).toEqual(first);
    expect(a.node.metrics().proposals).toBe(proposals);
    expect(a.machine.revision).toBe(2);
  });

  it('applies a write once, though two copies of it come at the same time (R35)', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const session = await open(a);
    const copies = await Promise.all([1, 2, 3].map(() => ask(a, write(session, 1, 'green'))));
    expect(new Set(copies.map((copy) => JSON.stringify(copy))).size).toBe(1);
    expect(a.machine.revision).toBe(2);
  });

  it('writes without a session as often as it is asked', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const outcomes = await Promise.all(
      [1, 2].map(
        () =>
          new Promise((resolve) => {
            a.service.writeDirectly(put('red'), resolve);
          }),
      ),
    );
    expect(outcomes).toEqual([
      { error: null, value: { kind: 'put', revision: 2, version: 1 } },
      { error: null, value: { kind: 'put', revision: 3, version: 2 } },
    ]);
  });

  it('tells who leads, and where clients reach it and the others', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const b = cluster.member('b');
    await until(() => b.node.status().leader === 'a');
    expect(b.service.directory).toEqual({ leaderUrl: 'ws://a', urls: ['ws://a', 'ws://b', 'ws://c'] });
  });
});

describe('a follower', () => {
  it('names the leader to whoever writes or reads there', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const b = cluster.member('b');
    await until(() => b.node.status().leader === 'a');
    const refused = {
      kind: 'failed',
      failure: { code: 'not-leader', outcome: 'not-applied', leaderUrl: 'ws://a' },
    };
    expect(await ask(b, write(1, 1, 'green'))).toMatchObject(refused);
    expect(await get(b, 'linearizable')).toMatchObject(refused);
    expect(await ask(b, { kind: 'keepAlive', session: 1 })).toMatchObject(refused);
  });

  it('reads what it has applied, for whoever wants no more', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const [a, b] = [cluster.member('a'), cluster.member('b')];
    await ask(a, write(await open(a), 1, 'green'));
    await until(() => b.machine.revision === 2);
    expect(await get(b, 'serializable')).toMatchObject({ entry: { value: bytes('green') } });
  });
});

describe('a session', () => {
  it('ends when nobody keeps it alive, and is not kept alive once its end is proposed (R38, R39)', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const session = await open(a);
    a.clock.advance(900);
    expect(await ask(a, { kind: 'keepAlive', session })).toEqual({ kind: 'alive', ttlMs: 1000 });
    a.clock.advance(999);
    expect(a.machine.session(session)).not.toBeNull();
    a.clock.advance(200);
    expect(await ask(a, { kind: 'keepAlive', session })).not.toMatchObject({ kind: 'alive' });
    await until(() => a.machine.session(session) === null);
    expect(await ask(a, { kind: 'keepAlive', session })).toEqual(expired());
    expect(await ask(a, write(session, 1, 'late'))).toEqual(expired());
  });

  it('is promised no time by an opening that is repeated, once its end is proposed (R38)', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const nonce = new Uint8Array(16).fill(9);
    const first = await ask(a, { kind: 'open', nonce });
    a.clock.advance(999);
    // In one turn: the opening stands in the log before the end, and is applied before it.
    const repeated = ask(a, { kind: 'open', nonce });
    a.clock.advance(200);
    expect(await repeated).toMatchObject({ kind: 'failed', failure: { code: 'overloaded' } });
    const again = await ask(a, { kind: 'open', nonce });
    if (first.kind !== 'opened' || again.kind !== 'opened') throw new Error('it was not opened');
    expect(again.session).toBeGreaterThan(first.session);
  });

  it('has its full time by an opening that is repeated in time', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const nonce = new Uint8Array(16).fill(9);
    const first = await ask(a, { kind: 'open', nonce });
    a.clock.advance(900);
    expect(await ask(a, { kind: 'open', nonce })).toEqual(first);
    a.clock.advance(950);
    if (first.kind !== 'opened') throw new Error('it was not opened');
    expect(await ask(a, { kind: 'keepAlive', session: first.session })).toEqual({
      kind: 'alive',
      ttlMs: 1000,
    });
  });

  it('is not ended by a stall of the process (R39)', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const session = await open(a);
    a.clock.stall(5000);
    await ask(a, { kind: 'get', key, consistency: 'linearizable' });
    expect(a.machine.session(session)).not.toBeNull();
    a.clock.advance(1200);
    await until(() => a.machine.session(session) === null);
  });

  it('has its full time with a new leader (R39)', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const a = cluster.member('a');
    const session = await open(a);
    a.clock.advance(900);
    await a.node.close();
    const b = await cluster.elect('b');
    expect(b.machine.session(session)).not.toBeNull();
    b.clock.advance(950);
    expect(await ask(b, { kind: 'keepAlive', session })).toEqual({ kind: 'alive', ttlMs: 1000 });
  });

  it('is ended by its client, and its place is free', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    const session = await open(a);
    expect(await ask(a, { kind: 'end', session })).toMatchObject({ outcome: { kind: 'done' } });
    expect(a.machine.session(session)).toBeNull();
    a.clock.advance(5000);
    expect(await open(a)).toBeGreaterThan(session);
  });
});

describe('a node that has just started', () => {
  it('serves no older state than it once showed (R8)', async () => {
    cluster = await Cluster.elected('a', 'b', 'c');
    const [a, b] = [cluster.member('a'), cluster.member('b')];
    const session = await open(a);
    for (const [at, value] of ['green', 'red', 'blue'].entries()) await ask(a, write(session, at + 1, value));
    await until(() => b.machine.revision === 4);
    await b.node.close();
    // Alone it learns of no commit: what its disk says is all it has to go by.
    for (const id of ['a', 'c']) cluster.network.cut(b.node.status().id, cluster.member(id).node.status().id);
    const restarted = await cluster.start('b');
    const from = restarted.node.status().commitIndex;
    expect(from).toBeGreaterThan(0);
    const early = await get(restarted, 'serializable');
    const isOld = restarted.node.status().appliedIndex < from;
    expect(early.kind === 'failed' || !isOld).toBe(true);
    await until(() => restarted.node.status().appliedIndex >= from);
    expect((await get(restarted, 'serializable')).kind).toBe('value');
  });
});

describe('a node that is closed', () => {
  it('says so', async () => {
    cluster = await Cluster.elected('a');
    const a = cluster.member('a');
    await a.node.close();
    expect(await get(a, 'linearizable')).toMatchObject({
      kind: 'failed',
      failure: { code: 'unavailable', outcome: 'not-applied' },
    });
  });
});
