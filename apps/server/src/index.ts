/** `@raftkv/server`: one node of a key-value cluster, to run or to embed. What it promises, name by name. */
/// <reference lib="esnext.disposable" preserve="true" />

export { startServer, type Server } from './server.ts';
export type { ServerLimits, ServerOptions } from './configuration/options.ts';
export type { Environment } from './configuration/sources.ts';
export { formatAddress, parseAddress, type Address } from './configuration/address.ts';
export type { MemberStatus, ServerStatus } from './node/status.ts';
export type { Log } from './logging/log.ts';
export {
  ClientListenError,
  DataDirectoryError,
  LocalNodeError,
  ServerError,
  UsageError,
  type ServerErrorCode,
} from './errors.ts';
export { EXIT_CODES, runServer, type ExitCode } from './run.ts';
