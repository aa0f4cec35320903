/** Structured lines on the standard output. */

import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import type { LogLevel } from './log.ts';

/** Written at once: the last line before an exit is the one that is needed most. */
export function pinoLog(level: LogLevel): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  return pino(options, destination({ dest: 1, sync: true }));
}
