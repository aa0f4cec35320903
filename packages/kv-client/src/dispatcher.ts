/** Sends calls over the link as often as it takes, and understands what comes back. */

import type { Failure, Operation, Outcome, RefusalReason, Request, Response } from '@raftkv/kv-protocol';
import { isOnceOnly, type Answer, type Call, type OperatorAnswer, type OperatorRequest } from './call.ts';
import { jitteredDelayMs } from './chance.ts';
import { ProtocolError, SessionExpiredError, UnavailableError, type KvError } from './errors.ts';
import { failureError } from './failure-error.ts';
import type { Link } from './link.ts';
import type { Settings } from './options.ts';
import { isMembershipRefusal, isTransferRefusal } from './refusals.ts';
import type { Sessions } from './sessions.ts';

const LOST = 'the node was lost before it answered';

export class Dispatcher {
  private readonly settings: Settings;
  private readonly link: Link;
  private readonly sessions: Sessions;
  /** To be sent as soon as that is possible. */
  private readonly ready = new Set<Call>();
  /** Wait a little before they are sent again; with what takes back the waiting. */
  private readonly delayed = new Map<Call, () => void>();

  constructor(settings: Settings, link: Link, sessions: Sessions) {
    this.settings = settings;
    this.link = link;
    this.sessions = sessions;
  }

  start(call: Call): void {
    this.ready.add(call);
    this.pump();
  }

  /** It has ended, started or not. */
  forget(call: Call): void {
    this.ready.delete(call);
    this.delayed.get(call)?.();
    this.delayed.delete(call);
    call.attempt?.cancel();
    if (call.place !== null) call.place.session.release(call.place);
  }

  /** A node is there: whatever the last one refused, this one may serve. */
  onReady(): void {
    for (const [call, cancel] of this.delayed) {
      cancel();
      this.ready.add(call);
    }
    this.delayed.clear();
    this.sessions.onReady();
    this.pump();
  }

  /** Sends what can be sent now. */
  pump(): void {
    if (!this.link.isUp) return;
    this.sessions.sendKeepAlive();
    for (const call of this.ready) {
      if (!this.link.canSend) return;
      this.send(call);
    }
  }

  /** There is no session for the writes that have none yet. */
  refuseWithoutSession(error: KvError): void {
    // Chosen first: each that ends lets another in, which has not asked yet.
    const refused = [...this.ready].filter((call) => call.plan.kind === 'write' && call.place === null);
    for (const call of refused) call.fail(error);
  }

  private send(call: Call): void {
    if (call.plan.kind === 'reach') return call.succeed({ kind: 'reached' });
    const request = this.requestOf(call);
    if (request === null) return;
    const attempt = this.link.request(request, {
      onResponse: (response) => this.onResponse(call, response),
      onLost: (error) => this.onLost(call, error),
    });
    if (attempt === null) return;
    call.attempt = attempt;
    this.ready.delete(call);
  }

  /** Null where a write has to wait for its session. */
  private requestOf(call: Call): Request | null {
    const { plan } = call;
    if (plan.kind === 'get') return { kind: 'get', key: plan.key, consistency: plan.consistency };
    if (plan.kind === 'operate') return plan.request;
    if (plan.kind === 'reach') return null;
    const position = this.sessions.positionOf(call);
    return position === null ? null : { kind: 'write', position, operation: plan.operation };
  }

  private onResponse(call: Call, response: Response): boolean {
    if (response.kind === 'failed') {
      call.attempt = null;
      this.onFailure(call, response.failure);
      return true;
    }
    const { plan } = call;
    if (plan.kind === 'get' && response.kind === 'value') {
      if (plan.consistency === 'linearizable') this.link.served();
      call.succeed({ kind: 'value', entry: response.entry });
      return true;
    }
    if (plan.kind === 'operate' && isReply(plan.request, response)) {
      if (isOnceOnly(plan)) this.link.served();
      call.succeed(response);
      return true;
    }
    if (plan.kind !== 'write' || response.kind !== 'outcome') return false;
    return this.onOutcome(call, plan.operation, response.outcome);
  }

