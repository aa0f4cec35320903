/** One connection at a time, towards the leader. */

import { expect, it } from 'vitest';
import { connect } from '../src/index.ts';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { failed, type ScriptedNode } from './support/node.ts';

function three(): { cluster: ScriptedCluster; a: ScriptedNode; b: ScriptedNode; c: ScriptedNode } {
  const cluster = new ScriptedCluster();
  const [a, b, c] = [cluster.node('ws://a'), cluster.node('ws://b'), cluster.node('ws://c')];
  return { cluster, a, b, c };
}

it('follows the hello of any node to the leader', async () => {
  const { cluster, a, b } = three();
  a.directory = { leaderUrl: 'ws://b', urls: ['ws://a', 'ws://b'] };
  b.directory = { leaderUrl: 'ws://b', urls: [] };
  const kv = await cluster.client({ endpoints: ['ws://a'] });
  await Promise.all([kv.get('a'), cluster.time.settle()]);
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
  expect(a.sockets[0]?.isClosed).toBe(true);
  expect([a.asked.length, b.asked.length]).toEqual([0, 1]);
});

it('takes an address with and without its slash for the same node', async () => {
  const { cluster, a } = three();
  a.directory = { leaderUrl: 'ws://a/', urls: [] };
  await cluster.client();
  expect(cluster.dialled).toEqual(['ws://a']);
});

it.each(['localhost', 'a load balancer'])(
  'stays with the leader that it reached by another name: %s',
  async (name) => {
    const { cluster, a, b } = three();
    a.clientUrl = `ws://${name.replaceAll(' ', '-')}.example`;
    a.directory = { leaderUrl: a.clientUrl, urls: [a.clientUrl, 'ws://b'] };
    const connecting = watched(connect(cluster.options({ endpoints: ['ws://a'] })));
    await cluster.time.settle();
    a.announce(a.directory);
    await cluster.time.elapse(1_000);
    expect(connecting.state).toBe('fulfilled');
    expect(cluster.dialled).toEqual(['ws://a']);
    expect(cluster.notices.map(({ kind }) => kind)).toEqual(['connected']);
    // What one node calls itself is not how the next is known.
    a.announce({ leaderUrl: 'ws://b', urls: [] });
    await cluster.time.elapse(100);
    b.announce({ leaderUrl: a.clientUrl, urls: [] });
    await cluster.time.elapse(100);
    expect(cluster.dialled.slice(0, 3)).toEqual(['ws://a', 'ws://b', a.clientUrl]);
  },
);

it('follows the directory as ever where a node does not say where clients reach it', async () => {
  const { cluster, a } = three();
  a.clientUrl = null;
  a.directory = { leaderUrl: 'ws://b', urls: [] };
  await cluster.client({ endpoints: ['ws://a'] });
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
});

it('follows the news of a new leader, after the answers that are on their way', async () => {
  const { cluster, a, b } = three();
  const kv = await cluster.client();
  await Promise.all([kv.put('n', '0'), cluster.time.settle()]);
  a.serve = () => undefined;
  const put = watched(kv.put('n', '1'));
  await cluster.time.settle();
  a.announce({ leaderUrl: 'ws://b', urls: [] });
  await cluster.time.elapse(10);
  expect(cluster.dialled).toEqual(['ws://a']);
  a.of('write')[1]?.answer(failed('not-leader'));
  await cluster.time.settle();
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
  expect(put.state).toBe('fulfilled');
  expect(b.positions).toEqual(['10/2/2']);
});

it('does not wait for answers of a node that it leaves for longer than 50 ms', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client();
  a.serve = () => undefined;
  const got = watched(kv.get('n'));
  await cluster.time.settle();
  a.announce({ leaderUrl: 'ws://c', urls: [] });
  await cluster.time.elapse(50);
  expect(cluster.dialled).toEqual(['ws://a', 'ws://c']);
  expect(got.state).toBe('fulfilled');
});

it('follows the address in a refusal', async () => {
  const { cluster, a } = three();
  a.serve = () => failed('not-leader', 'not-applied', 'ws://c');
  const kv = await cluster.client();
  const got = watched(kv.get('n'));
  await cluster.time.settle();
  expect(cluster.dialled).toEqual(['ws://a', 'ws://c']);
  expect(got.state).toBe('fulfilled');
  expect(cluster.notices).toContainEqual({ kind: 'redirected', url: 'ws://a', to: 'ws://c' });
});

