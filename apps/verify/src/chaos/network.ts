/** The proxies of a cluster: one before each node's client port, and one for each node that dials each other node. */

import type { LocalClusterOptions } from '@raftkv/server/local-cluster';
import { FaultyProxy } from './proxy.ts';

/** Undoes what it came from; to be called once. */
export type Heal = () => void;

interface Ports {
  readonly client: number;
  readonly peer: number;
}

export class Network {
  private readonly names: readonly string[];
  private readonly clients = new Map<string, FaultyProxy>();
  private readonly peers = new Map<string, FaultyProxy>();
  /** Where nodes really listen, for who does not want to go by a proxy. */
  private readonly ports = new Map<string, Ports>();

  private constructor(names: readonly string[]) {
    this.names = names;
  }

  static async open(nodeCount: number): Promise<Network> {
    const names = Array.from({ length: nodeCount }, (_, at) => `n${at + 1}`);
    const network = new Network(names);
    for (const name of names) {
      network.clients.set(name, await FaultyProxy.listen());
      for (const other of network.othersOf(name)) {
        network.peers.set(link(name, other), await FaultyProxy.listen());
      }
    }
    return network;
  }

  /** To start the cluster with. */
  get clusterOptions(): Pick<LocalClusterOptions, 'advertise' | 'peerUrl' | 'nodeCount'> {
    return {
      nodeCount: this.names.length,
      advertise: (name, url) => {
        this.learn(name, { client: portOf(url) });
        return passing(this.clientProxy(name), url);
      },
      peerUrl: (from, to, url) => {
        this.learn(to, { peer: portOf(url) });
        return passing(this.peerProxy(from, to), url);
      },
    };
  }

  /** What clients are given. */
  get endpoints(): readonly string[] {
    return [...this.clients.values()].map(({ url }) => url);
  }

  portOf(name: string, port: 'client' | 'peer'): number {
    const ports = this.ports.get(name);
    if (ports === undefined) throw new Error(`there is no node ${name}`);
    return ports[port];
  }

  clientProxy(name: string): FaultyProxy {
    return found(this.clients.get(name), name);
  }

  /** What `from` says does not reach `to`, whoever of the two dialed. */
  stall(from: string, to: string): Heal {
    const heals = [this.peerProxy(from, to).stall('out'), this.peerProxy(to, from).stall('in')];
    return () => heals.forEach((heal) => heal());
  }

  /** Nothing passes between the node and any other. */
  isolate(name: string): Heal {
    const heals = this.othersOf(name).flatMap((other) => [this.stall(name, other), this.stall(other, name)]);
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
    this.peerProxy(one, other).cut(portion);
    this.peerProxy(other, one).cut(portion);
  }

  close(): void {
    for (const proxy of [...this.clients.values(), ...this.peers.values()]) proxy.close();
  }

  private othersOf(name: string): readonly string[] {
    return this.names.filter((other) => other !== name);
  }

  private peerProxy(from: string, to: string): FaultyProxy {
    return found(this.peers.get(link(from, to)), link(from, to));
  }

  private learn(name: string, ports: Partial<Ports>): void {
    this.ports.set(name, { client: 0, peer: 0, ...this.ports.get(name), ...ports });
  }
}

function link(from: string, to: string): string {
  return `${from} to ${to}`;
}

function found(proxy: FaultyProxy | undefined, what: string): FaultyProxy {
  if (proxy === undefined) throw new Error(`there is no proxy for ${what}`);
  return proxy;
}

function passing(proxy: FaultyProxy, url: string): string {
  proxy.passTo(portOf(url));
  return proxy.url;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
