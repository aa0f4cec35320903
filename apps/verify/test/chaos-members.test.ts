/** The parts of the attack that members, and who leads them, are changed by and held against. */

import { once } from 'node:events';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  MembershipRefusedError,
  TimeoutError,
  TransferRefusedError,
  type KvClient,
  type Membership,
} from '@raftkv/kv-client';
import type { LocalCluster } from '@raftkv/server/local-cluster';
import { describe, expect, it } from 'vitest';
import { planChanges, type Change } from '../src/chaos/changes.ts';
import { dialerIn } from '../src/chaos/dialer.ts';
import { Leaders } from '../src/chaos/leaders.ts';
import type { Network } from '../src/chaos/network.ts';
import { Operator } from '../src/chaos/operator.ts';
import { votersOf } from '../src/chaos/membership-view.ts';
import { FaultyProxy } from '../src/chaos/proxy.ts';
import { Random } from '../src/chaos/random.ts';
import { Transfers } from '../src/chaos/transfers.ts';
import { fulfil, type Wish } from '../src/chaos/wish.ts';
import { afterwards } from './support/processes.ts';

function changesOf(round: number, nodeCount: number): readonly Change[] {
  return planChanges(7, round, nodeCount).map(({ change }) => change);
}

/** Of several rounds: some have no changes, whatever else. */
function planText(seed: number, round: number, nodes: number): string {
  return JSON.stringify([0, 1, 2, 3, 4].map((at) => planChanges(seed, 10 * round + at, nodes)));
}

describe('the plan of changes', () => {
  const rounds = Array.from({ length: 200 }, (_, at) => at + 1);

  it('is the same for the same seed, and another for another seed, round or number of nodes', () => {
    expect(planText(1, 3, 3)).toBe(planText(1, 3, 3));
    const texts = [planText(1, 3, 3), planText(2, 3, 3), planText(1, 4, 3), planText(1, 3, 5)];
    expect(new Set(texts).size).toBe(4);
  });

  it('has every kind of change in many rounds, and leaves some rounds without', () => {
    const planned = rounds.map((round) => changesOf(round, 3));
    const kinds = planned.flat().map(({ kind, pace }) => `${kind} ${pace}`);
    expect(new Set(kinds).size).toBe(6);
    const changing = planned.filter(({ length }) => length > 0).length;
    expect(changing).toBeGreaterThan(rounds.length / 2);
    expect(changing).toBeLessThan(rounds.length);
  });

  it.each([3, 5])('goes back and forth between three nodes and five, from %i', (nodeCount) => {
    for (const round of rounds) {
      const kinds = changesOf(round, nodeCount).map(({ kind }) => kind);
      const sizes = kinds.filter((kind) => kind !== 'replace');
      const expected = sizes.map((_, at) => ((nodeCount === 3) === (at % 2 === 0) ? 'grow' : 'shrink'));
      expect(sizes).toEqual(expected);
    }
  });
});

/** What a node sends first to another one. */
const UPGRADE = Buffer.from('GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n');
function helloOf(name: string): Buffer {
  const body = Buffer.concat([Buffer.from('PVKR'), Buffer.from([1, 0, name.length]), Buffer.from(name)]);
  return Buffer.concat([Buffer.from([0x82, 0x80 | 126, 0, body.length, 0, 0, 0, 0]), body]);
}

