/** What clients asked and were told, as it happened: each call, its return, and whether its outcome is known. */

import { ConditionFailedError, KvError } from '@raftkv/kv-client';
import type { KeyValueInput, KeyValueOutput, Operation } from '@raftkv/simulation/linearizability';

export type KeyValueOperation = Operation<KeyValueInput, KeyValueOutput>;

/** What no client may be told by a node that keeps to the protocol, whatever befalls their connection. */
const NEVER_DUE: readonly KvError['code'][] = ['KV_PROTOCOL', 'KV_INVALID_ARGUMENT', 'KV_REQUEST_TOO_LARGE'];

export class History {
  private readonly now: () => number;
  /** Answered, or of unknown outcome. */
  readonly operations: KeyValueOperation[] = [];
  /** Those of which it was said that they never take effect. */
  readonly refused: KeyValueInput[] = [];
  /** What clients were told that they never should be. */
  readonly misunderstandings: string[] = [];

  /** `now` tells moments apart, in any unit; milliseconds of the machine unless given. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  get unknownCount(): number {
    return this.operations.filter(({ returned }) => returned === null).length;
  }

  /** Records the call and what comes of it, and gives the answer; null where there was none. */
  async record(
    client: number,
    input: KeyValueInput,
    call: () => Promise<KeyValueOutput>,
  ): Promise<KeyValueOutput | null> {
    const called = this.now();
    try {
      const output = await call();
      this.operations.push({ client, called, returned: this.now(), input, output });
      return output;
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      return this.onError(client, called, input, error);
    }
  }

  private onError(
    client: number,
    called: number,
    input: KeyValueInput,
    error: KvError,
  ): KeyValueOutput | null {
    if (error instanceof ConditionFailedError) {
      const output = { kind: 'conditionFailed', current: error.current } as const;
      this.operations.push({ client, called, returned: this.now(), input, output });
      return output;
    }
    if (NEVER_DUE.includes(error.code)) {
      this.misunderstandings.push(
        `client ${client}, ${JSON.stringify(input)}: ${error.code}, ${error.message}`,
      );
    }
    if (error.outcome === 'not-applied') this.refused.push(input);
    else this.operations.push({ client, called, returned: null, input, output: null });
    return null;
  }
}
