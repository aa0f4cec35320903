/** One load after another, of which each asks more: more clients, or longer values. */

import type { Settings } from './settings.ts';

export const LADDERS = ['clients', 'values'] as const;
export type Ladder = (typeof LADDERS)[number];

const CLIENTS = [1, 16, 64, 256, 1024, 4096];
/** With few clients few operations say as much, and take long. */
const OPERATIONS_A_CLIENT = 2000;

const VALUES = [16, 256, 4096, 65_536, 1_048_576];
/** As many bytes in all for a value of any length … */
const BYTES = 64 * 1024 * 1024;
/** … but no fewer operations than this. */
const OPERATIONS_MIN = 200;

export function stepsOf(settings: Settings, ladder: Ladder | undefined): Settings[] {
  switch (ladder) {
    case undefined:
      return [settings];
    case 'clients':
      return CLIENTS.map((clients) => {
        const total = Math.min(settings.total, OPERATIONS_A_CLIENT * clients);
        return { ...settings, clients, total, conns: Math.min(settings.conns, clients) };
      });
    case 'values':
      return VALUES.map((valSize) => {
        const total = Math.min(settings.total, Math.max(OPERATIONS_MIN, Math.floor(BYTES / valSize)));
        return { ...settings, valSize, total, keySpaceSize: Math.min(settings.keySpaceSize, total) };
      });
    default:
      return ladder satisfies never;
  }
}
