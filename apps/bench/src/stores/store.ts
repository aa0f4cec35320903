/** What is measured: a cluster of processes on this machine, and connections to it. */

export interface Store {
  readonly name: string;
  /** Of its nodes; empty where they run elsewhere. */
  readonly pids: readonly number[];
  connect(): Promise<Connection>;
  /** Ends what was started, and removes what it held. */
  close(): Promise<void>;
}

export interface Connection {
  put(key: string, value: Uint8Array): Promise<unknown>;
  get(key: string, consistency: 'linearizable' | 'serializable'): Promise<unknown>;
  close(): Promise<void>;
}
