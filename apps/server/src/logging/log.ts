/** What a node tells its operator. A pino logger is one; so is whatever else has these four. */

export interface Log {
  /** For whoever looks for a fault; may come with every connection. */
  debug(fields: object, message: string): void;
  /** What happens in good order, such as a new leader. */
  info(fields: object, message: string): void;
  /** What an operator should know, and the node goes on with. */
  warn(fields: object, message: string): void;
  /** What ends the node, or keeps it from starting. */
  error(fields: object, message: string): void;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const nothing = (): void => {};
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
