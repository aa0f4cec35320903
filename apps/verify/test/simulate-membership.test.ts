/** What a run of the stack holds changes of membership to: what is answered, who agrees, and who is silent. */

import { firstConfiguration, logIndex, nodeId, type Configuration, type Message } from '@raftkv/core';
import { NotLeaderError, type RaftError } from '@raftkv/runtime';
import { World, type SimulatedHost, type SimulatedNetwork } from '@raftkv/simulation';
import { describe, expect, it } from 'vitest';
import { Operator } from '../src/simulate/operator.ts';
import { Silence } from '../src/simulate/silence.ts';
import type { SimulatedDisk } from '../src/simulate/simulated-disk.ts';

type Host = SimulatedHost<SimulatedDisk>;

const [A, B, C] = ['a', 'b', 'c'].map((id) => ({ id: nodeId(id), data: new Uint8Array() })) as [
  Member,
  Member,
  Member,
];
type Member = Configuration['learners'][number];

const BEFORE = firstConfiguration([A, B]);
const AFTER: Configuration = { ...BEFORE, learners: [C] };

/** A host whose node has this configuration in force at index 7, and answers a change so; then that may be another. */
function hostOf(
  id: string,
  configuration: Configuration,
  changed: () => Promise<{ index: number }> = () => new Promise(() => {}),
  afterwards: Configuration = configuration,
): Host {
  let inForce = configuration;
  const node = {
    coreState: () => ({
      log: {
        base: { configuration: inForce },
        configurations: [{ index: logIndex(7), configuration: inForce }],
      },
      commitIndex: 7,
    }),
    status: () => ({ configurationIndex: 7 }),
    changeMembership: () => {
      inForce = afterwards;
      return changed();
    },
  };
  return { id: nodeId(id), life: 1, isPaused: false, running: { node } } as unknown as Host;
}

function saysDone(): Promise<{ index: number }> {
  return Promise.resolve({ index: 7 });
}

/** One that says that the change is done, and has this in force by then. */
function hostWith(afterwards: Configuration): Host {
  return hostOf('a', BEFORE, saysDone, afterwards);
}

/** What the operator says of `host`, where C is to be added, once it is answered. */
async function told(host: Host): Promise<{ broken: string[]; waiting: readonly string[]; done: number }> {
  const world = new World(1);
  const broken: string[] = [];
  const hosts = [host, hostOf('c', firstConfiguration([]))];
  const operator = new Operator({ world, hosts, onBroken: ({ message }) => broken.push(message) });
  operator.schedule([{ atMs: 1, target: 'a', way: 'add', pick: 0, force: false }]);
  await world.runUntil(5);
  return { broken, waiting: operator.waiting(hosts), done: operator.happened.get('changed') ?? 0 };
}

describe('an operator', () => {
  it('is told that a change is done only where these are the members (R22)', async () => {
    expect(await told(hostWith(AFTER))).toEqual({ broken: [], waiting: [], done: 1 });
    const joint: Configuration = {
      kind: 'joint',
      incoming: [A, B],
      outgoing: [A, B],
      learners: [C],
      removed: [],
    };
    for (const other of [BEFORE, joint])
      expect((await told(hostWith(other))).broken[0]).toMatch(/^one-outcome/);
  });

  it('waits for an answer of a process that is there, and hears a refusal', async () => {
    expect((await told(hostOf('a', BEFORE))).waiting).toEqual(['the change to a,b of a']);
    const error: RaftError = new NotLeaderError(null);
    const refused = await told(hostOf('a', BEFORE, () => Promise.reject(error)));
    expect(refused).toEqual({ broken: [], waiting: [], done: 0 });
  });
});

describe('who was removed', () => {
  const last = firstConfiguration([B]);
  const all = [hostOf('a', BEFORE), hostOf('b', last)];

  /** Whether it may ask for votes at 10 ms, if it has to be silent from `sinceMs` on. */
  async function asking(kind: Message['kind'], from: string, hosts: readonly Host[], sinceMs: number) {
    const world = new World(1);
    const listeners: ((from: string, to: string, messages: readonly { kind: string }[]) => void)[] = [];
    const network = { onSend: (listener: (typeof listeners)[number]) => listeners.push(listener) };
    const silence = new Silence(world, network as unknown as SimulatedNetwork);
    world.after(10, () => listeners[0]?.(nodeId(from), 'b', [{ kind }]));
    await world.runUntil(20);
    return () => silence.check(hosts, all.slice(1), last, sinceMs);
  }

  it('asks for no votes once it was told (R24, R26)', async () => {
    expect(await asking('preVoteRequest', 'a', all, 5)).toThrow('removed-are-silent');
    expect(await asking('voteRequest', 'a', all, 5)).toThrow('removed-are-silent');
    expect(await asking('preVoteRequest', 'a', all, 15)).not.toThrow();
    expect(await asking('removed', 'a', all, 5)).not.toThrow();
    expect(await asking('preVoteRequest', 'b', all, 5)).not.toThrow();
  });

  it('may ask for ever where it knows nobody who could tell it', async () => {
    const alone = [hostOf('a', firstConfiguration([A])), ...all.slice(1)];
    expect(await asking('preVoteRequest', 'a', alone, 5)).not.toThrow();
  });
});
