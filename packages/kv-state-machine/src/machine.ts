/** The key-value machine: what the log's commands make of an empty store, the same in every member. */

import {
  decodeCommand,
  type Command,
  type KeyValue,
  type Operation,
  type Outcome,
  type SessionId,
  type WritePosition,
} from '@raftkv/kv-protocol';
import type { Command as CommittedCommand, MachineSnapshots, StateMachine } from '@raftkv/runtime';
import { invariant, MachineInvariantViolation } from './invariants.ts';
import type { Limits } from './limits.ts';
import { refused, type Session } from './sessions.ts';
import { contentOf, stateOf } from './snapshot.ts';
import { cloneState, emptyState, type State } from './state.ts';

/** What it hands out is read only, or a copy. */
export class KeyValueMachine implements StateMachine<Outcome> {
  /**
   * `take` shares all it can with the machine and encodes as it is read (R34): at most the work of 64 KiB lies between two
   * pieces. `restore` leaves the machine as it was unless all of `content` is good: a `SnapshotRefusedError` says what is
   * not, and what `content` throws is thrown on.
   */
  readonly snapshots: MachineSnapshots = {
    // The clone is taken at the call, not when the first piece is asked for.
    take: () => contentOf(cloneState(this.state)),
    restore: async (content) => {
      this.state = await stateOf(content);
    },
  };
  // It takes no options: one that changed what `apply` does would take members apart (R41).
  private state: State = emptyState();

  /**
   * Applies committed commands in order, and gives one outcome for each.
   *
   * @throws {MachineInvariantViolation} if one is out of order, or was not encoded by a leader. The node has to stop:
   *   this is no reply, and nothing may be applied after it.
   */
  apply(commands: readonly CommittedCommand[]): readonly Outcome[] {
    return commands.map(({ index, data }) => {
      invariant(index > this.state.appliedIndex, 'applied-in-order', () => {
        return `${index} after ${this.state.appliedIndex}`;
      });
      const outcome = this.run(index, decoded(index, data));
      this.state.appliedIndex = index;
      return outcome;
    });
  }

  /**
   * The same state in a machine of its own, at once and however much it holds (R34): both share what neither has
   * changed since, and neither sees what the other changes.
   */
  clone(): KeyValueMachine {
    const other = new KeyValueMachine();
    other.state = cloneState(this.state);
    return other;
  }

  /** The index of the last command; the log may go on behind it with entries that are none. */
  get appliedIndex(): number {
    return this.state.appliedIndex;
  }

  /** Of the meaning of commands; raised by a command alone (R41). */
  get machineVersion(): number {
    return this.state.machineVersion;
  }

  /** What `apply` enforces; a part of the replicated state. */
  get limits(): Limits {
    return this.state.limits;
  }

  /** Of the last change of a key; 1 where there was none. */
  get revision(): number {
    return this.state.keys.revision;
  }

  /** How many keys there are. */
  get size(): number {
    return this.state.keys.size;
  }

  /** `null` where the key is absent. Not to be changed by the caller. */
  get(key: Uint8Array): KeyValue | null {
    return this.state.keys.get(key);
  }

  /** In the order of the keys' bytes. To be read before the next `apply`, or from a clone. */
  entries(): IterableIterator<KeyValue> {
    return this.state.keys.entries();
  }

  /** `null` where it never was or has ended. */
  session(id: SessionId): Session | null {
    return this.state.sessions.get(id);
  }

  /** Those that live, by id. To be read before the next `apply`, or from a clone. */
  sessions(): IterableIterator<SessionId> {
    return this.state.sessions.ids();
  }

  /** The answer to a write that was applied, as long as it is kept: a retry need not go through the log (R36). */
  keptReply(session: SessionId, sequence: number): Outcome | null {
    return this.state.sessions.reply(session, sequence);
  }

  /** All of a session's, by sequence. To be read before the next `apply`, or from a clone. */
  keptReplies(session: SessionId): IterableIterator<[number, Outcome]> {
    return this.state.sessions.replies(session);
  }

  private run(index: number, command: Command): Outcome {
    const { sessions, limits } = this.state;
    switch (command.kind) {
      case 'openSession':
        return sessions.open(index, command.nonce, limits);
      case 'endSessions':
        for (const id of command.sessions) sessions.end(id);
        return { kind: 'done' };
      case 'write':
        return this.write(command.position, command.operation);
      case 'directWrite':
        return this.directWrite(command.operation);
    }
  }

  private write(position: WritePosition, operation: Operation): Outcome {
    const { keys, sessions, limits } = this.state;
    const verdict = sessions.judge(position, limits);
    if (verdict.kind === 'answer') return verdict.outcome;
    const plan = keys.plan(operation);
    if (!sessions.keep(position, plan.outcome, limits)) return refused('session-full');
    keys.perform(plan);
    return plan.outcome;
  }

  private directWrite(operation: Operation): Outcome {
    const plan = this.state.keys.plan(operation);
    this.state.keys.perform(plan);
    return plan.outcome;
  }
}

function decoded(index: number, data: Uint8Array): Command {
  try {
    return decodeCommand(data);
  } catch (cause) {
    throw new MachineInvariantViolation('commands-decode', `what stands at index ${index} is none`, {
      cause,
    });
  }
}
