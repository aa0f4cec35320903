/** Why a transport does not start. What happens later is no error of this node: it is told as a notice. */

export type TransportErrorCode = 'TRANSPORT_LISTEN' | 'TRANSPORT_CLOSED';

/** Why a transport cannot start. */
export abstract class TransportError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: TransportErrorCode;
}

/** The address cannot be listened at. */
export class ListenError extends TransportError {
  override readonly name = 'ListenError';
  readonly code = 'TRANSPORT_LISTEN';
  /** As the option gave it. */
  readonly host: string;
  /** As the option gave it. */
  readonly port: number;

  constructor(host: string, port: number, cause: Error) {
    super(`this node cannot listen for its peers at ${host}:${port}: ${cause.message}. ${advice(cause)}`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

/** The transport was closed, or started a second time. */
export class TransportClosedError extends TransportError {
  override readonly name = 'TransportClosedError';
  readonly code = 'TRANSPORT_CLOSED';

  constructor() {
    super(
      'a transport is started once, and not after it was closed: make a new one for each start of a node',
    );
  }
}

function advice(cause: Error): string {
  switch ('code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return 'Stop what listens there, or choose another port, 0 for any that is free';
    case 'EACCES':
      return 'Choose a port above 1023';
    default:
      return 'Choose a host name or address of this machine';
  }
}
