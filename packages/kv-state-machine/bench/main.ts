/**
 * The cost of the machine alone: commands a second at 100 k keys of 64 B with values of 256 B, applied 64 at a time as
 * the log brings them, decoding included; reads, a clone, and a snapshot there and back. Another number of keys, in
 * thousands, may be given. Run as compiled, like the other benchmarks.
 */

import { encodeCommand, NO_CONDITION, type Command, type Operation } from '@raftkv/kv-protocol';
import type { Command as CommittedCommand } from '@raftkv/runtime';
import { KeyValueMachine } from '../src/index.ts';

const KEYS = Number(process.argv[2] ?? 100) * 1000;
const RUNS = 5;
const COMMANDS = 100_000;
const TOGETHER = 64;
const SESSIONS = 256;

const text = new TextEncoder();
const keys = Array.from({ length: KEYS }, (_, at) => text.encode(`key ${at}`.padEnd(64, '-')));
const value = text.encode('v'.repeat(256));
const machine = new KeyValueMachine();
const sessions = Array.from({ length: SESSIONS }, (_, at) => {
  const nonce = new Uint8Array(16);
  new DataView(nonce.buffer).setUint32(0, at);
  apply([encodeCommand({ kind: 'openSession', nonce })]);
  return { session: machine.appliedIndex, sequence: 0 };
});

apply(keys.map((key) => encodeCommand({ kind: 'directWrite', operation: put(key) })));
report('direct puts', (random) => directWrite(random));
report('puts of sessions, each reply acknowledged by the next', (random) => write(random, 0));
report('puts of sessions, 64 replies kept', (random) => write(random, 64));
reportReads();
reportClone();
await reportSnapshot();

function put(key: Uint8Array): Operation {
  return { kind: 'put', key, value, condition: NO_CONDITION };
}

function directWrite(random: number): Command {
  return { kind: 'directWrite', operation: put(keys[random % KEYS]!) };
}

function write(random: number, behind: number): Command {
  const one = sessions[random % SESSIONS]!;
  one.sequence += 1;
  return {
    kind: 'write',
    position: {
      session: one.session,
      sequence: one.sequence,
      acknowledgedBelow: Math.max(1, one.sequence - behind),
    },
    operation: put(keys[random % KEYS]!),
  };
}

function report(name: string, command: (random: number) => Command): void {
  let random = 1;
  const costs = Array.from({ length: RUNS }, () => {
    const encoded = Array.from({ length: COMMANDS }, () => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return encodeCommand(command(random >>> 8));
    });
    return cost(COMMANDS, () => apply(encoded));
  });
  print(name, costs);
}

function reportReads(): void {
  const costs = Array.from({ length: RUNS }, () => {
    return cost(KEYS, () => {
      for (let at = 0; at < KEYS; at += 1) machine.get(keys[(at * 7919) % KEYS]!);
    });
  });
  print('gets', costs);
}

function reportClone(): void {
  const startMs = performance.now();
  const clone = machine.clone();
  const tookMs = performance.now() - startMs;
  console.log(`a clone of ${clone.size} keys: ${tookMs.toFixed(3)} ms`);
}

/** What holds up others is the longest time without a turn of the event loop: a piece is made, or read, in one. */
async function reportSnapshot(): Promise<void> {
  const taken = new Uint8Array(KEYS * 400);
  const ends: number[] = [];
  let at = 0;
  const taking = await times(machine.snapshots.take(), (piece) => {
    taken.set(piece, at);
    at += piece.length;
    ends.push(at);
  });
  const restored = new KeyValueMachine();
  const restoring: number[] = [];
  async function* content(): AsyncGenerator<Uint8Array> {
    for (const [nth, end] of ends.entries()) {
      const startMs = performance.now();
      yield taken.subarray(ends[nth - 1] ?? 0, end);
      restoring.push(performance.now() - startMs);
    }
  }
  await restored.snapshots.restore(content());
  if (restored.size !== KEYS) throw new Error(`${restored.size} keys are restored`);
  printTimes(`a snapshot of ${KEYS} keys, ${(at / 1e6).toFixed(0)} MB, taken`, taking);
  printTimes('restored', restoring);
}

/** What each piece took, in ms, without what `use` does. */
async function times(pieces: AsyncIterable<Uint8Array>, use: (piece: Uint8Array) => void): Promise<number[]> {
  const taken: number[] = [];
  let startMs = performance.now();
  for await (const piece of pieces) {
    taken.push(performance.now() - startMs);
    use(piece);
    startMs = performance.now();
  }
  return taken;
}

function printTimes(name: string, tookMs: readonly number[]): void {
  const total = tookMs.reduce((sum, ms) => sum + ms, 0);
  const ordered = sorted(tookMs);
  const [median, rare, most] = [0.5, 0.99, 1].map((part) => {
    return ordered[Math.ceil(part * ordered.length) - 1]!.toFixed(1);
  });
  console.log(
    `${name}: ${total.toFixed(0)} ms, a piece ${median} ms (median; ${rare} of 99 in 100, ${most} at most)`,
  );
}

function apply(encoded: readonly Uint8Array[]): void {
  for (let at = 0; at < encoded.length; at += TOGETHER) {
    const first = machine.appliedIndex + 1;
    machine.apply(
      encoded.slice(at, at + TOGETHER).map((data, nth) => ({
        index: (first + nth) as CommittedCommand['index'],
        term: 1 as CommittedCommand['term'],
        data,
      })),
    );
  }
}

interface Cost {
  readonly perSecond: number;
  /** Of all threads, the collector's too: on a machine that does other things as well it says more. */
  readonly processorUs: number;
}

function cost(count: number, run: () => void): Cost {
  const before = process.cpuUsage();
  const startMs = performance.now();
  run();
  const tookMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (count * 1000) / tookMs, processorUs: (user + system) / count };
}

function print(name: string, costs: readonly Cost[]): void {
  const rates = sorted(costs.map(({ perSecond }) => perSecond / 1000));
  const [least, median, most] = [0, RUNS >> 1, RUNS - 1].map((nth) => rates[nth]!.toFixed(0));
  const processorUs = sorted(costs.map((one) => one.processorUs))[RUNS >> 1]!.toFixed(1);
  console.log(
    `${name}: ${median} k a second (median of ${RUNS} runs, ${least} to ${most}), ${processorUs} us of a processor each`,
  );
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((one, other) => one - other);
}
