/** What a transport has to do with snapshots. */

import { nodeId } from '@raftkv/core';
import { assert, assertEqual } from './assert.ts';
import { heartbeat } from './messages.ts';
import { bytesOf, collect, Gate, joined, Sent, SnapshotSource } from './snapshot-source.ts';
import { A, B, connected, Witness, type TransportHarness } from './witness.ts';

type Rule = readonly [name: string, check: (harness: TransportHarness) => Promise<void>];

export const SNAPSHOT_RULES: readonly Rule[] = [
  ['a snapshot arrives whole, whatever the sizes of its pieces, and is the receiver’s own', arrives],
  ['a snapshot may be empty, and its head long', arrivesEmpty],
  ['a snapshot is delivered when its receiver says so, not when it is read', waitsForReceiver],
  ['a snapshot that its receiver has already is delivered without being read', isHadAlready],
  ['a snapshot that its receiver refuses fails, and its content is let go', isRefused],
  ['a snapshot whose content fails at the sender fails at the receiver too', failsAtSender],
  ['a later snapshot to the same peer ends the one before, which is told once', replaces],
  ['snapshots go both ways at once', goBothWays],
  ['messages pass a snapshot that stands still', passesMessages],
  ['a snapshot to a peer that closes fails, and is let go', receiverCloses],
  ['a snapshot of a node that closes fails at both, by the time it is closed', senderCloses],
  ['a snapshot to a node that is not there fails, later, and is let go', isForNobody],
];

const HEAD = bytesOf(20, 9);
const SIZES = [0, 1, 65_535, 65_536, 65_537, 3, 0, 200_001];

/** The next snapshot that a witness is sent: it takes all of it, and this is what comes of that. */
function taking(witness: Witness): Promise<Uint8Array> {
  return new Promise((resolve) => {
    witness.take = async (_, content) => {
      const taken = collect(content);
      resolve(taken);
      await taken;
    };
  });
}

/** What comes of taking it has to be an error. */
async function failed(taken: Promise<Uint8Array>): Promise<void> {
  const outcome = await taken.then(
    () => null,
    (error: unknown) => error,
  );
  assert(outcome instanceof Error, 'the receiver read to an end that there was not');
}

/** Resolves when a witness has been given a piece; it goes on to wait for more. */
function begun(witness: Witness): { readonly first: Promise<void>; readonly taken: Promise<Uint8Array> } {
  const first = new Gate();
  const taken = taking(witness);
  const { take } = witness;
  async function* noted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of content) {
      first.open();
      yield piece;
    }
  }
  witness.take = (head, content) => take(head, noted(content));
  // Who only waits for the beginning does not look at it.
  taken.catch(() => {});
  return { first: first.opened, taken };
}

/** One that a sender has begun to send, and whose content gives no more. */
function standing(): SnapshotSource {
  return new SnapshotSource([bytesOf(10)], 'stands still');
}

async function arrives(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const pieces = SIZES.map((size, nth) => bytesOf(size, nth));
  const taken = taking(b);
  const sent = new Sent(a, B, HEAD, new SnapshotSource(pieces));
  assertEqual(await taken, joined(pieces), 'content');
  await sent.delivered();
  await harness.settle();
  sent.isToldOnce();
  assertEqual(b.events, ['a connected', 'a sends a snapshot'], 'events');
}

async function arrivesEmpty(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const taken: Uint8Array[] = [];
  b.take = async (head, content) => void taken.push(head, await collect(content));
  for (const head of [bytesOf(0), bytesOf(200_000)]) {
    // One after the other: the later would end the earlier.
    await new Sent(a, B, head, new SnapshotSource([])).delivered();
  }
  assertEqual(taken, [bytesOf(0), bytesOf(0), bytesOf(200_000), bytesOf(0)], 'heads and contents');
}

async function waitsForReceiver(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const [read, kept] = [new Gate(), new Gate()];
  b.take = async (_, content) => {
    await collect(content);
    read.open();
    await kept.opened;
  };
  const sent = new Sent(a, B, HEAD, new SnapshotSource([bytesOf(10)]));
  await read.opened;
  let isTold = false;
  void sent.outcome.then(() => (isTold = true));
  // Whatever would be told by now was on its way before this.
  b.transport.send(A, [heartbeat(1)]);
  await harness.settle();
  assert(!isTold, 'told before the receiver had kept it');
  kept.open();
  await sent.delivered();
}

