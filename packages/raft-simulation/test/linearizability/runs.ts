/** Histories as a store that behaves gives them: each operation takes effect at a moment of its own, and is seen from wider. */

import * as fc from 'fast-check';
import type {
  KeyValueEntry,
  KeyValueInput,
  KeyValueOperation,
  KeyValueOutput,
} from '../../src/linearizability/index.ts';

/** What is drawn of one operation, before anything is known of its answer. */
export interface Draft {
  readonly kind: 'get' | 'put' | 'delete';
  readonly key: string;
  readonly value: string;
  readonly condition: 'none' | 'current' | 'absent' | 'wrong';
  /** How long before and after its effect it was called and returned; effects are 10 apart. */
  readonly before: number;
  readonly after: number;
  readonly fate: 'answered' | 'applied' | 'lost';
}

export interface DraftOptions {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly spreadMax: number;
}

export function draft({ keys, values, spreadMax }: DraftOptions): fc.Arbitrary<Draft> {
  const spread = fc.integer({ min: 0, max: spreadMax });
  return fc.record({
    kind: fc.constantFrom('get', 'get', 'put', 'put', 'delete'),
    key: fc.constantFrom(...keys),
    value: fc.constantFrom(...values),
    condition: fc.constantFrom('none', 'none', 'current', 'absent', 'wrong'),
    before: spread,
    after: spread,
    fate: fc.constantFrom('answered', 'answered', 'answered', 'applied', 'lost'),
  });
}

/** The history of a store that does the drafts one after another. */
export function historyOf(drafts: readonly Draft[]): KeyValueOperation[] {
  const store = new Store();
  return drafts.map((each, index) => {
    const input = inputOf(each, store.current(each.key));
    const answer = each.fate === 'lost' ? null : store.perform(input);
    const output = each.fate === 'answered' ? answer : null;
    const called = index * 10 - each.before;
    return {
      client: index,
      called,
      returned: output === null ? null : index * 10 + each.after,
      input,
      output,
    };
  });
}

function inputOf({ kind, key, value, condition }: Draft, current: number): KeyValueInput {
  if (kind === 'get') return { kind, key };
  const ifRevision = { none: null, current, absent: 0, wrong: current + 1 }[condition];
  return kind === 'put' ? { kind, key, value, ifRevision } : { kind, key, ifRevision };
}

/** The store's rules in their plainest form. */
class Store {
  private readonly entries = new Map<string, KeyValueEntry>();
  private revision = 1;

  current(key: string): number {
    return this.entries.get(key)?.modRevision ?? 0;
  }

  perform(input: KeyValueInput): KeyValueOutput {
    const entry = this.entries.get(input.key);
    if (input.kind === 'get') return { kind: 'value', entry: entry ?? null };
    const current = this.current(input.key);
    if (input.ifRevision !== null && input.ifRevision !== current)
      return { kind: 'conditionFailed', current };
    if (input.kind === 'delete') {
      const isDeleted = this.entries.delete(input.key);
      if (isDeleted) this.revision += 1;
      return { kind: 'deleted', revision: this.revision, isDeleted };
    }
    this.revision += 1;
    const { revision } = this;
    const version = (entry?.version ?? 0) + 1;
    const createRevision = entry?.createRevision ?? revision;
    this.entries.set(input.key, { value: input.value, createRevision, modRevision: revision, version });
    return { kind: 'put', revision, version };
  }
}
