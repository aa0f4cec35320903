/** All that a run is made of, as data: it can be printed, kept, shortened and run again. */

import type { CoreLimits } from '@raftkv/runtime';
import type { LogDiskSettings } from '../disk/settings.ts';
import type { Weather } from '../network/weather.ts';
import type { ClockSettings } from '../process/host-clock.ts';
import type { Fault, Target } from './fault.ts';
import type { ChangePlan } from './membership.ts';

/** One machine of the cluster. */
export interface HostPlan {
  /** Its name. */
  readonly id: string;
  /** How its clock runs. */
  readonly clock: ClockSettings;
  /** How fast its disk is. */
  readonly disk: LogDiskSettings;
  /** How long the state machine takes to apply; at once where both are 0. */
  readonly applyMs: readonly [number, number];
  /** It is no member when the cluster begins. */
  readonly isSpare?: boolean;
}

/** Some calls at one moment. */
export interface RequestPlan {
  /** When they are made. */
  readonly atMs: number;
  /** Whose node is called. */
  readonly target: Target;
  /** A write, a read, or a read of a node that may ask its leader. */
  readonly kind: 'propose' | 'read' | 'follower-read';
  /** How many. */
  readonly count: number;
  /** Of a command; at least 8. */
  readonly bytes: number;
  /** Of a follower's read: what was acknowledged this long ago it has to see; all that was unless given (R17). */
  readonly maxStalenessMs?: number;
}

/** What becomes of a host that does not heal. */
export interface LostHost {
  /** Its name. */
  readonly id: string;
  /**
   * Without links: `cut off`; with one survivor's alone: `at the edge`; `deaf` is heard and hears nothing, `mute` hears and
   * is not heard; `stalled` has a disk that does nothing any more.
   */
  readonly how: 'down' | 'cut off' | 'at the edge' | 'deaf' | 'mute' | 'stalled' | 'as it is';
}

/** A run, before it is run. */
export interface Plan {
  /** Of all chance that is not in the plan: of each message, each sync, each election. */
  readonly seed: number;
  /** At least one. */
  readonly hosts: readonly HostPlan[];
  /** Times and sizes of the core, the same on all hosts. */
  readonly core: CoreLimits;
  /** Each host takes a snapshot once so many bytes of the log were applied; none unless given. */
  readonly snapshotLogBytes?: number;
  /** Of the safety phase. */
  readonly weather: Weather;
  /** How long anything may fail; then all heal but those that are lost. */
  readonly safetyMs: number;
  /** In the order of their times. */
  readonly faults: readonly Fault[];
  /** In the order of their times. */
  readonly requests: readonly RequestPlan[];
  /** Of who takes part, in the order of their times; none unless given. */
  readonly changes?: readonly ChangePlan[];
  /** Fewer than half; where members change, of these as many as those who stay can do without. */
  readonly lost: readonly LostHost[];
}
