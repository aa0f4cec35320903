/** Where it was measured: numbers without that mean little. */

import { arch, cpus, platform, release } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly processors: number;
  readonly model: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    processors: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown',
  };
}

export function describedMachine({ node, system, processors, model }: Machine): string {
  return `machine: ${processors} × ${model}, ${system}, Node ${node}`;
}
