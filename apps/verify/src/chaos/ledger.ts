/** What was asked of the cluster, what it answered, and whether its logs keep that. */

import type { RequestOutcome } from '@raftkv/runtime';

/** What a member's state machine was given: index and command, in order. */
export type AppliedCommands = readonly (readonly [number, number])[];

export class Ledger {
  /** Where each acknowledged command was applied. */
  private readonly acknowledged = new Map<number, number>();
  private readonly refused = new Set<number>();
  private last = 0;

  get acknowledgedCount(): number {
    return this.acknowledged.size;
  }

  /** A number that was never proposed before: no command is tried twice. */
  next(): number {
    this.last += 1;
    return this.last;
  }

  onApplied(command: number, index: number): void {
    this.acknowledged.set(command, index);
  }

  onRefused(command: number, outcome: RequestOutcome): void {
    if (outcome === 'not-applied') this.refused.add(command);
  }

  /** What is wrong with the logs of all members, compared after they have come to rest; empty where nothing is. */
  faults(logs: ReadonlyMap<string, AppliedCommands>): string[] {
    const [first, ...others] = [...logs];
    if (first === undefined) return ['there is no log'];
    const text = JSON.stringify(first[1]);
    const different = others.filter(([, log]) => JSON.stringify(log) !== text);
    return [
      ...different.map(([id]) => `the log of ${id} differs from that of ${first[0]}`),
      ...this.faultsOf(first[1]),
    ];
  }

  private faultsOf(log: AppliedCommands): string[] {
    const faults: string[] = [];
    const places = new Map<number, number>();
    for (const [index, command] of log) {
      if (places.has(command))
        faults.push(`command ${command} was applied at ${places.get(command)} and ${index}`);
      if (this.refused.has(command)) faults.push(`command ${command} was refused, and applied at ${index}`);
      if (command > this.last) faults.push(`command ${command} was never proposed`);
      places.set(command, index);
    }
    for (const [command, index] of this.acknowledged) {
      if (places.get(command) !== index)
        faults.push(`command ${command}, acknowledged at ${index}, is not there`);
    }
    return faults;
  }
}