it('leaves a node that stops for another', async () => {
  const { cluster, a, b } = three();
  a.serve = () => failed('unavailable');
  const kv = await cluster.client();
  const got = watched(kv.get('n'));
  await cluster.time.settle();
  expect(got.state).toBe('fulfilled');
  expect(b.of('get')).toHaveLength(1);
});

it('stays with a node that knows of no leader, and leaves it after half a second', async () => {
  const { cluster, a, b } = three();
  a.serve = () => failed('not-leader');
  const kv = await cluster.client();
  const got = watched(kv.get('n'));
  await cluster.time.elapse(450);
  expect(cluster.dialled).toEqual(['ws://a']);
  await cluster.time.elapse(1_000);
  expect(got.state).toBe('fulfilled');
  expect(b.of('get')).toHaveLength(1);
});

it('sends at once what waits when a node without a leader has news of itself', async () => {
  const { cluster, a } = three();
  a.serve = () => failed('not-leader');
  const kv = await cluster.client({ backoffMs: 800, backoffMaxMs: 800 });
  const got = watched(kv.get('n'));
  await cluster.time.elapse(1);
  a.serve = (request) => cluster.store.serve(request);
  a.announce({ leaderUrl: 'ws://a', urls: [] });
  await cluster.time.settle();
  expect(got.state).toBe('fulfilled');
});

it('serves from a follower, serializable, where the leader cannot be reached', async () => {
  const { cluster, a } = three();
  cluster.gone.add('ws://leader');
  a.directory = { leaderUrl: 'ws://leader', urls: [] };
  a.serve = (request) =>
    request.kind === 'get' && request.consistency === 'serializable'
      ? cluster.store.serve(request)
      : failed('not-leader', 'not-applied', 'ws://leader');
  const connecting = connect(cluster.options({ endpoints: ['ws://a'] }));
  await cluster.time.elapse(100);
  const kv = await connecting;
  const [old, sure] = [
    watched(kv.get('n', { consistency: 'serializable' })),
    watched(kv.get('n', { timeoutMs: 400 })),
  ];
  await cluster.time.elapse(400);
  expect(old.value).toBeNull();
  expect(sure.error).toMatchObject({ code: 'KV_TIMEOUT', outcome: 'not-applied' });
});

it('does not run in circles between nodes that name each other', async () => {
  const { cluster, a, b } = three();
  a.directory = { leaderUrl: 'ws://b', urls: [] };
  b.directory = { leaderUrl: 'ws://a', urls: [] };
  const connecting = watched(connect(cluster.options({ endpoints: ['ws://a', 'ws://b'] })));
  await cluster.time.elapse(5_000);
  expect(connecting.state).toBe('rejected');
  expect(cluster.dialled.length).toBeLessThan(40);
});

it('goes around the endpoints and the addresses that it learned, with growing pauses', async () => {
  const { cluster, a } = three();
  a.directory = { leaderUrl: null, urls: ['ws://a', 'ws://d', 'ftp://no'] };
  await cluster.client({ endpoints: ['ws://a', 'ws://b'] });
  for (const url of ['ws://a', 'ws://b']) cluster.gone.add(url);
  a.cut();
  await cluster.time.elapse(10_000);
  expect(cluster.dialled.slice(0, 7)).toEqual([
    'ws://a',
    'ws://b',
    'ws://d',
    'ws://a',
    'ws://b',
    'ws://d',
    'ws://a',
  ]);
  expect(cluster.dialled.length).toBeGreaterThan(10);
  expect(cluster.dialled.length).toBeLessThan(80);
});

it('never follows from an encrypted address to one that is not', async () => {
  const cluster = new ScriptedCluster();
  const a = cluster.node('wss://a');
  a.directory = { leaderUrl: 'ws://b', urls: ['ws://b'] };
  await cluster.client();
  a.cut();
  await cluster.time.elapse(1_000);
  expect(new Set(cluster.dialled)).toEqual(new Set(['wss://a']));
});

it('gives a node a limited time for its hello', async () => {
  const { cluster, a } = three();
  a.greets = false;
  const connecting = watched(connect(cluster.options()));
  await cluster.time.elapse(1_999);
  expect(cluster.dialled).toEqual(['ws://a']);
  await cluster.time.elapse(1);
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
  expect(connecting.state).toBe('fulfilled');
});

it('leaves a node that says nothing while requests are under way', async () => {
  const { cluster, a, b } = three();
  const kv = await cluster.client();
  a.serve = () => undefined;
  const got = watched(kv.get('n'));
  await cluster.time.elapse(3_000);
  expect(got.state).toBe('fulfilled');
  expect(b.of('get')).toHaveLength(1);
});