  private onOutcome(call: Call, operation: Operation, outcome: Outcome): boolean {
    if (outcome.kind === 'refused') return this.onRefused(call, outcome.reason);
    if (!isAnswerTo(operation, outcome)) return false;
    this.link.served();
    call.succeed(outcome);
    return true;
  }

  /** The state machine's own word: this attempt changed nothing. */
  private onRefused(call: Call, reason: RefusalReason): boolean {
    if (reason === 'too-many-sessions' || call.place === null) return false;
    call.attempt = null;
    this.link.served();
    switch (reason) {
      case 'session-expired': {
        // First: the end of the call lets another in, which must not find the session still there.
        this.sessions.expire(call.place.session);
        call.fail(new SessionExpiredError(call.outcome));
        return true;
      }
      case 'session-full':
        this.retryLater(call, new UnavailableError('the session keeps too many replies', call.outcome));
        return true;
      case 'invalid':
        call.fail(new ProtocolError('the cluster refuses the place of the write', call.outcome));
        return true;
      case 'already-acknowledged':
        // Another copy was the one that counted, and nobody has kept its reply.
        call.fail(new ProtocolError('the cluster has dropped the reply of the write', 'unknown'));
        return true;
    }
  }

  private onFailure(call: Call, failure: Failure): void {
    if (failure.outcome === 'unknown') call.isUncertain = true;
    this.link.refused(failure);
    const error = failureError(failure, call.outcome);
    if (isFinal(call, failure, error)) call.fail(error);
    else if (call.place?.session.isExpired === true) call.fail(new SessionExpiredError(call.outcome));
    else this.retryLater(call, error);
  }

  private onLost(call: Call, error: KvError): void {
    // Whoever was told of the loss first may have ended the call.
    if (call.hasEnded) return;
    call.attempt = null;
    call.isUncertain = true;
    call.trouble = error;
    // None is sent again under another session, and this one is gone (R36).
    if (call.place?.session.isExpired === true) call.fail(new SessionExpiredError(call.outcome));
    else if (isOnceOnly(call.plan))
      call.fail(new UnavailableError(`${LOST}: ${error.message}`, 'unknown', { cause: error }));
    else this.ready.add(call);
  }

  private retryLater(call: Call, error: Error): void {
    const { clock, random } = this.settings;
    call.trouble = error;
    const delayMs = jitteredDelayMs(call.retries, this.settings, random);
    call.retries += 1;
    const again = (): void => {
      this.delayed.delete(call);
      this.ready.add(call);
      this.pump();
    };
    this.delayed.set(call, clock.setTimer(delayMs, again));
  }
}

/** What the node says stays true, however often it is asked. */
function isFinal({ plan }: Call, { code, outcome }: Failure, { retryable }: KvError): boolean {
  if (code === 'invalid-request' || (outcome === 'unknown' && isOnceOnly(plan))) return true;
  if (!isMembershipRefusal(code) && !isTransferRefusal(code)) return false;
  return plan.kind !== 'operate' || !plan.waits || !retryable;
}

const REPLIES: Readonly<Record<OperatorRequest['kind'], OperatorAnswer['kind']>> = {
  members: 'members',
  changeMembership: 'membershipChanged',
  transferLeadership: 'leadershipTransferred',
  status: 'status',
};

function isReply(request: OperatorRequest, response: Response): response is OperatorAnswer {
  return response.kind === REPLIES[request.kind];
}

function isAnswerTo(operation: Operation, outcome: Outcome): outcome is Answer & Outcome {
  if (outcome.kind === 'conditionFailed') return operation.condition.kind !== 'none';
  return outcome.kind === (operation.kind === 'put' ? 'put' : 'deleted');
}