async function isHadAlready(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const source = new SnapshotSource(endless());
  b.take = () => Promise.resolve();
  await new Sent(a, B, HEAD, source).delivered();
  await source.letGo;
  const partly = new SnapshotSource(endless());
  b.take = async (_, content) => {
    for await (const piece of content) if (piece.length > 0) break;
  };
  await new Sent(a, B, HEAD, partly).delivered();
  await partly.letGo;
}

async function isRefused(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const source = new SnapshotSource(endless());
  b.take = () => Promise.reject(new Error('not wanted here'));
  const sent = new Sent(a, B, HEAD, source);
  await sent.failed();
  await source.letGo;
  assert(String(await sent.outcome).includes('not wanted here'), 'the reason is not told');
}

async function failsAtSender(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const taken = taking(b);
  const sent = new Sent(a, B, HEAD, new SnapshotSource([bytesOf(10)], new Error('a bad disk')));
  await Promise.all([failed(taken), sent.failed()]);
}

async function replaces(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const { first, taken } = begun(b);
  const source = standing();
  const earlier = new Sent(a, B, HEAD, source);
  await first;
  const next = taking(b);
  const later = new Sent(a, B, HEAD, new SnapshotSource([bytesOf(30)]));
  await Promise.all([earlier.failed(), failed(taken), source.letGo, later.delivered()]);
  assertEqual(await next, bytesOf(30), 'content of the later one');
  await harness.settle();
  earlier.isToldOnce();
}

async function goBothWays(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const taken = [taking(a), taking(b)];
  const sent = [
    new Sent(a, B, HEAD, new SnapshotSource([bytesOf(70_000, 1)])),
    new Sent(b, A, HEAD, new SnapshotSource([bytesOf(70_000, 2)])),
  ];
  await Promise.all(sent.map((one) => one.delivered()));
  assertEqual(await Promise.all(taken), [bytesOf(70_000, 2), bytesOf(70_000, 1)], 'contents');
}

async function passesMessages(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  // The receiver takes nothing, so that as much is under way as may be.
  const reached = new Promise<void>((resolve) => {
    b.take = () => new Promise(() => resolve());
  });
  const sent = new Sent(a, B, HEAD, new SnapshotSource(endless()));
  await reached;
  a.transport.send(B, [heartbeat(1)]);
  b.transport.send(A, [heartbeat(2)]);
  await harness.settle();
  assertEqual([a.frames, b.frames], [[[heartbeat(2)]], [[heartbeat(1)]]], 'frames');
  // A receiver that never says what it made of it holds up no end.
  await b.transport.close();
  await sent.failed();
}

async function receiverCloses(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const { first, taken } = begun(b);
  const source = standing();
  const sent = new Sent(a, B, HEAD, source);
  await first;
  await b.transport.close();
  await Promise.all([sent.failed(), failed(taken), source.letGo]);
  await harness.settle();
  sent.isToldOnce();
}

async function senderCloses(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  const { first, taken } = begun(b);
  const source = standing();
  const sent = new Sent(a, B, HEAD, source);
  await first;
  await a.transport.close();
  sent.isToldOnce();
  await Promise.all([sent.failed(), failed(taken), source.letGo]);
  await harness.settle();
  sent.isToldOnce();
}

async function isForNobody(harness: TransportHarness): Promise<void> {
  const a = new Witness(harness, A, 1);
  const fails = async (): Promise<void> => {
    const source = new SnapshotSource([bytesOf(10)]);
    await new Sent(a, B, HEAD, source).failed();
    await source.letGo;
  };
  await fails();
  await a.transport.start(a);
  await fails();
  const source = new SnapshotSource([bytesOf(10)]);
  await new Sent(a, nodeId('nobody'), HEAD, source).failed();
  await source.letGo;
  await a.transport.close();
  await fails();
}

function* endless(): Generator<Uint8Array> {
  for (;;) yield bytesOf(65_536);
}
