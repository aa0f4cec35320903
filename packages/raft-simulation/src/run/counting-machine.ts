/** The state machine of a run: it answers a command with its number, and remembers all of them in one number. */

import type { Command, MachineSnapshots, StateMachine } from '@raftkv/runtime';
import type { Range } from '../network/weather.ts';
import type { ProcessPorts } from '../process/program.ts';
import type { Disk } from '../process/program.ts';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import { numberOf } from './requests.ts';

/** Told what machines do; within a process nothing may throw. */
export interface MachineListener {
  onApply(id: string, life: number, commands: readonly Command[]): void;
  /** After the command at `index`: `digest` tells all that the machine has applied. */
  onMachine(id: string, index: number, digest: number): void;
  onRestored(id: string, life: number, index: number, digest: number): void;
}

export interface CountingOptions {
  readonly applyMs: Range;
  readonly chance: Chance;
  readonly machine: MachineListener;
  /** Has it snapshots? */
  readonly snapshotLogBytes?: number | undefined;
}

/** Bytes of a snapshot: two numbers, in pieces of so many. */
const SNAPSHOT_BYTES = 16;
const PIECE_BYTES = 6;
const DIGEST_SPAN = 2 ** 32;

export class CountingMachine implements StateMachine<number> {
  readonly snapshots?: MachineSnapshots;
  private readonly timeline: Timeline;
  private readonly options: CountingOptions;
  private readonly id: string;
  private readonly life: number;
  /** Of the last command. */
  private index = 0;
  private digest = 0;

  constructor({ id, life, timeline }: ProcessPorts<Disk>, options: CountingOptions) {
    this.timeline = timeline;
    this.options = options;
    this.id = id;
    this.life = life;
    if (options.snapshotLogBytes === undefined) return;
    this.snapshots = { take: () => this.take(), restore: (content) => this.restore(content) };
  }

  apply(commands: readonly Command[]): readonly number[] | Promise<readonly number[]> {
    const { applyMs, chance, machine } = this.options;
    const take = () => {
      machine.onApply(this.id, this.life, commands);
      return commands.map((command) => this.applyOne(command));
    };
    if (applyMs[1] === 0) return take();
    return new Promise((resolve) => {
      this.timeline.after(chance.between(...applyMs), () => resolve(take()));
    });
  }

  private applyOne({ index, data }: Command): number {
    const number = numberOf(data);
    this.index = index;
    this.digest = (Math.imul(this.digest, 31) + number + index) >>> 0;
    this.options.machine.onMachine(this.id, index, this.digest);
    return number;
  }

  private take(): AsyncIterable<Uint8Array> {
    const bytes = new Uint8Array(SNAPSHOT_BYTES);
    new DataView(bytes.buffer).setFloat64(0, this.index);
    new DataView(bytes.buffer).setFloat64(8, this.digest);
    return piecesOf(bytes);
  }

  private async restore(content: AsyncIterable<Uint8Array>): Promise<void> {
    const bytes = new Uint8Array(SNAPSHOT_BYTES);
    let length = 0;
    for await (const piece of content) {
      bytes.set(piece, length);
      length += piece.length;
    }
    if (length !== SNAPSHOT_BYTES) throw new RangeError(`a snapshot of ${length} bytes`);
    const view = new DataView(bytes.buffer);
    this.index = view.getFloat64(0);
    this.digest = view.getFloat64(8) % DIGEST_SPAN;
    this.options.machine.onRestored(this.id, this.life, this.index, this.digest);
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    yield await Promise.resolve(bytes.slice(from, from + PIECE_BYTES));
  }
}
