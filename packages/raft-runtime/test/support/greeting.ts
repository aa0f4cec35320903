/** What a node says when it connects, where it is no matter what. */

import type { Greeting } from '../../src/index.ts';

/** Of a node that has run before nothing, belongs to no cluster, and has met nobody. */
export function greeting(fields: Partial<Greeting> = {}): Greeting {
  return {
    processNumber: 1,
    incarnation: new Uint8Array(16).fill(2),
    clusterId: null,
    hasLog: false,
    hasJoined: false,
    metAs: null,
    about: new Uint8Array(0),
    ...fields,
  };
}
