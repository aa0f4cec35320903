/** All that a run is made of, as data: it can be printed, kept, shortened and run again. */

import type { CoreLimits } from '@raftkv/runtime';
import type { LogDiskSettings } from '../disk/mechanics.ts';
import type { Weather } from '../network/weather.ts';
import type { ClockSettings } from '../process/host-clock.ts';
import type { Fault, Target } from './fault.ts';

/** One machine of the cluster. */
export interface HostPlan {
  readonly id: string;
  readonly clock: ClockSettings;
  readonly disk: LogDiskSettings;
  /** How long the state machine takes to apply; at once where both are 0. */
  readonly applyMs: readonly [number, number];
}

/** Some calls at one moment. */
export interface RequestPlan {
  readonly atMs: number;
  readonly target: Target;
  readonly kind: 'propose' | 'read';
  readonly count: number;
  /** Of a command; at least 8. */
  readonly bytes: number;
}

/** What becomes of a host that does not heal. */
export interface LostHost {
  readonly id: string;
  /**
   * Without links: `cut off`; with one survivor's alone: `at the edge`; `deaf` is heard and hears nothing, `mute` hears and
   * is not heard.
   */
  readonly how: 'down' | 'cut off' | 'at the edge' | 'deaf' | 'mute' | 'as it is';
}

export interface Plan {
  /** Of all chance that is not in the plan: of each message, each sync, each election. */
  readonly seed: number;
  readonly hosts: readonly HostPlan[];
  /** Times and sizes of the core, the same on all hosts. */
  readonly core: CoreLimits;
  readonly weather: Weather;
  /** How long anything may fail; then all heal but those that are lost. */
  readonly safetyMs: number;
  readonly faults: readonly Fault[];
  readonly requests: readonly RequestPlan[];
  /** Fewer than half. */
  readonly lost: readonly LostHost[];
}