describe('who dials', () => {
  it('is known by its hello, masked or not, and by nothing less', () => {
    const whole = Buffer.concat([UPGRADE, helloOf('n12')]);
    expect(dialerIn(whole)).toBe('n12');
    for (let length = 0; length < whole.length; length += 1) {
      expect(dialerIn(whole.subarray(0, length))).toBeNull();
    }
    const masked = Buffer.from(whole);
    const maskAt = UPGRADE.length + 4;
    for (let at = maskAt; at < masked.length; at += 1) masked[at]! ^= 0x55;
    expect(dialerIn(masked)).toBe('n12');
    expect(dialerIn(Buffer.concat([UPGRADE, Buffer.from('something else altogether')]))).toBeNull();
  });

  it('is held back alone where it is named, and its hello with it', async () => {
    const { proxy, dialed } = await listening();
    const [n1, n2] = [await dialed(), await dialed()];
    proxy.stall('out', 'n1');
    for (const one of [n1, n2]) {
      one.dialer.write(UPGRADE);
      await heard(one, UPGRADE);
    }
    n1.dialer.write(helloOf('n1'));
    n2.dialer.write(helloOf('n2'));
    await heard(n2, Buffer.concat([UPGRADE, helloOf('n2')]));
    // What comes back is not held, and by then the hello would long have come.
    for (let nth = 0; nth < 5; nth += 1) {
      n1.listener.write('pong');
      await once(n1.dialer, 'data');
    }
    expect(n1.text()).toBe(UPGRADE.toString('latin1'));

    proxy.cut(0, 'n2');
    n2.dialer.write('lost');
    await once(n2.dialer, 'close');
    n1.listener.write('still here');
    const [chunk] = (await Promise.race([once(n1.dialer, 'data'), once(n1.dialer, 'close')])) as [unknown];
    expect(String(chunk)).toBe('still here');
  });

  it('goes on when it is let go, from its hello on', async () => {
    const { proxy, dialed } = await listening();
    const n1 = await dialed();
    const heal = proxy.stall('out', 'n1');
    n1.dialer.write(UPGRADE);
    await heard(n1, UPGRADE);
    n1.dialer.write(helloOf('n1'));
    n1.dialer.write('and more');
    heal();
    const all = Buffer.concat([UPGRADE, helloOf('n1'), Buffer.from('and more')]);
    await heard(n1, all);
    expect(n1.text()).toBe(all.toString('latin1'));
  });
});

interface Dialed {
  readonly dialer: Socket;
  readonly listener: Socket;
  text(): string;
}

async function listening() {
  const proxy = await FaultyProxy.listen();
  const server = createServer().listen(0, '127.0.0.1');
  afterwards(() => {
    proxy.close();
    server.close();
  });
  await once(server, 'listening');
  proxy.passTo((server.address() as AddressInfo).port);
  const dialed = async (): Promise<Dialed> => {
    const dialer = connectSocket(Number(new URL(proxy.url).port), '127.0.0.1').on('error', () => {});
    const [listener] = (await once(server, 'connection')) as [Socket];
    let text = '';
    listener.on('error', () => {});
    listener.on('data', (chunk) => (text += chunk.toString('latin1')));
    return { dialer, listener, text: () => text };
  };
  return { proxy, dialed };
}

async function heard(dialed: Dialed, expected: Buffer): Promise<void> {
  while (dialed.text() !== expected.toString('latin1')) await once(dialed.listener, 'data');
}

/** A cluster whose members are those of one list after another: the next one whenever a change was asked for. */
class FakeCluster {
  readonly outcomes: string[] = [];
  private readonly steps: readonly string[];
  private at = 0;

  constructor(...steps: readonly string[]) {
    this.steps = steps;
  }

  get kv(): KvClient {
    const members = (): Promise<Membership> => {
      const names = (this.steps[this.at] ?? '').split(' ');
      const each = names.map((id) => ({ id, address: null, role: 'voter' as const }));
      return Promise.resolve({ index: this.at, isJoint: false, leader: null, members: each });
    };
    return { cluster: { members } } as unknown as KvClient;
  }

  /** For `n1 n2`, answered by one after another. */
  wish(...answers: readonly (() => Promise<{ index: number }>)[]): Promise<void> {
    const ask: Wish['ask'] = (_, now) => {
      expect(now.index).toBe(this.at);
      const answer = answers[this.outcomes.length];
      this.at += 1;
      return answer?.() ?? Promise.reject(new Error('asked once more'));
    };
    const wish = { what: 'grow', roles: votersOf(['n2', 'n1']), isOneChange: true, ask };
    const onOutcome = (_: string, outcome: string): unknown => this.outcomes.push(outcome);
    return fulfil(wish, this.kv, { random: new Random(1), signal: new AbortController().signal, onOutcome });
  }
}

const done = (index: number) => () => Promise.resolve({ index });
const refused = () => Promise.reject(new MembershipRefusedError('not-caught-up', 'it lags'));
const unknown = () => Promise.reject(new TimeoutError(5, 'unknown'));

