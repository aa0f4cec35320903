/** Messages leave after the write that they rest on, and what waits is bounded. */

import { nodeId, term, writeNumber, type Message, type Send } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { newCounters } from '../../src/node/metrics.ts';
import { Outbox } from '../../src/node/outbox.ts';

describe('messages that wait for a disk', () => {
  it('leave in order once their write is done', () => {
    const outbox = new Outbox(newCounters());
    for (const write of [1, 2, 2, 3]) outbox.post(replyAfter(write));
    outbox.release(writeNumber(2));
    expect(leaving(outbox)).toEqual([1, 2, 2]);
    outbox.release(writeNumber(3));
    expect(leaving(outbox)).toEqual([3]);
  });

  it('are lost beyond a limit, the oldest first, while the disk stands still', () => {
    const counters = newCounters();
    const outbox = new Outbox(counters);
    for (let heartbeat = 1; heartbeat <= 100_000; heartbeat += 1) outbox.post(replyAfter(heartbeat));
    outbox.release(writeNumber(100_000));
    const left = leaving(outbox);
    expect(left.length).toBeLessThanOrEqual(4096);
    expect(left).toEqual(left.map((_, at) => 100_001 - left.length + at));
    expect(counters.sendsDropped).toBe(100_000 - left.length);
  });
});

/** Says by its term which write it waits for. */
function replyAfter(write: number): Send {
  const message = { kind: 'voteReply', term: term(write), isGranted: true } as const;
  return { kind: 'send', to: nodeId('b'), message, afterWrite: writeNumber(write) };
}

/** The writes that the messages of the next frame waited for. */
function leaving(outbox: Outbox): number[] {
  const sent: Message[] = [];
  outbox.empty(
    () => true,
    (_, messages) => sent.push(...messages),
  );
  return sent.map((message) => message.term);
}
