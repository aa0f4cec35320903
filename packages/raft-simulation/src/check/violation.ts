/** How a check says what does not hold. */

import { InvariantViolation, type ClusterInvariantName, type InvariantName } from '@raftkv/core';

/** @throws {InvariantViolation} named `name` unless `holds`. `why` runs only then. */
export function check(
  holds: boolean,
  name: InvariantName | ClusterInvariantName,
  why: () => string,
): asserts holds {
  if (!holds) throw new InvariantViolation(name, why());
}
