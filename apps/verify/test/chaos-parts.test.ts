import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectSocket, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, TimeoutError, UnavailableError } from '@raftkv/kv-client';
import { describe, expect, it } from 'vitest';
import { checkEqual, checkHistory, checkOnce, type Holdings } from '../src/workload/check.ts';
import { DiskLog } from '../src/chaos/disk-log.ts';
import { GARBAGE, throwGarbage } from '../src/chaos/garbage.ts';
import { History } from '../src/workload/history.ts';
import { complaintsIn, lastLinesOf } from '../src/chaos/node-logs.ts';
import { planRound, type Step } from '../src/chaos/plan.ts';
import { FaultyProxy } from '../src/chaos/proxy.ts';
import { Random } from '../src/chaos/random.ts';
import { SABOTAGES, sabotagedSource } from '../src/chaos/sabotage.ts';
import { tearTail } from '../src/chaos/torn-tail.ts';
import { labelOf, padded } from '../src/workload/values.ts';
import { afterwards, PATIENCE_MS, threeProcesses } from './support/processes.ts';

describe('a plan', () => {
  it('is the same for the same seed, and another for another seed, round or number of nodes', () => {
    const texts = [
      [1, 1, 3],
      [1, 1, 3],
      [2, 1, 3],
      [1, 2, 3],
      [1, 1, 5],
    ].map(([seed = 0, round = 0, nodes = 0]) => JSON.stringify(planRound(seed, round, nodes, 60_000)));
    expect(texts[0]).toBe(texts[1]);
    expect(new Set(texts).size).toBe(4);
  });

  it('has every kind of fault, and all nodes killed at once', () => {
    const faults = planRound(1, 1, 3, 600_000).map(({ fault }) => fault);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(11);
    const killed = faults.flatMap((fault) => (fault.kind === 'kill' ? [fault.targets.length] : []));
    expect([...new Set(killed)].toSorted((one, other) => one - other)).toEqual([1, 2, 3]);
  });

  it.each([3, 5])('leaves a majority of %i alone, unless many are killed at once', (nodeCount) => {
    const steps = planRound(5, 1, nodeCount, 600_000);
    for (const { atMs } of steps) {
      const away = steps.filter((step) => isAway(step, atMs));
      const isOfMany = away.length === 1 && (targetsOf(away[0]!) ?? 1) > 1;
      expect(isOfMany || away.length <= (nodeCount - 1) / 2).toBe(true);
    }
  });
});

/** Is a node away at the time, by this fault? */
function isAway({ atMs, fault }: Step, timeMs: number): boolean {
  if (atMs > timeMs) return false;
  if (fault.kind === 'kill') return timeMs < atMs + fault.downMs;
  return (fault.kind === 'pause' || fault.kind === 'isolate') && timeMs < atMs + fault.forMs;
}

function targetsOf({ fault }: Step): number | null {
  return fault.kind === 'kill' ? fault.targets.length : null;
}

describe('a proxy', () => {
  it('passes on, holds back one direction alone, and lets go', async () => {
    const { dialer, listener, proxy } = await wired();
    let heard = '';
    listener.on('data', (chunk) => {
      heard += chunk.toString();
    });
    dialer.write('ping');
    await once(listener, 'data');
    const heal = proxy.stall('out');
    dialer.write('held');
    // Each of these had all the time in the world to be overtaken.
    for (let nth = 0; nth < 5; nth += 1) {
      listener.write('pong');
      expect(await next(dialer)).toBe('pong');
    }
    expect(heard).toBe('ping');
    heal();
    await once(listener, 'data');
    expect(heard).toBe('pingheld');
  });

  it('cuts within what is sent next', async () => {
    const { dialer, listener, proxy } = await wired();
    proxy.cut(0.5);
    dialer.write('12345678');
    expect(await next(listener)).toBe('1234');
    await once(dialer, 'close');
    expect(dialer.destroyed).toBe(true);
  });

  it('refuses whoever comes anew, and cuts every other one', async () => {
    const { dialer, proxy, dial } = await wired();
    const heal = proxy.refuse();
    const refused = dial();
    await once(refused, 'close');
    heal();
    expect(dialer.destroyed).toBe(false);
    proxy.cutHalf();
    await once(dialer, 'close');
    expect(dialer.destroyed).toBe(true);
  });
});

