/** One rule that an implementation has to keep. */

export interface ComplianceCase {
  /** The rule, as a sentence; unique in its suite. */
  readonly name: string;
  /** Rejects if the rule is broken. A case that never ends is broken too: the runner sets the time. */
  readonly run: () => Promise<void>;
}

interface Disposable {
  dispose(): Promise<void>;
}

/** A case that has a harness of its own, and lets go of it whatever happens. */
export function caseWith<Harness extends Disposable>(
  name: string,
  makeHarness: () => Promise<Harness>,
  check: (harness: Harness) => Promise<void>,
): ComplianceCase {
  return {
    name,
    run: async () => {
      const harness = await makeHarness();
      try {
        await check(harness);
      } finally {
        await harness.dispose();
      }
    },
  };
}
