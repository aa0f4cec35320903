/** Peers that come and go: whom the node names, whom it does not, and a node that is to join. Rules R21, R24, R27. */

import { noConfiguration, nodeId, type NodeId } from '@raftkv/core';
import { MemoryLogStorage, RaftNode, type MembershipChange } from '@raftkv/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketTransport } from '../src/index.ts';
import { configurationOf, heartbeat, Stage, type Party } from './support/stage.ts';

const [A, B, D] = [nodeId('a'), nodeId('b'), nodeId('d')];
const CLUSTER_ID = new Uint8Array(16).fill(1);
const MEMBER = { greeting: { clusterId: CLUSTER_ID, hasLog: true } };
const JOINING = { configuration: noConfiguration() };

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

function voter(id: string): { readonly id: NodeId } {
  return { id: nodeId(id) };
}

function urlOf({ transport }: Party): string {
  return `ws://127.0.0.1:${transport.port}`;
}

function count({ events }: Party, event: string): number {
  return events.filter((one) => one === event).length;
}

async function speak(from: Party, to: Party): Promise<void> {
  from.transport.send(nodeId(to.id), [heartbeat(1)]);
  await stage.until(() => to.frames.length > 0);
  expect(to.frames).toEqual([[heartbeat(1)]]);
}

describe('a peer that the node names later', () => {
  it('is dialed at the address that the configuration has, and spoken to', async () => {
    const d = await stage.start('d', 4, { ...MEMBER, peers: new Map([[A, () => null]]) });
    const a = await stage.start('a', 1, { ...MEMBER, peers: new Map() });
    a.transport.setPeers([{ id: D, address: urlOf(d) }]);
    await stage.until(() => d.events.includes('a connected') && a.events.includes('d connected'));
    a.transport.send(D, [heartbeat(1)]);
    await stage.until(() => d.frames.length === 1);
    expect(d.frames).toEqual([[heartbeat(1)]]);
  });

  it('is dialed at the address of the options where they have one', async () => {
    const d = await stage.start('d', 4, { ...MEMBER, peers: new Map([[A, () => null]]) });
    const a = await stage.start('a', 1, { ...MEMBER, peers: new Map([[D, urlOf(d)]]) });
    a.transport.setPeers([{ id: D, address: 'ws://127.0.0.1:1' }]);
    await stage.until(() => a.events.includes('d connected'));
    expect(a.noticesOf('unreachable')).toEqual([]);
  });
});

describe('a peer whose turn it is to dial, and that knows nothing of the node', () => {
  const toFirst = { peers: new Map([[A, () => stage.urls.get('a') ?? null]]) };
  const lagging = { ...MEMBER, peers: new Map() };

  it.each([
    ['is a member that lags behind a change', lagging],
    ['is to join', { ...JOINING, peers: new Map(), greeting: { hasJoined: true } }],
  ])('hears it over the connection with which it was asked: it %s (R24)', async (_, options) => {
    const a = await stage.start('a', 1, options);
    const d = await stage.start('d', 4, { ...MEMBER, ...toFirst });
    await stage.until(() => a.events.includes('d connected') && d.events.includes('a connected'));
    await speak(d, a);
    await speak(a, d);
    expect(a.noticesOf('unreachable')).toEqual([]);
  });

  it('is asked until it is there, and again when the connection broke', async () => {
    const d = await stage.start('d', 4, { ...MEMBER, ...toFirst });
    await stage.until(() => d.noticesOf('unreachable').length > 0);
    const a = await stage.start('a', 1, lagging);
    await stage.until(() => d.events.includes('a connected'));
    await a.transport.close();
    await stage.until(() => d.events.some((event) => event.startsWith('a gone')));
    const again = await stage.start('a', 5, lagging);
    await stage.until(() => again.events.includes('d connected') && count(d, 'a connected') === 2);
    await speak(d, again);
    expect(again.events[0]).toBe('d connected');
  });

  it('dials by itself once it knows it', async () => {
    const a = await stage.start('a', 1, lagging);
    const d = await stage.start('d', 4, { ...MEMBER, ...toFirst });
    await stage.until(() => a.events.includes('d connected'));
    a.transport.setPeers([{ id: D, address: urlOf(d) }]);
    await d.transport.close();
    const again = await stage.start('d', 6, { ...MEMBER, peers: new Map([[A, () => null]]) });
    a.transport.setPeers([{ id: D, address: urlOf(again) }]);
    await stage.until(() => again.events.includes('a connected') && count(a, 'd connected') === 2);
    await speak(a, again);
    expect(again.events[0]).toBe('a connected');
  });
});

