/** Every call ends exactly once, whatever happens; and a node that has failed says nothing more. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { NodeFailedError, type RaftError } from '../../src/index.ts';
import { Cluster, type Member } from '../support/cluster.ts';
import { bytes, SlowMachine } from '../support/machine.ts';

/** What calls end in: codes of errors, or that all is well. */
class Answers {
  readonly all: string[] = [];

  readonly note = ({ error }: { readonly error: RaftError | null }): void => {
    this.all.push(error?.code ?? 'done');
  };
}

/** Two proposals and a read, of which none can end: the disks of the others do not answer, and then nobody speaks. */
async function underWay(): Promise<{ cluster: Cluster; member: Member; answers: Answers }> {
  const cluster = await Cluster.elected();
  await cluster.world.elapse(50);
  for (const name of ['b', 'c']) await cluster.kill(name);
  const member = cluster.member('a');
  const answers = new Answers();
  member.node.submit(bytes('x'), answers.note);
  member.node.submit(bytes('y'), answers.note);
  member.node.submitRead(answers.note);
  await cluster.world.settle();
  expect(answers.all).toEqual([]);
  return { cluster, member, answers };
}

const ENDED = ['RAFT_OUTCOME_UNKNOWN', 'RAFT_OUTCOME_UNKNOWN'];

