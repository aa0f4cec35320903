/** What the checks are told of the machines of a run. */

import { nodeId } from '@raftkv/core';
import type { ClusterChecks } from '../check/cluster-checks.ts';
import type { MachineListener } from './counting-machine.ts';
import type { Requests } from './requests.ts';

/** The checks are made after the machines that they look at. */
export function machineListener(checksOf: () => ClusterChecks, requests: Requests): MachineListener {
  return {
    onApply: (id, life, commands) => {
      const checks = checksOf();
      checks.onApply(nodeId(id), life, commands);
      checks.guard(() => {
        for (const command of commands) requests.onApplied(command);
      });
    },
    onMachine: (id, index, digest) => checksOf().onMachine(nodeId(id), index, digest),
    onRestored: (id, life, index, digest) => checksOf().onRestored(nodeId(id), life, index, digest),
  };
}
