/** What the connection goes through, told to whoever asked for it. */

import type { KvError } from './errors.ts';

/** One thing that the connection went through; `kind` says which. */
export type Notice =
  /** A node answers; calls go to it. */
  | { readonly kind: 'connected'; readonly url: string; readonly cluster: string; readonly node: string }
  /** A node could not be reached, or was lost. */
  | { readonly kind: 'disconnected'; readonly url: string; readonly error: KvError }
  /** A node was left because of what it said: `error` is a `ProtocolError`. */
  | { readonly kind: 'distrusted'; readonly url: string; readonly error: KvError }
  /** Another node leads, or may: the client goes there. */
  | { readonly kind: 'redirected'; readonly url: string; readonly to: string };