describe('close', () => {
  it('ends calls under way: proposals unknown, reads closed', async () => {
    const { cluster, member, answers } = await underWay();
    const closing = member.node.close();
    await cluster.world.settle();
    await closing;
    expect(answers.all).toEqual([...ENDED, 'RAFT_NODE_CLOSED']);
    expect(member.node.metrics()).toMatchObject({ proposals: 2, reads: 1, answers: 3 });
    expect(member.failures).toEqual([]);
  });

  it('refuses later calls, and may be called again', async () => {
    const cluster = await Cluster.elected('a');
    const { node } = cluster.member('a');
    const closing = [node.close(), node.close(), node[Symbol.asyncDispose]()];
    await cluster.world.settle();
    await Promise.all(closing);
    const refused = { code: 'RAFT_NODE_CLOSED', outcome: 'not-applied' };
    await expect(cluster.end(node.propose(bytes('x')))).rejects.toMatchObject(refused);
    await expect(cluster.end(node.read())).rejects.toMatchObject(refused);
    node.campaign();
    expect(node.status().role).toBe('leader');
  });

  it('finishes the writes under way, which are there after the next start', async () => {
    const cluster = await Cluster.elected('a');
    const { node } = cluster.member('a');
    cluster.storage('a').hold();
    const answers = new Answers();
    node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    const closing = node.close();
    cluster.storage('a').release();
    await cluster.world.settle();
    await closing;
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
    const { machine } = await cluster.start('a');
    expect(machine.commands).toEqual(['x']);
  });

  it('answers nothing that the state machine does afterwards', async () => {
    const stateMachine = new SlowMachine();
    const cluster = await Cluster.elected('a', { stateMachine });
    const { node } = cluster.member('a');
    const answers = new Answers();
    node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    const closing = node.close();
    stateMachine.calls[0]?.finish();
    await cluster.world.settle();
    await closing;
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
  });

  it('may come from a caller that is just being answered', async () => {
    const cluster = await Cluster.elected('a');
    const { node } = cluster.member('a');
    const answers = new Answers();
    node.submit(bytes('x'), (answer) => {
      answers.note(answer);
      void node.close();
    });
    node.submit(bytes('y'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['done', 'RAFT_OUTCOME_UNKNOWN']);
  });
});

/** What must hold however a node failed. */
async function expectFinal(
  cluster: Cluster,
  { node, machine, failures }: Member,
  cause: Error,
): Promise<void> {
  expect(failures).toEqual([cause]);
  expect(node.status()).toMatchObject({ role: 'failed', leader: null });
  const { framesSent, writes } = node.metrics();
  const applied = machine.commands.length;
  await expect(cluster.end(node.propose(bytes('late')))).rejects.toMatchObject({
    code: 'RAFT_NODE_FAILED',
    cause,
  });
  await expect(cluster.end(node.read())).rejects.toBeInstanceOf(NodeFailedError);
  node.campaign();
  await cluster.world.elapse(5000);
  expect(node.metrics()).toMatchObject({ framesSent, writes });
  expect(machine.commands).toHaveLength(applied);
  expect(failures).toEqual([cause]);
  const { proposals, reads, answers } = node.metrics();
  expect(answers).toBe(proposals + reads);
}

describe('R1: what a turn decided', () => {
  it('is not performed any more once a caller that it answered has closed the node', async () => {
    const cluster = await Cluster.elected('a');
    const { node } = cluster.member('a');
    const { writes } = node.metrics();
    const answers = new Answers();
    node.submit(bytes('x'), answers.note);
    node.submitRead((answer) => {
      answers.note(answer);
      void node.close();
    });
    await cluster.world.settle();
    expect(answers.all).toEqual(['done', 'RAFT_OUTCOME_UNKNOWN']);
    expect(node.metrics().writes).toBe(writes);
  });
});

describe('R6: a node fails for good', () => {
  it('when a write fails: what was under way ends, its peers notice, and they elect another', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(100);
    const member = cluster.member('a');
    const cause = new Error('disk full');
    cluster.storage('a').writeError = cause;
    const answers = new Answers();
    for (const name of ['b', 'c']) cluster.storage(name).hold();
    member.node.submit(bytes('x'), answers.note);
    member.node.submitRead(answers.note);
    await cluster.world.settle();
    for (const name of ['b', 'c']) cluster.storage(name).release();
    await cluster.world.settle();
    expect(answers.all[0]).toBe('RAFT_OUTCOME_UNKNOWN');
    expect(answers.all).toHaveLength(2);
    expect(member.changes.at(-1)).toMatchObject({ role: 'failed' });
    await expectFinal(cluster, member, cause);
    expect(cluster.leaders()).toHaveLength(1);
    expect(cluster.node(cluster.leaders()[0]!).status().commitIndex).toBeGreaterThan(2);
  });

  it('when reading its log fails', async () => {
    const cluster = new Cluster('a');
    const { node } = await cluster.start('a');
    for (let nth = 0; nth < 2000; nth += 1) node.submit(bytes(`${nth}`), () => {});
    await cluster.world.settle();
    await cluster.kill('a');
    const cause = new Error('unreadable');
    cluster.storage('a').readError = cause;
    const member = await cluster.start('a');
    await expectFinal(cluster, member, cause);
    expect(member.machine.commands).toEqual([]);
  });

  it('when its state machine throws', async () => {
    const cluster = await Cluster.elected();
    const member = cluster.member('a');
    const cause = new Error('bad command');
    member.machine.error = cause;
    const answers = new Answers();
    member.node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
    await expectFinal(cluster, member, cause);
  });

  it('when its state machine rejects', async () => {
    const stateMachine = new SlowMachine();
    const cluster = await Cluster.elected('a', { stateMachine });
    const member = cluster.member('a');
    const answers = new Answers();
    member.node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    member.node.submit(bytes('y'), answers.note);
    member.node.submitRead(answers.note);
    await cluster.world.settle();
    const cause = new Error('bad command');
    stateMachine.calls[0]?.fail(cause);
    await cluster.world.settle();
    expect(answers.all).toEqual([...ENDED, 'RAFT_NODE_FAILED']);
    await expectFinal(cluster, member, cause);
    expect(stateMachine.calls).toHaveLength(1);
  });

  it('when its state machine does not answer each command', async () => {
    const cluster = await Cluster.elected('a');
    const member = cluster.member('a');
    member.machine.results = [];
    const answers = new Answers();
    member.node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
    await expectFinal(cluster, member, new TypeError('the state machine gave 0 results for 1 commands'));
  });

  it('when a port throws', async () => {
    const cluster = await Cluster.elected('a');
    const member = cluster.member('a');
    const cause = new Error('cannot write');
    cluster.storage('a').write = () => {
      throw cause;
    };
    const answers = new Answers();
    member.node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
    await expectFinal(cluster, member, cause);
  });

  it('when the clock is none', async () => {
    const cluster = await Cluster.elected('a');
    const member = cluster.member('a');
    member.clock.nowMs = () => Number.NaN;
    const answers = new Answers();
    member.node.submit(bytes('x'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['RAFT_NODE_FAILED']);
    expect(member.failures).toMatchObject([{ code: 'RAFT_INVARIANT', invariant: 'time-is-finite' }]);
  });

  it('or is closed by a caller, and its slow state machine is not called again', async () => {
    const stateMachine = new SlowMachine();
    const cluster = await Cluster.elected('a', { stateMachine });
    const { node } = cluster.member('a');
    const answers = new Answers();
    node.submit(bytes('x'), (answer) => {
      answers.note(answer);
      void node.close();
    });
    await cluster.world.settle();
    node.submit(bytes('y'), answers.note);
    await cluster.world.settle();
    stateMachine.calls[0]?.finish();
    await cluster.world.settle();
    expect(answers.all).toEqual(['done', 'RAFT_OUTCOME_UNKNOWN']);
    expect(stateMachine.calls).toHaveLength(1);
  });

  it('and can still be closed, after which it is closed', async () => {
    const cluster = await Cluster.elected('a');
    const { node, machine } = cluster.member('a');
    machine.error = new Error('bad command');
    node.submit(bytes('x'), () => {});
    await cluster.world.settle();
    const closing = node.close();
    await cluster.world.settle();
    await closing;
    await expect(cluster.end(node.propose(bytes('y')))).rejects.toMatchObject({ code: 'RAFT_NODE_CLOSED' });
    await expect(cluster.start('a')).resolves.toBeDefined();
  });
});

describe('a request is refused, and never takes effect', () => {
  it('where it is no bytes', async () => {
    const { node } = (await Cluster.elected('a')).member('a');
    const text: unknown = '12';
    expect(() => node.submit(text as Uint8Array, () => {})).toThrow(TypeError);
    await expect(node.propose(text as Uint8Array)).rejects.toThrow(TypeError);
    expect(node.metrics()).toMatchObject({ proposals: 0, answers: 0 });
  });

  it('where it is too large', async () => {
    const cluster = await Cluster.elected('a', { proposalBytesMax: 10 });
    const { node } = cluster.member('a');
    await expect(cluster.end(node.propose(new Uint8Array(11)))).rejects.toMatchObject({
      code: 'RAFT_PROPOSAL_TOO_LARGE',
    });
    const answer = node.propose(new Uint8Array(10));
    await cluster.world.settle();
    await expect(answer).resolves.toBeDefined();
    expect(node.metrics()).toMatchObject({ proposals: 2, answers: 2 });
  });

  it('where too much is under way', async () => {
    const cluster = await Cluster.elected('a', { core: { uncommittedBytesMax: 200, waitingReadsMax: 1 } });
    const { node } = cluster.member('a');
    const answers = new Answers();
    for (let nth = 0; nth < 4; nth += 1) node.submit(bytes('x'), answers.note);
    for (let nth = 0; nth < 2; nth += 1) node.submitRead(answers.note);
    await cluster.world.settle();
    const refused = ['RAFT_OVERLOADED', 'RAFT_OVERLOADED'];
    expect(answers.all).toEqual([...refused, 'done', 'done', 'done', 'done']);
  });
});

function throwOwn(): void {
  throw new Error('the observer’s own');
}

describe('what a host’s callback throws', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is thrown again from a microtask, and does the node no harm', async () => {
    const cluster = await Cluster.elected('a');
    const { node } = cluster.member('a');
    const tasks: (() => void)[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task));
    const answers = new Answers();
    node.submit(bytes('x'), () => {
      throw new Error('the caller’s own');
    });
    node.submit(bytes('y'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['done']);
    expect(node.status().role).toBe('leader');
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).toThrow('the caller’s own');
  });

  it('is thrown again where it is told of a peer, to whom the node listens all the same', async () => {
    const tasks: (() => void)[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task));
    const cluster = await Cluster.elected('a b', { observer: { onPeer: throwOwn } });
    expect(tasks).toHaveLength(2);
    for (const task of tasks) expect(task).toThrow('the observer’s own');
    expect(cluster.node('b').status().leader).toBe('a');
  });

  it('is no answer to another caller, also where an observer throws at the end', async () => {
    const tasks: (() => void)[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => tasks.push(task));
    const observer = { onChanged: throwOwn, onFailed: throwOwn };
    const cluster = await Cluster.elected('a', { observer });
    cluster.storage('a').writeError = new Error('disk full');
    const answers = new Answers();
    cluster.node('a').submit(bytes('x'), answers.note);
    await cluster.world.settle();
    expect(answers.all).toEqual(['RAFT_OUTCOME_UNKNOWN']);
    expect(tasks.length).toBeGreaterThan(2);
    for (const task of tasks) expect(task).toThrow('the observer’s own');
  });
});
