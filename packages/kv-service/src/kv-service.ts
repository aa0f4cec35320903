/**
 * What a node does for its clients: requests become proposals and confirmed reads, and these become responses. It knows
 * no socket; whoever has one hands it requests.
 */

import {
  encodeCommand,
  EXPIRED_SESSIONS_MAX,
  type Command,
  type Consistency,
  type Directory,
  type KeyValue,
  type Operation,
  type Outcome,
  type Request,
  type Response,
  type SessionId,
} from '@raftkv/kv-protocol';
import type { KeyValueMachine } from '@raftkv/kv-state-machine';
import type { NodeStatus, RaftError, RaftNode } from '@raftkv/runtime';
import { ClusterRequests } from './cluster-requests.ts';
import { failureOf, refusal } from './failures.ts';
import { SessionClock } from './session-clock.ts';

/** Time, as the service needs it: one wake-up. */
export interface ServiceClock {
  /** Monotonic; only differences mean something. */
  nowMs(): number;
  /** Calls `wake` once, at `atMs` or later; a new call replaces the one before, `null` only takes it back. */
  wakeAt(atMs: number | null, wake: () => void): void;
}

/** Where clients reach the members, as far as this node knows. */
export interface Addresses {
  /** This node's own. */
  readonly own: string;
  /** Of the member with this name; `null` while it has not told its own. */
  of(member: string): string | null;
  /** Those that are known, for a client to choose from. */
  all(): readonly string[];
}

/** What a service is put together from. */
export interface KvServiceOptions {
  /** Not the service's own: whoever started it closes it. */
  readonly node: RaftNode<Outcome>;
  /** The one that `node` feeds. */
  readonly machine: KeyValueMachine;
  /** Where clients reach the members. */
  readonly addresses: Addresses;
  /** Where its peers reach the member with this name, where the configuration does not say; `null` unless given. */
  readonly peerUrlOf?: (member: string) => string | null;
  /** What sessions are judged by. */
  readonly clock: ServiceClock;
  /** A session that is not kept alive for this long ends; 60 s. */
  readonly sessionTtlMs?: number;
  /** Of the core: a turn later than this was a stall; 100 ms. */
  readonly heartbeatMs?: number;
}

const SESSION_TTL_MS = 60_000;
const HEARTBEAT_MS = 100;
/** How often the leader looks at the clocks of its sessions, within a time to live. */
const LOOKS_A_TTL = 10;

/** What came of a write, or why it is not known to have happened. */
export type Answer<Value> = { readonly error: null; readonly value: Value } | { readonly error: RaftError };

const END_UNDER_WAY: Response = {
  kind: 'failed',
  failure: refusal(
    'overloaded',
    'the end of this session is under way, or this node leads no more: ask again',
  ),
};

/** Answers the requests of clients, from one node and its state machine. */
export class KvService {
  private readonly options: Required<KvServiceOptions>;
  private readonly sessions: SessionClock;
  private readonly cluster: ClusterRequests;
  /** The term in which this node leads and has applied everything before; `null` otherwise. */
  private leadingTerm: number | null = null;
  /** Below this, what is applied here is older than what this node once showed (R8). */
  private readonly readableFrom: number;
  private isClosed = false;

  constructor(options: KvServiceOptions) {
    this.options = {
      ...options,
      peerUrlOf: options.peerUrlOf ?? (() => null),
      sessionTtlMs: options.sessionTtlMs ?? SESSION_TTL_MS,
      heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS,
    };
    const { sessionTtlMs, heartbeatMs } = this.options;
    this.sessions = new SessionClock({ sessionTtlMs, latenessMaxMs: heartbeatMs });
    this.cluster = new ClusterRequests({ ...this.options, urlOf: (member) => this.urlOf(member) });
    this.readableFrom = options.node.status().commitIndex;
    this.onStatus(options.node.status());
  }

  /** To be called with each change that the node's observer is told. */
  onStatus(status: NodeStatus): void {
    if (this.isClosed) return;
    if (status.role !== 'leader') this.leaveOffice();
    else if (this.leadingTerm !== status.currentTerm) this.takeOffice(status.currentTerm);
  }

  /** Answers `request`, once and later; never throws. */
  handle(request: Request, respond: (response: Response) => void): void {
    switch (request.kind) {
      case 'open':
        return this.open(request.nonce, respond);
      case 'end':
        return this.propose({ kind: 'endSessions', sessions: [request.session] }, respond);
      case 'keepAlive':
        return this.keepAlive(request.session, respond);
      case 'write':
        return this.write(request, respond);
      case 'get':
        return this.get(request.key, request.consistency, respond);
      case 'members':
      case 'changeMembership':
      case 'transferLeadership':
      case 'status':
        return this.cluster.handle(request, respond);
      default:
        request satisfies never;
    }
  }

  /** A write without a session: tried once, and applied as often as it is asked for. */
  writeDirectly(operation: Operation, done: (answer: Answer<Outcome>) => void): void {
    this.submit({ kind: 'directWrite', operation }, done);
  }

  /** Reads a key. Linearizable: sees every write that was acknowledged before the call. */
  read(
    key: Uint8Array,
    consistency: Consistency,
    done: (answer: Answer<{ entry: KeyValue | null; revision: number }> | null) => void,
  ): void {
    const { node, machine } = this.options;
    const value = () => ({ error: null, value: { entry: machine.get(key), revision: machine.revision } });
    if (consistency === 'linearizable') {
      node.submitRead((answer) => done(answer.error === null ? value() : answer));
      return;
    }
    queueMicrotask(() => done(node.status().appliedIndex < this.readableFrom ? null : value()));
  }

