/** What the checks are told of the machines of a run. */

import { nodeId } from '@raftkv/core';
import type { ClusterChecks } from '../check/cluster-checks.ts';
import type { MachineListener } from './counting-machine.ts';
import type { Requests } from './requests.ts';

/** Who is told. */
interface Watch {
  readonly checks: ClusterChecks;
  readonly requests: Requests;
}

/** `watch`: they are made after the machines that they look at. */
export function machineListener(watch: () => Watch): MachineListener {
  return {
    onApply: (id, life, commands) => {
      const { checks, requests } = watch();
      checks.onApply(nodeId(id), life, commands);
      checks.guard(() => {
        for (const command of commands) requests.onApplied(command);
      });
    },
    onMachine: (id, index, digest) => watch().checks.onMachine(nodeId(id), index, digest),
    onRestored: (id, life, index, digest) => watch().checks.onRestored(nodeId(id), life, index, digest),
  };
}