describe('a peer that is none any more', () => {
  it('keeps its connection, and is not dialed again when that is gone', async () => {
    const [a, b] = await stage.pair();
    a.transport.setPeers([{ id: D, address: null }]);
    a.transport.send(B, [heartbeat(1)]);
    await stage.until(() => b.frames.length === 1);
    await b.transport.close();
    await stage.until(() => a.events.some((event) => event.startsWith('b gone')));
    const { dials } = a.transport.metrics();
    // Time enough for those that would be dialed again: d is.
    await stage.until(() => a.noticesOf('unreachable').some(({ peer }) => peer === D));
    expect(a.transport.metrics().dials).toBe(dials);
  });
});

describe('the last peer of a node', () => {
  it('is dialed no more when it is none any more', async () => {
    const d = await stage.start('d', 4, { ...MEMBER, peers: new Map([[A, () => null]]) });
    const url = urlOf(d);
    let lookUps = 0;
    const look = () => {
      lookUps += 1;
      return url;
    };
    const a = await stage.start('a', 1, { ...MEMBER, peers: new Map([[D, look]]) });
    await stage.until(() => a.events.includes('d connected'));
    a.transport.setPeers([]);
    await d.transport.close();
    await stage.until(() => a.events.some((event) => event.startsWith('d gone')));
    const before = lookUps;
    // Time enough for one that would be dialed again: that of b, which dials nobody again and again, each time elsewhere.
    let port = 0;
    const nowhere = () => {
      port += 1;
      return `ws://127.0.0.1:${port}`;
    };
    await stage.start('b', 2, { ...MEMBER, peers: new Map([[nodeId('x'), nowhere]]) });
    await stage.until(() => port > 4);
    expect(lookUps).toBe(before);
  });
});

describe('a node that is to join', () => {
  it('is let in by name, by a member that knows its cluster and was told of it', async () => {
    const a = await stage.start('a', 1, {
      ...MEMBER,
      peers: new Map([[D, () => stage.urls.get('d') ?? null]]),
    });
    const peers = new Map([[A, () => stage.urls.get('a') ?? null]]);
    const d = await stage.start('d', 4, { ...JOINING, peers, greeting: { hasJoined: true } });
    await stage.until(() => d.events.includes('a connected') && a.events.includes('d connected'));
    expect(a.greetings[0]).toMatchObject({ hasJoined: true, hasLog: false });
  });

  it('hears the member that adds it, though it knows of none', async () => {
    const d = await stage.start('d', 4, { ...JOINING, peers: new Map(), greeting: { hasJoined: true } });
    const a = await stage.start('a', 1, { ...MEMBER, peers: new Map([[D, urlOf(d)]]) });
    await stage.until(() => d.events.includes('a connected') && a.events.includes('d connected'));
    a.transport.send(D, [heartbeat(1)]);
    await stage.until(() => d.frames.length === 1);
    expect(d.frames).toEqual([[heartbeat(1)]]);
  });

  it('is one that joined at a later start, too, whatever it is started with then', async () => {
    const joined = { hasJoined: true, hasLog: true };
    const d = await stage.start('d', 4, { peers: new Map([[A, () => null]]), greeting: joined });
    const a = await stage.start('a', 1, {
      ...MEMBER,
      peers: new Map([[D, urlOf(d)]]),
      configuration: configurationOf('a'),
    });
    await stage.until(() => d.events.includes('a connected') && a.events.includes('d connected'));
    expect(a.greetings[0]).toMatchObject(joined);
  });

  it('hears no stranger that is of no cluster, nor one of a cluster of another name', async () => {
    for (const options of [{}, { ...MEMBER, cluster: 'other' }]) {
      const d = await stage.start('d', 4, { ...JOINING, peers: new Map() });
      const a = await stage.start('a', 1, { ...options, peers: new Map([[D, urlOf(d)]]) });
      await stage.until(() => a.noticesOf('refused').length > 0);
      expect(d.events).toEqual([]);
      await stage.end();
      stage = new Stage();
    }
  });

  it('is not let in by another cluster, nor by one that has not begun', async () => {
    for (const options of [{ ...MEMBER, cluster: 'other' }, {}]) {
      const a = await stage.start('a', 1, { ...options, peers: new Map([[D, () => null]]) });
      const peers = new Map([[A, urlOf(a)]]);
      const d = await stage.start('d', 4, { ...JOINING, peers });
      await stage.until(() => d.noticesOf('refused').length > 0);
      expect(d.events).toEqual([]);
      await stage.end();
      stage = new Stage();
    }
  });
});