describe('a change of members', () => {
  it('is asked for until it is there', async () => {
    const cluster = new FakeCluster('n1', 'n1', 'n1', 'n1 n2');
    await cluster.wish(unknown, refused, done(3));
    expect(cluster.outcomes).toEqual(['unknown', 'refused (not-caught-up)', 'done']);
  });

  it('is not asked for again where it is there, though nobody said so', async () => {
    const cluster = new FakeCluster('n1', 'n1 n2');
    await cluster.wish(unknown);
    expect(cluster.outcomes).toEqual(['unknown', 'found done']);
  });

  it.each([
    ['was acknowledged and is not there', ['n1', 'n1'], [done(1)]],
    ['was acknowledged by an entry that is not there yet', ['n1', 'n1 n2'], [done(2)]],
    ['was refused and is there', ['n1', 'n1 n2'], [refused]],
    ['was refused, and changed another', ['n1', 'n3'], [refused]],
  ] as const)('breaks a promise if it %s', async (_, steps, answers) => {
    await expect(new FakeCluster(...steps).wish(...answers)).rejects.toMatchObject({
      promise: 'members-kept',
    });
  });
});

it('a member is killed for good only when every one has a log: who has none asks all others for their word (R28)', async () => {
  const said: string[] = [];
  const nodes = ['n1', 'n2', 'n3'].map((name) => {
    const answers = name === 'n2' ? [null, { durableIndex: 0 }, { durableIndex: 1 }] : [{ durableIndex: 7 }];
    const status = (): Promise<unknown> => {
      const answer = answers.shift() ?? null;
      said.push(`${name} ${answer?.durableIndex ?? 'is silent'}`);
      return Promise.resolve(answer);
    };
    return { name, status, kill: () => Promise.reject(new Error(`killed after ${said.join(', ')}`)) };
  });
  const operator = new Operator({
    cluster: { nodes } as unknown as LocalCluster,
    network: {} as Network,
    away: new Set(),
    dead: new Set(),
    random: new Random(1),
    signal: new AbortController().signal,
    onOutcome: () => {},
    onRemoved: () => {},
  });
  const change = { kind: 'replace', victim: 'dead', pace: 'at-once' } as const;
  await expect(operator.run([{ afterMs: 0, change }])).rejects.toThrow(
    'killed after n1 7, n2 is silent, n2 0, n2 1, n3 7',
  );
});

function kvOf(transferLeadership: () => Promise<{ leader: string | null }>): KvClient {
  return {
    cluster: { status: () => Promise.resolve({ term: 4 }), transferLeadership },
  } as unknown as KvClient;
}

function told(leader: string | null): KvClient {
  return kvOf(() => Promise.resolve({ leader }));
}

describe('a transfer of leadership', () => {
  it.each([
    ['fits who leads a later term', 'n2', [5, 'n2'], 'done', 0],
    ['does not fit who leads the term before', 'n2', [4, 'n2'], 'done', 1],
    ['does not fit another leader', 'n3', [5, 'n2'], 'another leads', 1],
    ['fits a later term whose leader is open', null, [5, null], 'open', 0],
    ['does not fit where no later term began', null, [4, 'n2'], 'open', 1],
  ] as const)('%s', async (_, leader, [term, leads], outcome, unexplained) => {
    const leaders = new Leaders();
    const transfers = new Transfers(leaders);
    expect(await transfers.handOver(told(leader), 'n2', 100)).toBe(outcome);
    expect(transfers.unexplained()).toHaveLength(1);
    leaders.heard('n1', { role: 'follower', term, leader: leads });
    expect(transfers.unexplained()).toHaveLength(unexplained);
  });

  it('that is refused has told nothing', async () => {
    const transfers = new Transfers(new Leaders());
    const refusing = kvOf(() => Promise.reject(new TransferRefusedError('target-leads', 'it leads')));
    expect(await transfers.handOver(refusing, 'n1', 100)).toBe('refused (target-leads)');
    expect(transfers.unexplained()).toEqual([]);
  });
});

it('a term with two leaders is told once, whoever speaks of them', () => {
  const leaders = new Leaders();
  for (const [name, leader] of [
    ['n1', 'n1'],
    ['n2', null],
    ['n3', 'n1'],
    ['n3', 'n2'],
  ] as const) {
    leaders.heard(name, { role: 'follower', term: 2, leader });
  }
  expect(leaders.takeDoubles()).toEqual([expect.stringContaining('n2 leads term 2')]);
  expect(leaders.takeDoubles()).toEqual([]);
});
