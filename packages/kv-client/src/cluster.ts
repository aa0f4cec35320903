/** What an operator does with a cluster: who takes part, who leads, and how it is. Source: R21 to R26. */

import type { Consistency, Membership, NodeStatus } from '@raftkv/kv-protocol';
import { checkedConsistency } from './arguments.ts';
import type { Answer, OperatorRequest } from './call.ts';
import type { Calls, CallOptions } from './calls.ts';
import { InvalidArgumentError, ProtocolError, TimeoutError } from './errors.ts';
import { checkedAddress, checkedChange, checkedId, type MembershipChange } from './membership-arguments.ts';
import { withLearner, withoutMember, withReplacement, withVoter } from './membership-plans.ts';
import { checkedTimeout, type Settings } from './options.ts';
import { MembershipRefusedError } from './refusals.ts';

/** When to give up, and how fresh the answer has to be. */
export interface MembersOptions extends CallOptions {
  /** `serializable` unless given: what the connected node knows. `linearizable`: sees every change acknowledged before. */
  readonly consistency?: Consistency | undefined;
}

/**
 * For operators. Where the outcome of a change or of a transfer is unknown, it is not tried again: look at `members` or
 * `status`, then decide. `change` and `transferLeadership` tell every refusal at once; `addLearner`, `promote`, `remove` and
 * `replace` start from the members that there are, and wait out refusals that pass, until `timeoutMs` has passed.
 */
export interface KvCluster {
  /** Who takes part, and who leads. */
  members(options?: MembersOptions): Promise<Membership>;
  /**
   * Makes others the members; resolves once they are, with what `ifIndex` of the next change may name.
   *
   * @throws {MembershipRefusedError} whose `reason` says what is in the way; nothing has changed then.
   */
  change(change: MembershipChange, options?: CallOptions): Promise<{ index: number }>;
  /** Has a node receive the log: one that was started to join and is reached by its peers at `address` (`ws://`, `wss://`). */
  addLearner(id: string, address: string, options?: CallOptions): Promise<{ index: number }>;
  /** Makes a learner a voter, once it has caught up. */
  promote(id: string, options?: CallOptions): Promise<{ index: number }>;
  /** Takes a node out, for ever: its id is never used again. Also where it is out already. */
  remove(id: string, options?: CallOptions): Promise<{ index: number }>;
  /** Adds `newId` as a learner, and once it has caught up, gives it the place of `oldId`, which goes. May be repeated. */
  replace(oldId: string, newId: string, address: string, options?: CallOptions): Promise<{ index: number }>;
  /**
   * Has another lead: `target`, or the one that lacks least. Resolves once a later term has begun, with who leads it; `null`
   * while that is open.
   *
   * @throws {TransferRefusedError} whose `reason` says what is in the way; who led leads on then.
   */
  transferLeadership(target?: string | null, options?: CallOptions): Promise<{ leader: string | null }>;
  /** Of the node that the client is connected with: of the leader, unless none is known. */
  status(options?: CallOptions): Promise<NodeStatus>;
}

export class Cluster implements KvCluster {
  private readonly settings: Settings;
  private readonly calls: Calls;

  constructor(settings: Settings, calls: Calls) {
    this.settings = settings;
    this.calls = calls;
  }

  async members(options: MembersOptions = {}): Promise<Membership> {
    const answer = await this.ask(() => membersRequest(options.consistency), options);
    if (answer.kind !== 'members') throw noAnswer(answer);
    return answer.membership;
  }

  change(change: MembershipChange, options: CallOptions = {}): Promise<{ index: number }> {
    return this.apply(change, false, options);
  }

  addLearner(id: string, address: string, options?: CallOptions): Promise<{ index: number }> {
    return this.within(options, (rest) => {
      const learner = { id: checkedId(id), address: checkedAddress(address) };
      return this.modify((now) => withLearner(now, learner), rest);
    });
  }

