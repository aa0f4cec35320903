/** One node with its sockets: opens the client port, then the log and the peer port, and closes them in good order. */

import { ClientSockets } from './client-socket/client-sockets.ts';
import { formatAddress } from './configuration/address.ts';
import { completeOptions, type CompleteOptions, type ServerOptions } from './configuration/options.ts';
import { codeOf } from './errors.ts';
import { Access } from './http/access.ts';
import { HttpFront } from './http/http-front.ts';
import { createMetrics } from './http/metrics.ts';
import { startKvNode, type KvNode } from './node/kv-node.ts';
import { nodeOf, whyNoNode, type Phase } from './node/phase.ts';
import type { ServerStatus } from './node/status.ts';
import { UnderWay } from './under-way.ts';

/** A node that takes part, as `startServer` gives it; by `await using` it is closed at the end of the block. */
export interface Server extends AsyncDisposable {
  /** As `ServerOptions.name` gave it, or its default. */
  readonly name: string;
  /** Where clients reach it, with the port that was chosen; HTTP is at the same port. */
  readonly clientUrl: string;
  /** Where the other nodes reach it. */
  readonly peerUrl: string;
  /** Resolves when the node has stopped for good because of its disk, its peers or a bug; `close` it then. */
  readonly failed: Promise<Error>;
  /** As this node knows it at this moment; nobody is asked. */
  status(): ServerStatus;
  /** Lets nobody in, waits a bounded time for what is under way, and stops. A second call waits for the first. */
  close(): Promise<void>;
}

/** How long a client may take to answer a close. */
const GOODBYE_MS = 500;

/**
 * Resolves when the node takes part and its ports are open; there may be no leader yet.
 *
 * @throws {UsageError} if the options make no sense.
 * @throws {ClientListenError} or the transport's `ListenError` if an address cannot be listened at.
 * @throws {DataDirectoryError} or a `StorageError` if the data directory cannot be used.
 * @throws {EmptiedMemberError} if a peer knows this member with another data directory.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const complete = completeOptions(options);
  const running = new RunningServer(complete);
  try {
    return await running.start();
  } catch (error) {
    await running.close();
    throw error;
  }
}

class RunningServer {
  private readonly options: CompleteOptions;
  private readonly underWay = new UnderWay();
  private readonly sockets: ClientSockets;
  private readonly front: HttpFront;
  private phase: Phase = { kind: 'starting' };
  private node: KvNode | null = null;
  private clientUrl: string | null;
  private fail: (cause: Error) => void = () => {};
  private readonly failed = new Promise<Error>((resolve) => {
    this.fail = resolve;
  });
  private closed: Promise<void> | null = null;

  constructor(options: CompleteOptions) {
    this.options = options;
    this.clientUrl = options.advertiseClient;
    const { underWay } = this;
    const phase = (): Phase => this.phase;
    this.sockets = new ClientSockets({ options, underWay, phase });
    const metrics = createMetrics({ phase, underWay, sockets: this.sockets });
    const { allowOrigins, listenClient } = options;
    const access = new Access({
      allowOrigins,
      listenHost: listenClient.host,
      advertisedUrl: () => this.clientUrl,
    });
    this.front = new HttpFront({ options, underWay, phase, access, metrics, sockets: this.sockets });
  }

  async start(): Promise<Server> {
    const { name, listenClient, listenPeer, dataDirectory, log } = this.options;
    // The client port first: probes are answered while a long log is read, and its URL is known to the node.
    const port = await this.front.listen(listenClient);
    const clientUrl = this.clientUrl ?? `ws://${formatAddress({ ...listenClient, port })}`;
    this.clientUrl = clientUrl;
    const node = await startKvNode({
      ...this.options,
      clientUrl,
      onDirectory: (directory) => this.sockets.tellDirectory(directory),
      onFailed: (cause) => this.onFailed(cause),
    });
    this.node = node;
    if (this.phase.kind === 'starting') this.phase = { kind: 'serving', node };
    else if (this.phase.kind === 'failed') this.phase = { ...this.phase, node };
    const { peerUrl } = node;
    const listening = {
      client: formatAddress({ ...listenClient, port }),
      peer: formatAddress({ ...listenPeer, port: node.peerPort }),
    };
    log.info({ name, clientUrl, peerUrl, listening, dataDirectory }, 'this node takes part');
    return {
      name,
      clientUrl,
      peerUrl,
      failed: this.failed,
      status: () => node.status(),
      close: () => this.close(),
      [Symbol.asyncDispose]: () => this.close(),
    };
  }

  close(): Promise<void> {
    this.closed ??= this.closeAll();
    return this.closed;
  }

  private async closeAll(): Promise<void> {
    const { log, limits } = this.options;
    const wasServing = this.phase.kind === 'serving';
    this.phase = { kind: 'stopping' };
    this.front.stopListening();
    if (wasServing) {
      log.info({ underWay: this.underWay.size }, 'this node stops');
      const isIdle = await this.underWay.idle(limits.drainMs);
      if (!isIdle)
        log.warn({ underWay: this.underWay.size }, 'some requests did not end in time: outcome unknown');
    }
    // Answers whoever still waits, so the sockets come after it.
    await this.node?.close();
    await this.sockets.close(GOODBYE_MS);
    this.front.close();
    if (wasServing) log.info({}, 'this node has stopped');
  }

  private onFailed(cause: Error): void {
    this.phase = { kind: 'failed', node: nodeOf(this.phase), cause };
    this.options.log.error({ reason: cause.message, code: codeOf(cause) }, whyNoNode(this.phase));
    this.fail(cause);
  }
}