  /** Where clients reach this node. */
  get clientUrl(): string {
    return this.options.addresses.own;
  }

  /** Where the members are, as this node knows it now. */
  get directory(): Directory {
    const { node, addresses } = this.options;
    const { leader } = node.status();
    return {
      leaderUrl: leader === null ? null : this.urlOf(leader),
      urls: addresses.all(),
    };
  }

  /** Ends no session any more, and keeps none alive. The node is not closed with it. */
  close(): void {
    this.isClosed = true;
    this.leaveOffice();
  }

  private propose(command: Command, respond: (response: Response) => void): void {
    this.submit(command, (answer) => {
      if (answer.error !== null) return respond(this.failed(answer.error));
      if (command.kind === 'endSessions')
        for (const session of command.sessions) this.sessions.forget(session);
      respond({ kind: 'outcome', outcome: answer.value });
    });
  }

  /**
   * The state machine knows no time: how long a session lives is what this node, as the leader, will judge by (R41). So the
   * answer promises it time, and obeys what binds a keep-alive: an opening that is repeated may come while the session's
   * end stands in the log behind it (R38).
   */
  private open(nonce: Uint8Array, respond: (response: Response) => void): void {
    this.propose({ kind: 'openSession', nonce }, (response) => {
      if (response.kind !== 'outcome' || response.outcome.kind !== 'opened') return respond(response);
      const { session } = response.outcome;
      respond(
        this.isKept(session) ? { kind: 'opened', session, ttlMs: this.options.sessionTtlMs } : END_UNDER_WAY,
      );
    });
  }

  private write(request: Extract<Request, { kind: 'write' }>, respond: (response: Response) => void): void {
    const { position, operation } = request;
    // Applied before, and not yet acknowledged: the answer is part of the state (R36).
    const kept = this.options.machine.keptReply(position.session, position.sequence);
    if (kept !== null) return queueMicrotask(() => respond({ kind: 'outcome', outcome: kept }));
    this.propose({ kind: 'write', position, operation }, respond);
  }

  private get(key: Uint8Array, consistency: Consistency, respond: (response: Response) => void): void {
    this.read(key, consistency, (answer) => {
      if (answer === null) {
        const message = 'this node has just started and has not yet applied what it once showed: try again';
        respond({ kind: 'failed', failure: refusal('unavailable', message) });
      } else if (answer.error === null) {
        respond({ kind: 'value', ...answer.value });
      } else {
        respond(this.failed(answer.error));
      }
    });
  }

  /** Answered only after a round that began after it came: a deposed leader must keep nobody alive (R38). */
  private keepAlive(session: SessionId, respond: (response: Response) => void): void {
    const { node, machine, sessionTtlMs } = this.options;
    node.submitRead((answer) => {
      if (answer.error !== null) return respond(this.failed(answer.error));
      if (machine.session(session) === null) {
        return respond({ kind: 'outcome', outcome: { kind: 'refused', reason: 'session-expired' } });
      }
      respond(this.isKept(session) ? { kind: 'alive', ttlMs: sessionTtlMs } : END_UNDER_WAY);
    });
  }

  /** Gives the session its full time from now, unless its end is proposed, or another node judges by now. */
  private isKept(session: SessionId): boolean {
    return this.leadingTerm !== null && this.sessions.keepAlive(session, this.options.clock.nowMs());
  }

  private submit(command: Command, done: (answer: Answer<Outcome>) => void): void {
    this.options.node.submit(encodeCommand(command), (answer) => {
      done(answer.error === null ? { error: null, value: answer.value.result } : answer);
    });
  }

  /** A read is confirmed once an entry of this term is applied: from then on what the machine holds is complete. */
  private takeOffice(term: number): void {
    const { node, machine, clock } = this.options;
    this.leadingTerm = term;
    node.submitRead((answer) => {
      if (answer.error !== null || this.leadingTerm !== term) return;
      this.sessions.begin(machine.sessions(), clock.nowMs());
      this.lookLater();
    });
  }

  private leaveOffice(): void {
    this.leadingTerm = null;
    this.sessions.stop();
    this.options.clock.wakeAt(null, () => {});
  }

  private lookLater(): void {
    const { clock, sessionTtlMs } = this.options;
    const dueMs = clock.nowMs() + sessionTtlMs / LOOKS_A_TTL;
    clock.wakeAt(dueMs, () => {
      this.sessions.excuse(dueMs, clock.nowMs());
      this.endExpired();
      this.lookLater();
    });
  }

  /** Judged and proposed in one turn, so that the term that judges is the term that proposes (R39). */
  private endExpired(): void {
    const { node, clock } = this.options;
    const { role, currentTerm } = node.status();
    if (role !== 'leader' || currentTerm !== this.leadingTerm) return;
    const sessions = this.sessions.takeExpired(clock.nowMs(), EXPIRED_SESSIONS_MAX);
    if (sessions.length === 0) return;
    this.submit({ kind: 'endSessions', sessions }, (answer) => {
      this.sessions.settle(sessions, answer.error === null);
    });
  }

  private failed(error: RaftError): Response {
    return { kind: 'failed', failure: failureOf(error, (node) => this.urlOf(node)) };
  }

  private urlOf(node: string): string | null {
    return this.options.addresses.of(node);
  }
}