  promote(id: string, options?: CallOptions): Promise<{ index: number }> {
    return this.within(options, (rest) => {
      const voter = checkedId(id);
      return this.modify((now) => withVoter(now, voter), rest);
    });
  }

  remove(id: string, options?: CallOptions): Promise<{ index: number }> {
    return this.within(options, (rest) => {
      const gone = checkedId(id);
      return this.modify((now) => withoutMember(now, gone), rest);
    });
  }

  replace(oldId: string, newId: string, address: string, options?: CallOptions): Promise<{ index: number }> {
    return this.within(options, async (rest) => {
      const [old, coming] = [checkedId(oldId), { id: checkedId(newId), address: checkedAddress(address) }];
      if (old === coming.id) throw new InvalidArgumentError('a member is replaced by another one');
      await this.modify((now) => withReplacement(now, old, coming, 'as-learner'), rest);
      return this.modify((now) => withReplacement(now, old, coming, 'in-place'), rest);
    });
  }

  async transferLeadership(
    target: string | null = null,
    options: CallOptions = {},
  ): Promise<{ leader: string | null }> {
    const answer = await this.ask(
      () => ({ kind: 'transferLeadership', target: target === null ? null : checkedId(target) }),
      options,
    );
    if (answer.kind !== 'leadershipTransferred') throw noAnswer(answer);
    return { leader: answer.leader };
  }

  async status(options: CallOptions = {}): Promise<NodeStatus> {
    const answer = await this.ask(() => ({ kind: 'status' }), options);
    if (answer.kind !== 'status') throw noAnswer(answer);
    return answer.status;
  }

  /** From the members that there are: where someone else was faster, nothing has changed, and it is looked at again. */
  private async modify(
    changeOf: (now: Membership) => MembershipChange,
    rest: () => CallOptions,
  ): Promise<{ index: number }> {
    for (;;) {
      const now = await this.members({ ...rest(), consistency: 'linearizable' });
      const changed = await this.tryChange({ ...changeOf(now), ifIndex: now.index }, rest());
      if (changed !== null) return changed;
    }
  }

  /** Null where the members were not those that the change was made for. */
  private async tryChange(change: MembershipChange, options: CallOptions): Promise<{ index: number } | null> {
    try {
      return await this.apply(change, true, options);
    } catch (error) {
      if (error instanceof MembershipRefusedError && error.reason === 'configuration-changed') return null;
      throw error;
    }
  }

  private async apply(
    change: MembershipChange,
    waits: boolean,
    options: CallOptions,
  ): Promise<{ index: number }> {
    const request = () => ({ kind: 'changeMembership', change: checkedChange(change) }) as const;
    const answer = await this.ask(request, options, waits);
    if (answer.kind !== 'membershipChanged') throw noAnswer(answer);
    return { index: answer.index };
  }

  private ask(request: () => OperatorRequest, options: CallOptions, waits = false): Promise<Answer> {
    return this.calls.run(() => ({ kind: 'operate', request: request(), waits }), options);
  }

  /** `work` makes several calls, each with what is left of the time; an error names the whole of it. */
  private async within<Value>(
    { timeoutMs = this.settings.timeoutMs, signal }: CallOptions = {},
    work: (rest: () => CallOptions) => Promise<Value>,
  ): Promise<Value> {
    const { clock } = this.settings;
    const endMs = clock.nowMs() + checkedTimeout(timeoutMs);
    try {
      return await work(() => ({ signal, timeoutMs: Math.max(endMs - clock.nowMs(), 1) }));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw new TimeoutError(timeoutMs, error.outcome, { cause: error.cause });
    }
  }
}

function membersRequest(consistency: Consistency = 'serializable'): OperatorRequest {
  return { kind: 'members', consistency: checkedConsistency(consistency) };
}

function noAnswer({ kind }: Answer): ProtocolError {
  return new ProtocolError(`${kind} is no answer to the call`, 'unknown');
}
