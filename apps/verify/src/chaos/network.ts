/** The proxies of a cluster: one before each node's client port, and one before its peer port, where each dialer is known by name. */

import type { LocalClusterOptions } from '@raftkv/server/local-cluster';
import { FaultyProxy } from './proxy.ts';

/** Undoes what it came from; to be called once. */
export type Heal = () => void;

/** Where a node really listens, for who does not want to go by a proxy. */
interface Ports {
  readonly client: number;
  readonly peer: number;
}

interface Proxies {
  readonly client: FaultyProxy;
  readonly peer: FaultyProxy;
}

export class Network {
  private readonly proxies = new Map<string, Proxies>();
  private readonly ports = new Map<string, Ports>();
  /** For the names that come next. */
  private readonly spares: Proxies[] = [];

  private constructor() {}

  static async open(nodeCount: number): Promise<Network> {
    const network = new Network();
    for (let count = 0; count < nodeCount; count += 1) await network.prepare();
    return network;
  }

  /** So that there are proxies for one node more, whatever its name will be. */
  async prepare(): Promise<void> {
    this.spares.push({ client: await FaultyProxy.listen(), peer: await FaultyProxy.listen() });
  }

  /** To start the cluster with. */
  get clusterOptions(): Required<Pick<LocalClusterOptions, 'advertise' | 'peerUrl'>> {
    return {
      advertise: (name, url) => {
        this.learn(name, { client: portOf(url) });
        return passing(this.of(name).client, url);
      },
      peerUrl: (_, to, url) => {
        this.learn(to, { peer: portOf(url) });
        return passing(this.of(to).peer, url);
      },
    };
  }

  /** What clients of these nodes are given. */
  endpointsOf(names: readonly string[]): readonly string[] {
    return names.map((name) => this.of(name).client.url);
  }

  portOf(name: string, port: 'client' | 'peer'): number {
    const ports = this.ports.get(name);
    if (ports === undefined) throw new Error(`there is no node ${name}`);
    return ports[port];
  }

  clientProxy(name: string): FaultyProxy {
    return this.of(name).client;
  }

  /** What `from` says does not reach `to`, whoever of the two dialed. */
  stall(from: string, to: string): Heal {
    const heals = [this.of(to).peer.stall('out', from), this.of(from).peer.stall('in', to)];
    return () => heals.forEach((heal) => heal());
  }

  /** Nothing passes between the node and any other that is there. */
  isolate(name: string): Heal {
    const heals = [...this.proxies].flatMap(([to, { peer }]) => {
      const dialer = to === name ? null : name;
      return [peer.stall('out', dialer), peer.stall('in', dialer)];
    });
    return () => heals.forEach((heal) => heal());
  }

  /** Half of the node's clients lose it and cannot come back; the others stay. */
  halveClients(name: string): Heal {
    const proxy = this.clientProxy(name);
    const heal = proxy.refuse();
    proxy.cutHalf();
    return heal;
  }

  cut(one: string, other: string, portion: number): void {
    this.of(other).peer.cut(portion, one);
    this.of(one).peer.cut(portion, other);
  }

  close(): void {
    for (const { client, peer } of [...this.proxies.values(), ...this.spares]) {
      client.close();
      peer.close();
    }
  }

  private of(name: string): Proxies {
    const known = this.proxies.get(name);
    if (known !== undefined) return known;
    const spare = this.spares.shift();
    if (spare === undefined) throw new Error(`there is no proxy for ${name}`);
    this.proxies.set(name, spare);
    return spare;
  }

  private learn(name: string, ports: Partial<Ports>): void {
    this.ports.set(name, { client: 0, peer: 0, ...this.ports.get(name), ...ports });
  }
}

function passing(proxy: FaultyProxy, url: string): string {
  proxy.passTo(portOf(url));
  return proxy.url;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
