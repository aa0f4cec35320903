/** What a machine refuses to be made from. */

/** The bytes are no snapshot that a machine of this release has taken. Nothing of them is in the machine. */
export class SnapshotRefusedError extends Error {
  override readonly name = 'SnapshotRefusedError';
  readonly code = 'MACHINE_SNAPSHOT';
  /** Where in the content what was refused begins, in bytes. */
  readonly offset: number;

  constructor(what: string, offset: number, options?: ErrorOptions) {
    super(`the snapshot is refused at byte ${offset}: ${what}`, options);
    this.offset = offset;
  }
}
