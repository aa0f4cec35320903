/** Why a node does not start. What stops it later comes from its disk or its peers, and has the codes of those packages. */

export type ServerErrorCode =
  | 'SERVER_USAGE'
  | 'SERVER_LISTEN'
  | 'SERVER_DATA_DIRECTORY'
  | 'SERVER_LOCAL_NODE';

/** Why a node cannot start. */
export abstract class ServerError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: ServerErrorCode;
}

/** A flag, a variable, a key of the configuration file or an option makes no sense. */
export class UsageError extends ServerError {
  override readonly name = 'UsageError';
  readonly code = 'SERVER_USAGE';
}

/** The client address cannot be listened at. */
export class ClientListenError extends ServerError {
  override readonly name = 'ClientListenError';
  readonly code = 'SERVER_LISTEN';
  /** As the option gave it. */
  readonly host: string;
  /** As the option gave it. */
  readonly port: number;

  constructor(host: string, port: number, cause: Error) {
    super(`this node cannot listen for clients at ${host}:${port}: ${cause.message}. ${advice(cause)}`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

/** The system does not let this process use the data directory. */
export class DataDirectoryError extends ServerError {
  override readonly name = 'DataDirectoryError';
  readonly code = 'SERVER_DATA_DIRECTORY';
  /** As the option gave it. */
  readonly directory: string;

  constructor(directory: string, cause: Error) {
    super(
      `${directory} cannot be used as data directory: ${cause.message}. Give one that this user may make and write in`,
      { cause },
    );
    this.directory = directory;
  }
}

/** A node of a local cluster cannot do what it was told; the message has what it said. */
export class LocalNodeError extends ServerError {
  override readonly name = 'LocalNodeError';
  readonly code = 'SERVER_LOCAL_NODE';
}

/** The code of an error of the system, or of this project; `null` where there is none. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

function advice(cause: Error): string {
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return 'Stop what listens there, or choose another port, 0 for any that is free';
    case 'EACCES':
      return 'Choose a port above 1023';
    case null:
    default:
      return 'Choose a host name or address of this machine';
  }
}
