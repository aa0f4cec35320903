/** The requests of a scenario: proposals are named by their text, others by what they ask and a number. */

import { ref, type Input, type NodeId, type Ref } from '@raftkv/core';
import type { MembershipRequest, ReadRequest } from './command.ts';
import { membershipInput } from './membership-input.ts';
import { payloadOf } from './payload.ts';

/** A request that was named. */
export interface NamedRequest {
  readonly ref: Ref;
  readonly label: string;
  readonly input: Input;
}

/** Names requests, and knows them by their numbers. */
export class ScenarioRequests {
  private readonly labels: string[] = [];
  private readonly counts = new Map<string, number>();

  propose(text: string): NamedRequest {
    return this.named(text, (number) => ({ kind: 'propose', ref: number, data: payloadOf(text) }));
  }

  changeMembership(asked: MembershipRequest): NamedRequest {
    return this.named(this.numbered('m'), (number) => membershipInput(asked, number));
  }

  read({ asksLeader, maxStalenessMs }: ReadRequest): NamedRequest {
    const asked = { kind: 'read', asksLeader, maxStalenessMs } as const;
    return this.named(this.numbered('r'), (number) => ({ ...asked, ref: number }));
  }

  transfer(target: NodeId | null): NamedRequest {
    const kind = 'transferLeadership';
    return this.named(this.numbered('transfer '), (number) => ({ kind, ref: number, target }));
  }

  /** `undefined` for a request that no command made. */
  labelOf(number: Ref): string | undefined {
    return this.labels[number - 1];
  }

  private numbered(what: string): string {
    const count = (this.counts.get(what) ?? 0) + 1;
    this.counts.set(what, count);
    return `${what}${count}`;
  }

  private named(label: string, inputOf: (number: Ref) => Input): NamedRequest {
    const number = ref(this.labels.push(label));
    return { ref: number, label, input: inputOf(number) };
  }
}
