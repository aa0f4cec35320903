/** Every property that this package relies on of its own code and of its caller: its name, and where it is argued. */

export const INVARIANTS = {
  'records-follow': 'what is written can follow what was written before; rule R31',
  'batch-within-segment': 'a batch never crosses a segment; rule R30',
  'written-in-turn': 'a batch is written only after the sync of the one before returned; rule R30',
  'batch-left-alone': 'the bytes of a batch stay as they are until they are on disk; rule R32',
  'base-has-snapshot': 'a base is written when its snapshot is on disk, whole and under its name; rule R33',
  'entries-have-positions': 'every entry of the log stands in an open segment; DESIGN §4',
} as const;

/** The name by which a property is asserted. */
export type InvariantName = keyof typeof INVARIANTS;

/** A property that this package relies on does not hold: stop the node, because going on could lose data. */
export class StorageInvariantViolation extends Error {
  override readonly name = 'StorageInvariantViolation';
  readonly code = 'STORAGE_INVARIANT';
  /** The property that does not hold, as the registry names it. */
  readonly invariant: InvariantName;

  constructor(name: InvariantName, why: string) {
    super(`${name}: ${why}`);
    this.invariant = name;
  }
}

/** @throws {StorageInvariantViolation} named `name` unless `holds`. `why` runs only then. */
export function invariant(holds: boolean, name: InvariantName, why: () => string): asserts holds {
  if (!holds) throw new StorageInvariantViolation(name, why());
}
