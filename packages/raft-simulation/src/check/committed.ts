/** What is known to be committed, by whoever said so first, and what was applied. */

import type { Configuration, Entry, LogIndex, Term } from '@raftkv/core';
import type { LogView } from './log-view.ts';
import { termAt } from './log-view.ts';
import { configurationInForce, type ConfigurationLog } from './quorum.ts';
import { check } from './violation.ts';

/** Terms are far below it, and the product far below 2^53. */
const INDEX_SPAN = 2 ** 24;

/** What is looked at of an entry. */
type SeenEntry = Pick<Entry, 'index' | 'term' | 'data'> & { readonly configuration?: Configuration };

/** What a cluster has committed, as its nodes say. */
export class Committed {
  /** The term of each committed entry, by index from 1. */
  private readonly terms: number[] = [];
  /** In which term each of them was first known to be committed. */
  private readonly inTerms: number[] = [];
  /** The data of every entry seen, by index and term. */
  private readonly data = new Map<number, Uint8Array>();
  /** Of those that are configurations, who takes part by them. */
  private readonly configurations = new Map<number, string>();

  /** Where commands were applied, on any node. */
  private readonly commands = new Set<number>();
  /** By command: what a machine is that has applied all up to it. */
  private readonly machines = new Map<number, number>();
  /** In force where the last committed entry was first taken for committed. */
  private judging: Configuration | null = null;

  /** The last committed entry; 0 for none. */
  get lastIndex(): number {
    return this.terms.length;
  }

  /** Whose voters decided on the last committed entry; `null` where there is none. */
  get judge(): Configuration | null {
    return this.judging;
  }

  /** 0 where nothing is known to be committed. */
  termAt(index: number): number {
    return this.terms[index - 1] ?? 0;
  }

  /** Node `id`, in term `inTerm`, takes entry `index` of its log for committed; a snapshot's were, by others. */
  onCommit(id: string, log: LogView & ConfigurationLog, index: number, inTerm: number): void {
    if (index <= log.base.index) {
      const isKnown =
        index <= this.lastIndex && (index < log.base.index || log.base.term === this.termAt(index));
      check(
        isKnown,
        'state-machine-safety',
        () => `${id} has a snapshot at ${log.base.index}@${log.base.term}`,
      );
      return;
    }
    const term = termAt(log, index);
    const known = this.terms[index - 1] ?? term;
    check(known === term, 'state-machine-safety', () => `${id} commits ${index}@${term}, others @${known}`);
    check(
      term > 0 && index <= this.lastIndex + 1,
      'state-machine-safety',
      () => `${id} commits a missing ${index}`,
    );
    if (index > this.lastIndex) this.judging = configurationInForce(log);
    this.terms[index - 1] = term;
    this.inTerms[index - 1] ??= inTerm;
  }

  /** Of each term one leader made the entries: the same index and term is the same entry everywhere. */
  onEntry(id: string, entry: SeenEntry): void {
    const { index, term, data, configuration } = entry;
    const key = term * INDEX_SPAN + index;
    const known = this.data.get(key) ?? data;
    this.data.set(key, known);
    const isSame = isEqual(known, data) && (configuration === undefined || this.isKnown(key, configuration));
    check(isSame, 'log-matching', () => `${id} has another ${index}@${term} than others`);
  }

  /** Node `id` applies this command, and nothing since the one at `before`. */
  onApply(
    id: string,
    command: { readonly index: LogIndex; readonly term: Term; readonly data: Uint8Array },
    before: number,
  ): void {
    const { index, term } = command;
    this.commands.add(index);
    // What is left out must be no command anywhere: entries that open a term.
    for (let left = index - 1; left > before; left -= 1) {
      check(!this.commands.has(left), 'state-machine-safety', () => `${id} leaves out ${left}`);
    }
    const known = this.termAt(index);
    check(
      known === term,
      'state-machine-safety',
      () => `${id} applies ${index}@${term}, committed is @${known}`,
    );
    this.onEntry(id, command);
  }

  /** The machine of `id`, having applied the command at `index` and all before, is one that `digest` stands for. */
  onMachine(id: string, index: number, digest: number): void {
    const known = this.machines.get(index) ?? digest;
    this.machines.set(index, known);
    check(known === digest, 'state-machine-safety', () => `${id} is another machine at ${index} than others`);
  }

  private isKnown(key: number, configuration: Configuration): boolean {
    const words = JSON.stringify(configuration, (_, value: unknown) =>
      value instanceof Uint8Array ? [...value] : value,
    );
    const known = this.configurations.get(key) ?? words;
    this.configurations.set(key, known);
    return known === words;
  }

  /**
   * The log of a leader of term `leads` holds all that was committed in earlier terms; what later ones have committed it
   * need not know, if it was elected late. Gives an entry that it lacks; 0 for none.
   */
  missingIn(log: LogView, leads: number): number {
    for (let index = this.lastIndex; index >= Math.max(log.base.index, 1); index -= 1) {
      const inTerm = this.inTerms[index - 1] ?? 0;
      if (inTerm < leads && termAt(log, index) !== this.terms[index - 1]) return index;
    }
    return 0;
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one === other || (one.length === other.length && one.every((byte, at) => byte === other[at]));
}
