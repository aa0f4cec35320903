/** What a user's code says of the packages that need no platform at all: no DOM, no Node, the language alone. */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import {
  emptyRecord,
  flush,
  logIndex,
  nodeId,
  recover,
  ref,
  step,
  term,
  type Configuration,
  type Effect,
  type Input,
  type NodeState,
  firstConfiguration,
} from '@raftkv/core';
import { decodeCommand, encodeCommand, NO_CONDITION, type Command } from '@raftkv/kv-protocol';
import { KeyValueMachine, MachineInvariantViolation, type Session } from '@raftkv/kv-state-machine';
import {
  InProcessNetwork,
  MemoryLogStorage,
  NotLeaderError,
  RaftNode,
  type LogStorage,
  type StateMachine,
  type Transport,
} from '@raftkv/runtime';
import { stateMachineCases, type ComplianceCase } from '@raftkv/runtime/compliance';
import { runSeed, shrink, World, type Plan, type RunResult } from '@raftkv/simulation';
import {
  checkLinearizable,
  describeViolation,
  keyValueModel,
  keyValueReport,
  type KeyValueInput,
  type KeyValueOutput,
  type Model,
  type Operation,
} from '@raftkv/simulation/linearizability';
import { runScenario, ScenarioError, type ScenarioRun } from '@raftkv/simulation/scenarios';

const id = nodeId('a');
const configuration: Configuration = firstConfiguration([{ id, data: new Uint8Array() }]);

export function effectsOf(input: Input): readonly Effect[] {
  const clusterIdProposal = new Uint8Array(16);
  const state: NodeState = recover({ id, seed: 1, clusterIdProposal }, emptyRecord(configuration), 0);
  return flush(step(state, input, 1)).effects;
}

export const proposal: Input = { kind: 'propose', ref: ref(1), data: new Uint8Array(1) };

export function lengthOf(effect: Effect): number {
  return effect.kind === 'persist' ? effect.entries.length : 0;
}

class Sum implements StateMachine<number> {
  private value = 0;

  apply(commands: Parameters<StateMachine<number>['apply']>[0]): readonly number[] {
    return commands.map(({ data }) => (this.value += data[0] ?? 0));
  }
}

export async function add(number: number): Promise<number | null> {
  const transport: Transport = new InProcessNetwork().transport(id);
  const storage: LogStorage = new MemoryLogStorage(configuration);
  const node: RaftNode<number> = await RaftNode.start({ id, storage, transport, stateMachine: new Sum() });
  try {
    const { result } = await node.propose(Uint8Array.of(number));
    return result;
  } catch (error) {
    if (error instanceof NotLeaderError && error.outcome === 'not-applied') return null;
    throw error;
  } finally {
    await node.close();
  }
}

export const cases: readonly ComplianceCase[] = stateMachineCases<number>(() =>
  Promise.resolve({
    machine: () => new Sum(),
    commands: [Uint8Array.of(1)],
    show: (result) => String(result),
    dispose: () => Promise.resolve(),
  }),
);

export function throughBytes(command: Command): Command | string {
  try {
    return decodeCommand(encodeCommand(command));
  } catch (error) {
    if (error instanceof DecodeError) return `${error.code} at ${error.offset}`;
    throw error;
  }
}

export function writesOf(machine: KeyValueMachine, key: Uint8Array): Session | null {
  const operation = { kind: 'put', key, value: key, condition: NO_CONDITION } as const;
  try {
    machine.apply([
      { index: logIndex(1), term: term(1), data: encodeCommand({ kind: 'directWrite', operation }) },
    ]);
  } catch (error) {
    if (!(error instanceof MachineInvariantViolation)) throw error;
  }
  return machine.session(1);
}

export const bytes: Uint8Array = new ByteWriter().text('Ada', 64).finish();
export const text: string = new ByteReader(bytes).text(64);

const counter: Model<number, 'add', number> = {
  initial: 0,
  partOf: () => 'all',
  step: (state, _, output) => (output === null || output === state + 1 ? state + 1 : null),
  keyOf: String,
};

export function isRight(history: readonly Operation<'add', number>[]): boolean {
  return checkLinearizable(counter, history, { stepsMax: 1000 }).kind === 'linearizable';
}

export function judge(history: readonly Operation<KeyValueInput, KeyValueOutput>[]): string {
  const verdict = checkLinearizable(keyValueModel, history);
  return verdict.kind === 'violated' ? describeViolation(verdict, keyValueReport) : verdict.kind;
}

export function told(story: string): ScenarioRun | number {
  try {
    return runScenario(story);
  } catch (error) {
    if (error instanceof ScenarioError) return error.line;
    throw error;
  }
}

export async function nameOf(seed: number): Promise<string> {
  const result: RunResult = await runSeed(seed);
  return result.violation?.name ?? new World(seed).digest();
}

export const shorter = (plan: Plan): ReturnType<typeof shrink<Plan>> => shrink(plan);
