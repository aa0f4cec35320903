/** Feeds a machine one command after another, as a log would. */

import {
  encodeCommand,
  NO_CONDITION,
  type Command,
  type Condition,
  type Operation,
  type Outcome,
} from '@raftkv/kv-protocol';
import type { Command as CommittedCommand } from '@raftkv/runtime';
import { KeyValueMachine } from '../../src/index.ts';

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function put(key: string, value = 'value', condition: Condition = NO_CONDITION): Operation {
  return { kind: 'put', key: bytes(key), value: bytes(value), condition };
}

export function remove(key: string, condition: Condition = NO_CONDITION): Operation {
  return { kind: 'delete', key: bytes(key), condition };
}

export function ifRevision(revision: number): Condition {
  return { kind: 'revision', revision };
}

export function nonce(number: number): Uint8Array {
  const filled = new Uint8Array(16);
  new DataView(filled.buffer).setUint32(0, number);
  return filled;
}

export function committed(index: number, command: Command | Uint8Array): CommittedCommand {
  return {
    index: index as CommittedCommand['index'],
    term: 1 as CommittedCommand['term'],
    data: command instanceof Uint8Array ? command : encodeCommand(command),
  };
}

export class Feed {
  readonly machine: KeyValueMachine;
  private index: number;

  constructor(machine: KeyValueMachine = new KeyValueMachine()) {
    this.machine = machine;
    this.index = machine.appliedIndex;
  }

  apply(command: Command): Outcome {
    this.index += 1;
    return this.machine.apply([committed(this.index, command)])[0]!;
  }

  direct(operation: Operation): Outcome {
    return this.apply({ kind: 'directWrite', operation });
  }

  open(number: number): Outcome {
    return this.apply({ kind: 'openSession', nonce: nonce(number) });
  }

  /** The id of a session that is new. */
  session(number = 1): number {
    const outcome = this.open(number);
    if (outcome.kind !== 'opened') throw new Error(`no session, but ${outcome.kind}`);
    return outcome.session;
  }

  end(...sessions: number[]): Outcome {
    return this.apply({ kind: 'endSessions', sessions });
  }

  write(session: number, sequence: number, acknowledgedBelow: number, operation: Operation): Outcome {
    return this.apply({ kind: 'write', position: { session, sequence, acknowledgedBelow }, operation });
  }

  value(key: string): string | null {
    const entry = this.machine.get(bytes(key));
    return entry === null ? null : new TextDecoder().decode(entry.value);
  }
}

/** A little of everything: keys with gaps in their revisions, replies of every kind, gaps between their sequences. */
export function small(): Feed {
  const feed = new Feed();
  feed.direct(put('b', 'two'));
  feed.direct(put('a', ''));
  feed.direct(put('gone'));
  const [one, other] = [feed.session(1), feed.session(2)];
  feed.write(one, 3, 2, put('a', 'more'));
  feed.write(one, 2, 2, put('a', 'never', ifRevision(1)));
  feed.write(one, 7, 2, remove('gone'));
  feed.end(feed.session(3));
  feed.write(other, 1, 1, remove('absent'));
  return feed;
}
