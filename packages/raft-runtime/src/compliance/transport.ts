/** What a transport has to do. */

import { nodeId } from '@raftkv/core';
import { assertEqual } from './assert.ts';
import { caseWith, type ComplianceCase } from './case.ts';
import { heartbeat, MESSAGES } from './messages.ts';
import { SNAPSHOT_RULES } from './transport-snapshots.ts';
import { A, B, connected, greetingOf, Witness, type TransportHarness } from './witness.ts';

/** What a transport has to do. `makeHarness` is called once for each case. */
export function transportCases(makeHarness: () => Promise<TransportHarness>): readonly ComplianceCase[] {
  const rule = (name: string, check: (harness: TransportHarness) => Promise<void>) =>
    caseWith(name, makeHarness, check);
  return [
    rule('two nodes that connect are each told what the other said', greets),
    rule('nothing is told before the method that causes it has returned', tellsLater),
    rule('messages arrive unchanged, in order, and together where they were sent together', delivers),
    rule('what is sent to a node that is not there is lost, and harms nobody', losesForNobody),
    rule('a connection is told before its messages, its end after them', tellsInOrder),
    rule('a closed node is noticed as a process that is gone', noticesClosed),
    rule('no event comes after close, and closing twice does no harm', endsWithClose),
    rule('a node that comes back is greeted anew, with what both have to say by then', greetsAnew),
    ...SNAPSHOT_RULES.map(([name, check]) => rule(name, check)),
  ];
}

async function greets(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  assertEqual(a.greetings, [greetingOf(2)], 'what a was told');
  assertEqual(b.greetings, [greetingOf(1)], 'what b was told');
}

async function tellsLater(harness: TransportHarness): Promise<void> {
  const [a, b] = [new Witness(harness, A, 1), new Witness(harness, B, 2)];
  const within = async (work: () => unknown) => {
    for (const witness of [a, b]) witness.isWithinCall = true;
    work();
    for (const witness of [a, b]) witness.isWithinCall = false;
    await harness.settle();
  };
  await within(() => void a.transport.start(a));
  await within(() => void b.transport.start(b));
  await within(() => a.transport.send(B, [heartbeat(1)]));
  await within(() => void a.transport.close());
  assertEqual(b.events, ['a connected', 'a spoke', 'a gone'], 'events');
}

async function delivers(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  a.transport.send(B, MESSAGES);
  for (const inTerm of [1, 2, 3]) a.transport.send(B, [heartbeat(inTerm)]);
  await harness.settle();
  assertEqual(b.frames, [MESSAGES, [heartbeat(1)], [heartbeat(2)], [heartbeat(3)]], 'frames');
  assertEqual(a.frames, [], 'frames of the other side');
}

async function losesForNobody(harness: TransportHarness): Promise<void> {
  const a = new Witness(harness, A, 1);
  a.transport.send(B, [heartbeat(1)]);
  await a.transport.start(a);
  a.transport.send(B, [heartbeat(2)]);
  a.transport.send(nodeId('nobody'), [heartbeat(3)]);
  await harness.settle();
  assertEqual(a.events, [], 'events');
}

async function tellsInOrder(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  for (const inTerm of [1, 2, 3]) a.transport.send(B, [heartbeat(inTerm)]);
  await a.transport.close();
  await harness.settle();
  const ends = b.events.map((event) => event.endsWith('gone') || event.endsWith('disconnected'));
  assertEqual(ends.indexOf(true), b.events.length - 1, `place of the end in ${b.events.join(', ')}`);
}

async function noticesClosed(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  await a.transport.close();
  await harness.settle();
  assertEqual(b.events, ['a connected', 'a gone'], 'events');
}

async function endsWithClose(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  b.transport.send(A, [heartbeat(1)]);
  const closing = a.transport.close();
  const before = a.events.length;
  await closing;
  await a.transport.close();
  a.transport.send(B, [heartbeat(2)]);
  b.transport.send(A, [heartbeat(3)]);
  await harness.settle();
  assertEqual(a.events.length, before, 'number of events');
  assertEqual(b.events, ['a connected', 'a gone'], 'events of the other side');
}

async function greetsAnew(harness: TransportHarness): Promise<void> {
  const [a, b] = await connected(harness);
  await a.transport.close();
  await harness.settle();
  const again = new Witness(harness, A, 3);
  await again.transport.start(again);
  await harness.settle();
  assertEqual(b.events, ['a connected', 'a gone', 'a connected'], 'events');
  assertEqual(b.greetings, [greetingOf(1), greetingOf(3)], 'greetings');
  again.transport.send(B, [heartbeat(4)]);
  await harness.settle();
  assertEqual(b.frames, [[heartbeat(4)]], 'frames');
}