async function wired() {
  const proxy = await FaultyProxy.listen();
  const server = createServer().listen(0, '127.0.0.1');
  afterwards(() => {
    proxy.close();
    server.close();
  });
  await once(server, 'listening');
  proxy.passTo((server.address() as AddressInfo).port);
  const dial = (): Socket =>
    connectSocket(Number(new URL(proxy.url).port), '127.0.0.1').on('error', () => {});
  const dialer = dial();
  const [listener] = (await once(server, 'connection')) as [Socket];
  listener.on('error', () => {});
  return { proxy, dialer, listener, dial };
}

async function next(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

describe('what is done to a node', () => {
  it('is heard by it: garbage gets as far as it can, and a torn tail is cut', async () => {
    const cluster = await threeProcesses({ nodeCount: 1 });
    const [node] = cluster.nodes;
    await cluster.untilLed(PATIENCE_MS);
    await using kv = await connect({ endpoints: cluster.endpoints });
    await kv.put('a', 'x');
    const { members } = (await node!.status())!;
    const ports = { client: new URL(node!.clientUrl).port, peer: new URL(members[0]!.peerUrl!).port };
    const throws = (['client', 'peer'] as const).flatMap((kind) =>
      GARBAGE.map((garbage) => ({ kind, garbage })),
    );
    await Promise.all(
      throws.map(async ({ kind, garbage }) => {
        const answer = await throwGarbage(Number(ports[kind]), kind, garbage, new Random(1));
        const isUpgraded = ['frames', 'frames-after-hello', 'endless-frame', 'silence'].includes(garbage);
        expect.soft(answer.includes('101'), `${garbage} at the ${kind} port: ${answer}`).toBe(isUpgraded);
      }),
    );
    expect((await kv.get('a'))?.text()).toBe('x');

    for (let seed = 1; seed <= 5; seed += 1) {
      await node!.kill();
      expect(await tearTail(node!.dataDirectory, new Random(seed))).not.toBeNull();
      await node!.start();
    }
    expect((await kv.get('a', { timeoutMs: PATIENCE_MS }))?.text()).toBe('x');
    expect(await complaintsIn(node!.logFile)).toEqual([]);
    const log = await readFile(node!.logFile, 'utf8');
    expect(log.match(/torn-tail-cut/g)).toHaveLength(5);

    const through = (await node!.status())!.commitIndex;
    await node!.stop();
    const onDisk = await DiskLog.open(node!.dataDirectory, 'n1', ['n1']);
    const print = (index: number): Promise<string> => onDisk.fingerprint(1, index);
    const [first, again, shorter] = [await print(through), await print(through), await print(through - 1)];
    await onDisk.close();
    expect([again === first, shorter === first]).toEqual([true, false]);
  });
});

function put(key: string) {
  return { kind: 'put', key, value: 'v', ifRevision: null } as const;
}

describe('a history', () => {
  it('has what was answered, what may have taken effect, and not what was refused', async () => {
    const history = new History();
    await history.record(0, put('a'), () => Promise.resolve({ kind: 'put', revision: 2, version: 1 }));
    await history.record(0, put('b'), () => Promise.reject(new TimeoutError(5, 'unknown')));
    await history.record(0, put('c'), () => Promise.reject(new UnavailableError('none', 'not-applied')));
    expect(history.operations.map(({ input: { key }, returned }) => [key, returned === null])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(history.refused.map(({ key }) => key)).toEqual(['c']);
    expect(history.unknownCount).toBe(1);
  });
});

describe('the checks', () => {
  const entry = { value: padded('v'), revision: 2, version: 1 };
  const write = put('r/once/a');
  const history = (isKnown: boolean): History => {
    const one = new History();
    const output = { kind: 'put', revision: 2, version: 1 } as const;
    one.operations.push({
      client: 0,
      called: 1,
      returned: isKnown ? 2 : null,
      input: write,
      output: isKnown ? output : null,
    });
    return one;
  };
  const holding = (held: typeof entry | null): Holdings => new Map([['n1', new Map([[write.key, held]])]]);

  it.each([
    ['is content with what was acknowledged', true, entry, []],
    ['misses what was acknowledged', true, null, ['acknowledged-kept']],
    ['sees another revision', true, { ...entry, revision: 3 }, ['acknowledged-kept']],
    ['sees another value', true, { ...entry, value: 'other' }, ['acknowledged-kept']],
    ['sees a second application', true, { ...entry, version: 2 }, ['applied-once']],
    ['is content without what is unknown', false, null, []],
    ['is content with it too', false, entry, []],
    ['sees it twice', false, { ...entry, version: 2 }, ['applied-once']],
  ])('%s', (_, isKnown, held, promises) => {
    expect(checkOnce(history(isKnown), holding(held)).map(({ promise }) => promise)).toEqual(promises);
  });

  it('see what was refused and is there', () => {
    const refused = new History();
    refused.refused.push(write);
    expect(checkOnce(refused, holding(null))).toEqual([]);
    expect(checkOnce(refused, holding(entry)).map(({ promise }) => promise)).toEqual(['applied-once']);
  });

  it('see nodes that differ', () => {
    const two = (held: typeof entry | null): Holdings =>
      new Map([...holding(entry), ['n2', new Map([[write.key, held]])]]);
    expect(checkEqual(two(entry))).toEqual([]);
    expect(checkEqual(two(null)).map(({ promise }) => promise)).toEqual(['nodes-equal']);
  });

  it('see an answer that no order explains, revisions that fall, and what clients should not be told', () => {
    expect(checkHistory(history(true))).toEqual([]);
    const stale = history(true);
    const read = { kind: 'get', key: write.key } as const;
    stale.operations.push({
      client: 1,
      called: 3,
      returned: 4,
      input: read,
      output: { kind: 'value', entry: null },
    });
    const falling = history(true);
    falling.operations.push({
      client: 1,
      called: 3,
      returned: 4,
      input: { ...write, key: 'r/other' },
      output: { kind: 'put', revision: 2, version: 1 },
    });
    const told = history(true);
    told.misunderstandings.push('KV_PROTOCOL');
    const promises = [stale, falling, told].map((one) => checkHistory(one).map(({ promise }) => promise));
    expect(promises).toEqual([['linearizable'], ['linearizable'], ['understood']]);
  });
});

describe('the log of a node', () => {
  it('is searched for what it complains of, and shown from its end', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'raftkv-chaos-log-')), 'n1.log');
    afterwards(() => rm(dirname(file), { recursive: true }));
    const [fine, fatal] = ['{"level":40,"msg":"a peer is slow"}', '{"level":50,"msg":"the disk"}'];
    const accusation = '{"level":40,"msg":"a peer says what no correct peer says; it is ignored"}';
    await writeFile(file, [fine, fatal, accusation, '{"level":5', ''].join('\n'));
    expect(await complaintsIn(file)).toEqual([fatal, accusation]);
    expect(await lastLinesOf(file, 2)).toBe(`${accusation}\n{"level":5`);
  });
});

describe('a value', () => {
  it('is as good as its label, and only if all of it is there', () => {
    expect(labelOf(padded('c1.2'))).toBe('c1.2');
    expect(labelOf(`${padded('c1.2')}~`)).not.toBe('c1.2');
    expect(Math.max(...Array.from({ length: 100 }, (_, at) => padded(`c1.${at}`).length))).toBeGreaterThan(
      2000,
    );
  });
});

describe('a sabotage', () => {
  it.each(SABOTAGES)('$name changes one place of what was built', async (sabotage) => {
    const { module, find, replace } = sabotage;
    const built = await readFile(new URL(`../../../packages${module}`, import.meta.url), 'utf8');
    expect(sabotagedSource(sabotage, built)).toBe(built.replace(find, () => replace));
    for (const other of ['', built + find]) {
      expect(() => sabotagedSource(sabotage, other)).toThrow('exactly once');
    }
  });
});
