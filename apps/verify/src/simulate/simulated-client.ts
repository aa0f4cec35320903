/** A client that reads and writes in a simulated world, and remembers what it was told. */

import { connect, KvError, type ClientClock, type ConnectOptions, type KvClient } from '@raftkv/kv-client';
import type { Chance, Timeline } from '@raftkv/simulation';
import type { KeyValueInput } from '@raftkv/simulation/linearizability';
import { ask, inputOf, revisionIn, type Choices } from '../workload/calls.ts';
import type { History } from '../workload/history.ts';
import type { ClientNetwork, Dialer } from './client-network.ts';
import { ProcessTime } from './process-time.ts';

/** What a client is like. */
export interface ClientManners {
  readonly timeoutsMs: readonly number[];
  /** Of its calls, how many only read; beyond what all clients read. */
  readonly readShare: number;
  /** Between two calls, at most. */
  readonly thinkMs: number;
  /** Calls at once. */
  readonly hands: number;
  /** Of its calls, after how many it closes and another takes its place; 0: never. */
  readonly callsALife: number;
  readonly offlineWaitMs: number;
  readonly silenceMs: number;
}

export interface SimulatedClientOptions {
  readonly number: number;
  readonly manners: ClientManners;
  readonly world: Timeline;
  readonly chance: Chance;
  readonly network: ClientNetwork;
  readonly endpoints: readonly string[];
  readonly keys: readonly string[];
  readonly history: History;
  /** Told of what is no error of a call. */
  onError(error: unknown): void;
}

const PREFIX = 'k';
/** A session that it does not end is ended by the cluster. */
const LEAVES_WITHOUT_A_WORD = 0.3;
const CONNECT_MS = 20_000;

export class SimulatedClient {
  private readonly options: SimulatedClientOptions;
  private readonly revisions = new Map<string, number>();
  private readonly working: Promise<unknown>;
  private isGoingOn = true;
  private calls = 0;

  constructor(options: SimulatedClientOptions) {
    this.options = options;
    this.working = this.live().catch((error: unknown) => options.onError(error));
  }

  /** Begins no call any more. Resolves when the last has ended. */
  async stop(): Promise<void> {
    this.isGoingOn = false;
    await this.working;
  }

  private async live(): Promise<void> {
    const { manners, network, chance } = this.options;
    while (this.isGoingOn) {
      const dialer = network.dialer();
      const kv = await this.connected(dialer);
      if (kv === null) continue;
      const until = manners.callsALife === 0 ? Infinity : this.calls + manners.callsALife;
      await Promise.all(Array.from({ length: manners.hands }, () => this.work(kv, until)));
      if (chance.chance(LEAVES_WITHOUT_A_WORD)) dialer.vanish();
      await kv.close();
    }
  }

  private async connected(dialer: Dialer): Promise<KvClient | null> {
    const { world, endpoints, chance, manners } = this.options;
    const { offlineWaitMs, silenceMs } = manners;
    try {
      return await connect({
        ...portsOf(world, chance, dialer),
        endpoints: chance.shuffle(endpoints),
        timeoutMs: CONNECT_MS,
        offlineWaitMs,
        silenceMs,
      });
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      await this.sleep(50);
      return null;
    }
  }

  private async work(kv: KvClient, until: number): Promise<void> {
    const { number, history, chance, keys, manners } = this.options;
    const choices = choicesOf(chance);
    while (this.isGoingOn && this.calls < until) {
      this.calls += 1;
      const input: KeyValueInput = chance.chance(manners.readShare)
        ? { kind: 'get', key: chance.pick(keys) }
        : inputOf(choices, keys, PREFIX, `c${number}.${this.calls}`, this.revisions);
      const output = await history.record(number, input, () =>
        ask(kv, input, chance.pick(manners.timeoutsMs)),
      );
      if (output !== null) this.revisions.set(input.key, revisionIn(output));
      await this.sleep(chance.next() * manners.thinkMs);
    }
  }

  private sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.options.world.after(delayMs, resolve);
    });
  }
}

/** What `@raftkv/kv-client` needs of this world. */
export function portsOf(
  world: Timeline,
  chance: Chance,
  dialer: Dialer,
): Required<Pick<ConnectOptions, 'socketFactory' | 'clock' | 'random'>> {
  return {
    socketFactory: (url) => dialer.dial(url),
    clock: clockOf(world),
    random: (count) => chance.bytes(count),
  };
}

function clockOf(world: Timeline): ClientClock {
  const { setTimer } = new ProcessTime({ nowMs: () => world.nowMs }, world);
  return {
    nowMs: () => world.nowMs,
    setTimer,
    endOfTurn: (callback) => world.after(0, callback),
  };
}

function choicesOf(chance: Chance): Choices {
  return {
    between: (low, high) => low + chance.below(high - low),
    pick: (items) => chance.pick(items),
  };
}
