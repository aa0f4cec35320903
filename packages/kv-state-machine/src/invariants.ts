/** Every property that this package relies on of its own code and of its caller: its name, and where it is argued. */

export const INVARIANTS = {
  'applied-in-order': 'each command has a higher index than the one before; Raft §5.3',
  'commands-decode': 'what stands in the log was encoded by a leader that knew the limits; rule R41',
  'session-judged': 'a reply is kept only for a session that was judged to be there; rule R35',
  'reply-within-window': 'a reply stands at most a window above the lowest that is kept; rules R35, R37',
} as const;

/** The name by which a property is asserted. */
export type InvariantName = keyof typeof INVARIANTS;

/** A property that this package relies on does not hold: stop the node, because members could come apart. */
export class MachineInvariantViolation extends Error {
  override readonly name = 'MachineInvariantViolation';
  readonly code = 'MACHINE_INVARIANT';
  /** The property that does not hold, as the registry names it. */
  readonly invariant: InvariantName;

  constructor(name: InvariantName, why: string, options?: ErrorOptions) {
    super(`${name}: ${why}`, options);
    this.invariant = name;
  }
}

/** @throws {MachineInvariantViolation} named `name` unless `holds`. `why` runs only then. */
export function invariant(holds: boolean, name: InvariantName, why: () => string): asserts holds {
  if (!holds) throw new MachineInvariantViolation(name, why());
}
