/**
 * Who may ask, as far as a browser says it. There are no passwords, so a page that the operator happens to look at must
 * not be able to write: not from its own origin, and not by a name of its own that leads to this machine.
 */

import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopback } from '../configuration/address.ts';

export interface AccessOptions {
  readonly allowOrigins: readonly string[];
  /** Where this node listens. */
  readonly listenHost: string;
  readonly advertisedUrl: () => string | null;
}

const READING: readonly (string | undefined)[] = ['GET', 'HEAD'];

export class Access {
  private readonly options: AccessOptions;
  private readonly allowed: ReadonlySet<string>;

  constructor(options: AccessOptions) {
    this.options = options;
    this.allowed = new Set(options.allowOrigins.map(normalOrigin));
  }

  /** `null` if it may; else why not. */
  refusalOf(
    { headers, method }: Pick<IncomingMessage, 'headers' | 'method'>,
    isUpgrade: boolean,
  ): string | null {
    const { host, origin } = headers;
    if (isLoopback(this.options.listenHost) && host !== undefined && !this.isOwnHost(host, true)) {
      return `${JSON.stringify(host)} is no name of this node: use its address, or give that name by --advertise-client`;
    }
    if (origin === undefined || (!isUpgrade && READING.includes(method))) return null;
    if (this.allowed.has(normalOrigin(origin)) || this.isSameOrigin(origin, host)) return null;
    return `pages of ${JSON.stringify(origin)} may not write here: name that origin by --allow-origin if they should`;
  }

  /** A page of this node itself. The name has to be known: a foreign one may be made to lead here. */
  private isSameOrigin(origin: string, host: string | undefined): boolean {
    if (host === undefined || !URL.canParse(origin)) return false;
    return new URL(origin).host === normalHost(host) && this.isOwnHost(host, false);
  }

  private isOwnHost(header: string, isLocal: boolean): boolean {
    const name = hostname(header);
    if (name === null) return false;
    const advertised = this.options.advertisedUrl();
    if (advertised !== null && name === new URL(advertised).hostname) return true;
    const bare = name.replace(/^\[|\]$/g, '');
    return isLoopback(bare) || (!isLocal && isIP(bare) !== 0);
  }
}

function hostname(header: string): string | null {
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : null;
}

/** Without the port where it is the usual one. */
function normalHost(header: string): string {
  return URL.canParse(`http://${header}`) ? new URL(`http://${header}`).host : header;
}

function normalOrigin(text: string): string {
  return URL.canParse(text) && new URL(text).origin !== 'null' ? new URL(text).origin : text;
}
