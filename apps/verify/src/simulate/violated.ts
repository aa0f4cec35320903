/** What a run ends with where a property of the whole cluster does not hold that the stack looks at itself. */

import { InvariantViolation, type ClusterInvariantName } from '@raftkv/core';

export function violated(name: ClusterInvariantName, why: string): InvariantViolation {
  return new InvariantViolation(name, why);
}
