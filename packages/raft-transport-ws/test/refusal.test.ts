/** Who is refused, with what code and words, and that both sides are told. Source: DESIGN §6, R27. */

import { afterEach, describe, expect, it } from 'vitest';
import { encodeHello, type Hello } from '../src/bytes/hello.ts';
import { closing, helloOf, open } from './support/fake-peer.ts';
import { configurationOf, greetingOf, Stage } from './support/stage.ts';

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

const CLUSTER_ID = new Uint8Array(16).fill(1);
const OTHER_ID = new Uint8Array(16).fill(2);

describe('a hello is refused', () => {
  const cases: readonly [string, Hello, number, RegExp][] = [
    ['that means another node', helloOf('a', 'c'), 4405, /"b" is here, not "c": check the address/],
    ['of a node that is not known', helloOf('0', 'b'), 4404, /knows no "0": check names/],
    ['of this node itself', helloOf('b', 'b'), 4406, /"b" met itself: check/],
    ['of another cluster', helloOf('a', 'b', { cluster: 'other' }), 4402, /"other" meets "tests": start/],
    [
      'of another first configuration',
      helloOf('a', 'b', { configurationDigest: new Uint8Array(32) }),
      4403,
      /first configurations differ: start all/,
    ],
  ];
  for (const [who, hello, expectedCode, words] of cases) {
    it(`${who}, with a reason`, async () => {
      const b = await stage.start('b', 2);
      const webSocket = await open(b.transport.port);
      webSocket.send(encodeHello(hello));
      const { code, reason } = await closing(webSocket);
      expect(code).toBe(expectedCode);
      expect(reason).toMatch(words);
      await stage.until(() => b.noticesOf('refused').length === 1);
      expect(b.noticesOf('refused')[0]).toMatchObject({ by: 'this-node', peer: hello.from, reason });
      expect(b.events).toEqual([]);
    });
  }

  it('of another version, naming both', async () => {
    const b = await stage.start('b', 2);
    const webSocket = await open(b.transport.port);
    const bytes = encodeHello(helloOf('a', 'b'));
    bytes[4] = 9;
    webSocket.send(bytes);
    expect(await closing(webSocket)).toEqual({
      code: 4401,
      reason: 'protocol version 9 meets version 1: run releases that share one',
    });
  });

  it('of a peer that dials where it has to be dialed', async () => {
    const a = await stage.start('a', 1);
    const webSocket = await open(a.transport.port);
    webSocket.send(encodeHello(helloOf('b', 'a')));
    expect((await closing(webSocket)).code).toBe(4407);
  });

  it('with words that fit in a close frame, however long the names are', async () => {
    const b = await stage.start('b', 2);
    const webSocket = await open(b.transport.port);
    webSocket.send(encodeHello(helloOf('é'.repeat(120), '💥'.repeat(60))));
    const { code, reason } = await closing(webSocket);
    expect(code).toBe(4405);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });
});

describe('two transports that do not fit', () => {
  it('are both told, and go on', async () => {
    const b = await stage.start('b', 2, { cluster: 'other' });
    const a = await stage.start('a', 1);
    await stage.until(() => a.noticesOf('refused').length > 0 && b.noticesOf('refused').length > 0);
    const [told] = a.noticesOf('refused').filter(({ by }) => by === 'the-peer');
    expect(told).toMatchObject({ peer: 'b', refusal: 'other-cluster' });
    expect(told?.reason).toMatch(/start both with one name/);
    expect(b.noticesOf('refused')[0]).toMatchObject({ by: 'this-node', peer: 'a', refusal: 'other-cluster' });
    expect([a.events, b.events]).toEqual([[], []]);
  });

  it('because the address of the peer leads to this node, are told so', async () => {
    const a = await stage.start('a', 1);
    stage.urls.set('b', `ws://127.0.0.1:${a.transport.port}`);
    await stage.until(() => a.noticesOf('refused').length > 1);
    expect(new Set(a.noticesOf('refused').map(({ refusal }) => refusal))).toEqual(new Set(['self']));
  });

  it('because the address leads to another node, are told so', async () => {
    stage.urls.set('c', 'ws://127.0.0.1:9');
    const b = await stage.start('b', 2);
    stage.urls.set('c', `ws://127.0.0.1:${b.transport.port}`);
    const a = await stage.start('a', 1);
    await stage.until(() => a.noticesOf('refused').length > 0);
    expect(a.noticesOf('refused')[0]).toMatchObject({ by: 'the-peer', peer: 'c', refusal: 'wrong-node' });
  });
});

describe("R27: the cluster's id", () => {
  it('decides alone where both know it, whatever name and first configuration say', async () => {
    const b = await stage.start('b', 2, { cluster: 'old name', greeting: { clusterId: CLUSTER_ID } });
    const a = await stage.start('a', 1, {
      configuration: configurationOf('x'),
      greeting: { clusterId: CLUSTER_ID },
    });
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
    expect([a.events, b.events]).toEqual([['b connected'], ['a connected']]);
  });

  it('keeps out who belongs to another, with the same name too', async () => {
    const b = await stage.start('b', 2, { greeting: { clusterId: CLUSTER_ID } });
    const webSocket = await open(b.transport.port);
    webSocket.send(encodeHello(helloOf('a', 'b', { greeting: greetingOf(9, { clusterId: OTHER_ID }) })));
    const { code, reason } = await closing(webSocket);
    expect([code, reason]).toEqual([4402, expect.stringMatching(/ids of the clusters differ: check/)]);
  });

  it('known to one side leaves the decision to name and first configuration', async () => {
    const b = await stage.start('b', 2, { greeting: { clusterId: CLUSTER_ID } });
    const a = await stage.start('a', 1);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
    expect([a.events, b.events]).toEqual([['b connected'], ['a connected']]);
  });
});
