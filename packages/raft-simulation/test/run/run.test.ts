/** Whole runs: the code that ships holds, the same seed is the same run, and nodes broken on purpose are noticed by name. */

import { nodeId, type Message } from '@raftkv/core';
import type { LogStorage, Transport } from '@raftkv/runtime';
import { describe, expect, it } from 'vitest';
import {
  makePlan,
  replay,
  runSeed,
  shrink,
  type Fault,
  type Plan,
  type RunOptions,
} from '../../src/index.ts';
import { calmPlan } from './plans.ts';

const SEEDS = 100;
const GROUP = 25;
const DIGESTS = [
  '3572c2f71611bee3',
  '50d3cca7701b4fa5',
  '5a9e1a9bba3b1239',
  '69477a14bc52fe2c',
  '6979c0711d608bdd',
];

describe('a seed', () => {
  for (let first = 0; first < SEEDS; first += GROUP) {
    it(`breaks nothing: seeds ${first} to ${first + GROUP - 1}`, async () => {
      for (let seed = first; seed < first + GROUP; seed += 1) {
        const { violation } = await runSeed(seed);
        expect(violation, `seed ${seed}`).toBe(null);
      }
    });
  }

  it('is the same run each time, and others are others', async () => {
    const one = await runSeed(7);
    expect(await runSeed(7)).toEqual(one);
    expect((await runSeed(8)).digest).not.toBe(one.digest);
  });

  // Tests run on several versions of Node: an equal digest on all of them is one run. A change here is a change of what
  // nodes do, or of the simulation, to be meant and explained by whoever makes it.
  it('is the same run on every engine', async () => {
    const digests: string[] = [];
    for (const seed of [0, 1, 2, 2 ** 32, 2 ** 53 - 1]) digests.push((await runSeed(seed)).digest);
    expect(digests).toEqual(DIGESTS);
  });

  it('makes a plan that is data: written down and read again it is the same run', async () => {
    const plan = makePlan(11);
    const read = JSON.parse(JSON.stringify(plan)) as Plan;
    expect(read).toEqual(plan);
    expect((await replay(read)).digest).toBe((await runSeed(11)).digest);
  });

  it('is a safe integer', () => {
    expect(() => makePlan(0.5)).toThrow(RangeError);
  });
});

describe('a plan', () => {
  it('without faults serves from beginning to end', async () => {
    const result = await replay(calmPlan());
    expect(result).toMatchObject({ violation: null, faults: {}, isLivenessJudged: true });
    expect(result.requests.done).toBeGreaterThan(100);
    expect(result.requests.unknown + result.requests.lost).toBe(0);
  });

  it('makes each kind of fault happen, and ends it', async () => {
    const faults: readonly Fault[] = [
      { kind: 'cut', shape: 'one way', atMs: 1000, forMs: 50, links: [['a', 'b']] },
      { kind: 'clog', shape: 'one', atMs: 1000, forMs: 60, links: [['c', 'b']] },
      { kind: 'isolate', atMs: 1100, forMs: 40, target: 'leader', side: 'both' },
      { kind: 'flap', atMs: 1200, target: 'a', other: 'b', words: [{ afterMs: 1, processGone: true }, null] },
      { kind: 'weather', atMs: 1300, forMs: 50, weather: { lossShare: 0.5 } },
      { kind: 'stall', atMs: 1400, forMs: 50, target: 'b' },
      { kind: 'sync-failure', atMs: 1500, target: 'c' },
      { kind: 'crash', atMs: 2000, forMs: 100, target: 'a' },
      { kind: 'pause', atMs: 2300, forMs: 100, target: 'b' },
      { kind: 'jump', atMs: 2500, byMs: 100, target: 'c' },
      { kind: 'campaign', atMs: 2600, target: 'a' },
      { kind: 'wipe', atMs: 2800, forMs: 20, target: 'b' },
    ];
    const lost = [{ id: 'b', how: 'as it is' }] as const;
    const result = await replay(calmPlan({ safetyMs: 4000, faults, lost }));
    expect(result.violation).toBe(null);
    expect(result.faults).toEqual(Object.fromEntries(faults.map(({ kind }) => [kind, 1])));
  });

  it('leaves out what cannot happen: hosts that are not there, processes that are down', async () => {
    const faults: readonly Fault[] = [
      { kind: 'crash', atMs: 1000, forMs: 5000, target: 'a' },
      { kind: 'crash', atMs: 1100, forMs: 10, target: 'a' },
      { kind: 'pause', atMs: 1100, forMs: 10, target: 'a' },
      { kind: 'crash', atMs: 1100, forMs: 10, target: 'z' },
    ];
    const result = await replay(calmPlan({ faults }));
    expect([result.violation, result.faults]).toEqual([null, { crash: 1 }]);
  });

  it('with fewer than half lost for good still serves; with half of them it does not', async () => {
    const minority = await replay(calmPlan({ lost: [{ id: 'a', how: 'cut off' }] }));
    const half = await replay(calmPlan({ lost: ['a', 'b'].map((id) => ({ id, how: 'down' as const })) }));
    expect([minority.violation, half.violation?.name]).toEqual([null, 'progress']);
  });

  it.each(['at the edge', 'deaf', 'mute', 'stalled'] as const)(
    'serves without one that is %s, were it the leader',
    async (how) => {
      const hosts = ['a', 'b', 'c', 'd'].map((id) => ({ ...calmPlan().hosts[0]!, id }));
      for (const id of ['a', 'b', 'c', 'd']) {
        const { violation } = await replay(calmPlan({ hosts, lost: [{ id, how }] }));
        expect(violation).toBe(null);
      }
    },
  );

  it('asks one that leads an earlier term still, where there is one: it serves nothing', async () => {
    const isolate: Fault = { kind: 'isolate', atMs: 1000, forMs: 900, target: 'leader', side: 'both' };
    const read = { atMs: 1500, kind: 'read', count: 3, bytes: 8 } as const;
    // Its timeout is long enough to find it in office still when the others have elected.
    const core = { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 600 };
    const plan = calmPlan({ core, faults: [isolate] });
    const deposed = await replay({ ...plan, requests: [{ ...read, target: 'deposed' }] });
    const leader = await replay({ ...plan, requests: [{ ...read, target: 'leader' }] });
    expect([deposed.violation, leader.violation]).toEqual([null, null]);
    expect([deposed.requests['not-applied'], leader.requests['not-applied']]).toEqual([3, 0]);
  });
});