it('leaves such a node also where every call gives up earlier', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client();
  a.serve = () => undefined;
  for (let count = 0; count < 4; count += 1) {
    watched(kv.get('n', { timeoutMs: 700 }));
    await cluster.time.elapse(750);
  }
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
});

it('does not take a slow line for silence', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client({ timeoutMs: 20_000 });
  const [socket] = a.sockets;
  if (socket === undefined) throw new Error('not connected');
  a.serve = () => undefined;
  socket.bufferedAmount = 4_000_000;
  watched(kv.get('n'));
  await cluster.time.settle();
  socket.bufferedAmount = 2_000_000;
  await cluster.time.elapse(3_000);
  expect(cluster.dialled).toEqual(['ws://a']);
  await cluster.time.elapse(3_000);
  expect(cluster.dialled).toEqual(['ws://a', 'ws://b']);
});

it('sends nothing more while the socket holds more than 16 MiB', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client();
  a.serve = () => undefined;
  watched(kv.get('first'));
  await cluster.time.settle();
  const [socket] = a.sockets;
  if (socket === undefined) throw new Error('not connected');
  socket.bufferedAmount = 17 * 1024 * 1024;
  watched(kv.get('second'));
  await cluster.time.settle();
  expect(a.of('get')).toHaveLength(1);
  socket.bufferedAmount = 0;
  a.of('get')[0]?.answer({ kind: 'value', entry: null, revision: 0 });
  await cluster.time.settle();
  expect(a.of('get')).toHaveLength(2);
});

it('sends all requests of a turn in one frame, and reads answers of one frame in one turn', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client();
  await Promise.all([kv.put('n', ''), cluster.time.settle()]);
  a.frames.length = 0;
  const calls = Array.from({ length: 100 }, (_, index) =>
    watched(index % 2 === 0 ? kv.put(`${index}`, '') : kv.get(`${index}`)),
  );
  await cluster.time.settle();
  expect(calls.every(({ state }) => state === 'fulfilled')).toBe(true);
  expect(a.frames).toEqual([100]);
});

it('sends the next requests of all whose answers stood in one frame in one frame again', async () => {
  const { cluster, a } = three();
  const kv = await cluster.client();
  a.serve = () => undefined;
  const work = async (key: string): Promise<void> => {
    for (let count = 0; count < 3; count += 1) {
      await kv.get(key);
      await Promise.resolve();
    }
  };
  const workers = ['a', 'b', 'c', 'd'].map((key) => watched(work(key)));
  a.frames.length = 0;
  for (let round = 0; round < 3; round += 1) {
    await cluster.time.settle();
    a.sayTogether(
      a.asked.splice(0).map(({ id }) => ({
        kind: 'response',
        id,
        response: { kind: 'value', entry: null, revision: 1 },
      })),
    );
  }
  await cluster.time.settle();
  expect(workers.every(({ state }) => state === 'fulfilled')).toBe(true);
  expect(a.frames).toEqual([4, 4, 4]);
});

it('refuses a node of another cluster', async () => {
  const { cluster, a, b, c } = three();
  const kv = await cluster.client();
  b.cluster = 'other';
  a.cut();
  cluster.gone.add('ws://a');
  const got = watched(kv.get('n'));
  await cluster.time.elapse(100);
  expect(got.state).toBe('fulfilled');
  expect([b.asked.length, c.asked.length]).toEqual([0, 1]);
  expect(cluster.notices).toContainEqual(
    having({
      kind: 'distrusted',
      url: 'ws://b',
      error: having({ code: 'KV_PROTOCOL' }),
    }),
  );
});

it('counts an address that the platform refuses as a node that cannot be reached', async () => {
  const { cluster } = three();
  const options = cluster.options({ endpoints: ['ws://bad', 'ws://b'] });
  const dial = options.socketFactory;
  const kv = watched(
    connect({
      ...options,
      socketFactory: (url, protocol) => {
        if (url === 'ws://bad' || dial === undefined) throw new SyntaxError('no');
        return dial(url, protocol);
      },
    }),
  );
  await cluster.time.settle();
  expect(kv.state).toBe('fulfilled');
});

it('tells what it goes through', async () => {
  const { cluster, a } = three();
  await cluster.client();
  a.cut();
  await cluster.time.settle();
  expect(cluster.notices.map(({ kind, url }) => `${kind} ${url}`)).toEqual([
    'connected ws://a',
    'disconnected ws://a',
    'connected ws://b',
  ]);
});
