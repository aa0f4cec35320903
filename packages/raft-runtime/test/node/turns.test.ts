/** A turn is one write, one frame a peer and one batch to apply; and nothing leaves before the write it rests on. */

import { describe, expect, it, vi } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { bytes, SlowMachine } from '../support/machine.ts';

describe('R1: many proposals of one turn', () => {
  it('are one write, one frame a peer and one call of the state machine', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(50);
    const { node, machine } = cluster.member('a');
    const before = node.metrics();
    for (let nth = 0; nth < 100; nth += 1) node.submit(bytes(`${nth}`), () => {});
    cluster.world.turn();
    const after = node.metrics();
    expect(after.writes - before.writes).toBe(1);
    expect(after.entriesWritten - before.entriesWritten).toBe(100);
    expect(after.framesSent - before.framesSent).toBe(2);
    await cluster.world.settle();
    expect(machine.calls).toEqual([100]);
  });

  it('are told by counters, and every one is answered', async () => {
    const cluster = await Cluster.elected();
    const { node } = cluster.member('a');
    for (let nth = 0; nth < 10; nth += 1) node.submit(bytes(`${nth}`), () => {});
    node.submitRead(() => {});
    cluster.node('b').submit(bytes('refused'), () => {});
    await cluster.world.settle();
    expect(node.metrics()).toMatchObject({ proposals: 10, reads: 1, answers: 11, commandsApplied: 10 });
    expect(node.metrics()).toMatchObject({ noOpsSkipped: 1, lateTimers: 0 });
    expect(cluster.node('b').metrics()).toMatchObject({ proposals: 1, answers: 1 });
  });
});

describe('a command', () => {
  it('is copied by propose: what its caller does with the memory later changes nothing', async () => {
    const cluster = await Cluster.elected();
    const data = bytes('x');
    const proposed = cluster.node('a').propose(data);
    data.fill(0);
    await cluster.world.settle();
    expect(await proposed).toMatchObject({ result: 'x is 1' });
  });

  it('is refused before it is copied, where it is none or too long', async () => {
    const cluster = await Cluster.elected();
    const none = 7 as unknown as Uint8Array;
    await expect(cluster.node('a').propose(none)).rejects.toThrow(TypeError);
  });
});

describe('R2: a message that rests on a write', () => {
  it('is held back until the write is done', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(50);
    cluster.storage('b').hold();
    cluster.storage('c').hold();
    const answers: unknown[] = [];
    cluster.node('a').submit(bytes('x'), (answer) => answers.push(answer));
    await cluster.world.settle();
    expect(answers).toEqual([]);
    expect(cluster.node('b').status()).toMatchObject({ lastIndex: 2, durableIndex: 1 });
    expect(cluster.node('a').status().commitIndex).toBe(1);

    cluster.storage('b').release();
    await cluster.world.settle();
    expect(answers).toEqual([{ error: null, value: { index: 2, term: 1, result: 'x is 1' } }]);
  });

  it('leaves with the first of several writes where it waits for no more', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(50);
    cluster.storage('b').hold();
    cluster.storage('c').hold();
    const { node } = cluster.member('a');
    for (const text of ['x', 'y', 'z']) {
      void node.propose(bytes(text));
      await cluster.world.settle();
    }
    cluster.storage('b').release(1);
    await cluster.world.settle();
    expect(node.status().commitIndex).toBe(2);
    cluster.storage('b').release();
    await cluster.world.settle();
    expect(node.status().commitIndex).toBe(4);
  });

  it('is a vote too: nobody leads before the votes are on disk', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    for (const name of ['b', 'c']) cluster.storage(name).hold();
    cluster.node('a').campaign();
    await cluster.world.settle();
    expect(cluster.leaders()).toEqual([]);
    cluster.storage('c').release();
    await cluster.world.settle();
    expect(cluster.leaders()).toEqual(['a']);
  });
});

describe('R18: the time of an input', () => {
  it('is read anew for each one: an answer is not dated from the beginning of its turn', async () => {
    const cluster = await Cluster.elected();
    const { node, clock } = cluster.member('a');
    const nowMs = vi.spyOn(clock, 'nowMs');
    node.submit(bytes('x'), () => {});
    node.submit(bytes('y'), () => {});
    node.submitRead(() => {});
    expect(nowMs).toHaveBeenCalledTimes(3);
  });
});

describe('the state machine', () => {
  it('is asked before a proposal is answered and a read served', async () => {
    const stateMachine = new SlowMachine();
    const cluster = await Cluster.elected('a', { stateMachine });
    const answers: unknown[] = [];
    const { node } = cluster.member('a');
    node.submit(bytes('x'), (answer) => answers.push(answer));
    await cluster.world.settle();
    node.submitRead((answer) => answers.push(answer));
    await cluster.world.settle();
    expect(node.status()).toMatchObject({ commitIndex: 2, appliedIndex: 1 });
    expect(answers).toEqual([]);

    stateMachine.calls[0]?.finish();
    await cluster.world.settle();
    expect(answers).toMatchObject([{ value: { result: 'x is 1' } }, { value: 2 }]);
    expect(node.status().appliedIndex).toBe(2);
  });

  it('is called once at a time, with all that came meanwhile in the next call', async () => {
    const stateMachine = new SlowMachine();
    const cluster = await Cluster.elected('a', { stateMachine });
    const answers: unknown[] = [];
    for (const text of ['x', 'y', 'z']) {
      cluster.node('a').submit(bytes(text), (answer) => answers.push(answer));
      await cluster.world.settle();
    }
    expect(stateMachine.calls.map((call) => call.commands)).toEqual([1]);
    stateMachine.calls[0]?.finish();
    await cluster.world.settle();
    expect(stateMachine.calls.map((call) => call.commands)).toEqual([1, 2]);
    stateMachine.calls[1]?.finish();
    await cluster.world.settle();
    const results = ['x is 1', 'y is 2', 'z is 3'];
    expect(answers).toMatchObject(results.map((result) => ({ value: { result } })));
  });

  it('never sees what the caller does to the bytes afterwards', async () => {
    const cluster = await Cluster.elected('a');
    const data = Buffer.from('before');
    const answer = cluster.node('a').propose(data);
    data.write('after!');
    await cluster.world.settle();
    expect(await answer).toMatchObject({ result: 'before is 1' });
  });
});

describe('entries that left memory', () => {
  it('are read from the log for a peer that comes back late', async () => {
    const core = { tailEntriesMax: 10, appendBytesMax: 1000 };
    const cluster = await Cluster.elected('a b c', { core });
    await cluster.kill('c');
    for (let nth = 0; nth < 300; nth += 1) {
      cluster.node('a').submit(bytes(`${nth}`), () => {});
      if (nth % 10 === 0) await cluster.world.settle();
    }
    await cluster.world.elapse(5000);
    const { machine } = await cluster.start('c', { core });
    await cluster.world.elapse(5000);
    expect(machine.commands).toHaveLength(300);
    expect(cluster.node('a').metrics().fetches).toBeGreaterThan(0);
  });
});