describe('a node of this cluster that the configuration here does not name', () => {
  it('is heard: the configuration may be the older one (R24)', async () => {
    const b = await stage.start('b', 2, { ...MEMBER, peers: new Map() });
    const a = await stage.start('a', 1, { ...MEMBER, peers: new Map([[B, urlOf(b)]]) });
    await stage.until(() => b.events.includes('a connected') && a.events.includes('b connected'));
    a.transport.send(B, [heartbeat(1)]);
    await stage.until(() => b.frames.length === 1);
    expect(b.frames).toEqual([[heartbeat(1)]]);
  });

  it('is one of few: another is refused while it is there, and heard once it is gone', async () => {
    const b = await stage.start('b', 2, { ...MEMBER, peers: new Map(), limits: { unnamedPeersMax: 1 } });
    const peers = new Map([[B, urlOf(b)]]);
    const a = await stage.start('a', 1, { ...MEMBER, peers });
    await stage.until(() => b.events.includes('a connected'));
    const c = await stage.start('aa', 3, { ...MEMBER, peers });
    await stage.until(() => c.noticesOf('refused').length > 0);
    expect(c.noticesOf('refused')[0]).toMatchObject({ refusal: 'unknown-node' });
    expect(b.events).toEqual(['a connected']);

    await a.transport.close();
    await stage.until(() => b.events.includes('aa connected'));
  });

  it('is refused while it does not prove to be of it', async () => {
    const b = await stage.start('b', 2, { ...MEMBER, peers: new Map() });
    const a = await stage.start('a', 1, { peers: new Map([[B, urlOf(b)]]) });
    await stage.until(() => a.noticesOf('refused').length > 0);
    expect(a.noticesOf('refused')[0]).toMatchObject({ refusal: 'unknown-node' });
    expect(b.events).toEqual([]);
  });
});

describe('a cluster over real sockets', () => {
  it('takes a node in, by an address that only the configuration knows, and lets it replace another', async () => {
    const names = ['a', 'b'];
    const nodes = new Map<string, RaftNode<number>>();
    const transports = new Map<string, WebSocketTransport>();
    const waiting = new Set<() => void>();
    const changed = () => {
      for (const look of waiting) look();
    };
    const until = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (holds()) resolve();
        };
        waiting.add(look);
        look();
      });
    const url = (id: string) => {
      const port = transports.get(id)?.port ?? null;
      return port === null ? null : `ws://127.0.0.1:${port}`;
    };
    const start = async (id: string) => {
      const configuration = names.includes(id) ? configurationOf(...names) : noConfiguration();
      const peers = new Map(names.filter((one) => one !== id).map((one) => [nodeId(one), () => url(one)]));
      const listen = { host: '127.0.0.1', port: 0 };
      const transport = new WebSocketTransport({
        id: nodeId(id),
        cluster: 'growing',
        configuration,
        listen,
        peers,
        onNotice: changed,
      });
      transports.set(id, transport);
      const node = await RaftNode.start({
        id: nodeId(id),
        storage: new MemoryLogStorage(configuration),
        transport,
        stateMachine: { apply: (commands) => (queueMicrotask(changed), commands.map(() => 1)) },
        observer: { onChanged: changed },
      });
      nodes.set(id, node);
    };
    const node = (id: string) => nodes.get(id)!;
    for (const id of [...names, 'd']) await start(id);
    try {
      await until(() => names.some((id) => node(id).status().role === 'leader'));
      const leader = names.find((id) => node(id).status().role === 'leader')!;
      await node(leader).propose(new Uint8Array([0]));
      const [other] = names.filter((id) => id !== leader);
      const change = (wanted: MembershipChange) => node(leader).changeMembership(wanted);
      await change({ voters: names.map(voter), learners: [{ id: D, address: url('d')! }] });
      await until(() => node('d').status().leader === leader);
      await node(leader).propose(new Uint8Array([1]));
      await until(() => node('d').status().appliedIndex >= 4);
      await change({ voters: [leader, 'd'].map(voter) });
      await until(() => node(other!).status().isRemoved);
      await node(other!).close();
      const { index } = await node(leader).propose(new Uint8Array([2]));
      await until(() => node('d').status().appliedIndex >= index);
      expect(node(other!).status()).toMatchObject({ isRemoved: true });
    } finally {
      await Promise.all([...nodes.values()].map((one) => one.close()));
    }
  });
});