describe('a node that is broken on purpose', () => {
  it.each([
    [
      'a disk that says too early that it is done',
      { storage: impatient },
      ['one-vote-per-term', 'committed-is-durable', 'term-monotonic'],
    ],
    [
      'a voter that grants whatever it is asked for',
      { transport: generous },
      ['one-vote-per-term', 'leader-completeness'],
    ],
    ['a sender that changes entries', { transport: forging }, ['log-matching']],
    ['a sender that keeps its appends', { transport: silent }, ['progress']],
  ] as const)('is noticed by name: %s', async (_, sabotage, names) => {
    const { violation } = await firstFailure({ sabotage });
    expect(names).toContain(violation.name);
    expect(violation.trace.length).toBeGreaterThan(0);
  });
});

describe('a failing plan', () => {
  it('is made short, and still violates the same name', async () => {
    const options = { sabotage: { storage: impatient } };
    const { plan, violation } = await firstFailure(options);
    const run = (shorter: Plan) => replay(shorter, options);
    const shrunk = await shrink(plan, { run });
    expect(shrunk?.violation.name).toBe(violation.name);
    expect(shrunk?.plan.faults.length).toBeLessThan(2);
    expect(shrunk?.plan.requests.length).toBeLessThan(2);
    expect(shrunk?.plan.hosts.length).toBeLessThan(4);
    const again = await run(JSON.parse(JSON.stringify(shrunk?.plan)) as Plan);
    expect(again.violation).toEqual(shrunk?.violation);
    // The code that ships holds on it.
    expect((await replay(shrunk!.plan)).violation).toBe(null);
  });

  it('is made short in what it has more than a plan, too', async () => {
    const { plan } = await firstFailure({ sabotage: { storage: impatient } });
    const run = (other: Plan) => replay(other, { sabotage: { storage: impatient } });
    const shrunk = await shrink({ ...plan, clients: 3 }, { run, smaller: withFewerClients });
    expect(shrunk?.plan.clients).toBe(0);
  });

  it('costs no more runs than allowed', async () => {
    const options = { sabotage: { storage: impatient } };
    const { plan } = await firstFailure(options);
    let runs = 0;
    const run = (shorter: Plan) => {
      runs += 1;
      return replay(shorter, options);
    };
    expect((await shrink(plan, { run, runsMax: 10 }))?.runs).toBe(10);
    expect(runs).toBe(10);
  });

  it('is none where nothing fails', async () => {
    expect(await shrink(calmPlan())).toBe(null);
  });
});

function withFewerClients<P extends { readonly clients: number }>(plan: P): P[] {
  return plan.clients > 0 ? [{ ...plan, clients: plan.clients - 1 }] : [];
}

/** Of the first seed that notices. */
async function firstFailure(options: RunOptions) {
  for (let seed = 0; seed < 100; seed += 1) {
    const plan = makePlan(seed, { hosts: 3 });
    const { violation } = await replay(plan, options);
    if (violation !== null) return { plan, violation };
  }
  throw new Error('nothing was noticed');
}

function impatient(storage: LogStorage): LogStorage {
  return {
    load: () => storage.load(),
    write: (batch, done) => {
      storage.write(batch, () => {});
      queueMicrotask(() => done(null));
    },
    bindMember: (peer, incarnation, done) => storage.bindMember(peer, incarnation, done),
    read: (from, through, bytesMax, done) => storage.read(from, through, bytesMax, done),
    writeSnapshot: (head, content) => storage.writeSnapshot(head, content),
    openSnapshot: (index) => storage.openSnapshot(index),
    close: () => storage.close(),
  };
}

function generous(transport: Transport): Transport {
  return saying(transport, (message) =>
    message.kind === 'voteReply' ? { ...message, isGranted: true } : message,
  );
}

function forging(transport: Transport): Transport {
  return saying(transport, (message) => {
    if (message.kind !== 'append' || message.commitIndex < 20) return message;
    const entries = message.entries.map((entry) => ({ ...entry, data: entry.data.map((byte) => byte ^ 1) }));
    return { ...message, entries };
  });
}

function silent(transport: Transport, { id }: { readonly id: string }): Transport {
  return saying(transport, (message) => (message.kind === 'append' && id !== nodeId('z') ? null : message));
}

function saying(transport: Transport, change: (message: Message) => Message | null): Transport {
  return {
    start: (events) => transport.start(events),
    close: () => transport.close(),
    sendSnapshot: (to, head, content, done) => transport.sendSnapshot(to, head, content, done),
    send: (to, messages) =>
      transport.send(
        to,
        messages.map(change).filter((message) => message !== null),
      ),
  };
}
