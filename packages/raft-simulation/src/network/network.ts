/**
 * The network of a world. It loses, repeats, delays and reorders frames as the weather has it, and its links can be cut
 * (what is sent is lost) or clogged (it waits). Connections are made and told as the runtime demands: a greeting before
 * any message, the end after the last (R13, R27, R28).
 */

import type { Message, NodeId } from '@raftkv/core';
import type { Transport, TransportEvents } from '@raftkv/runtime';
import type { Life } from '../process/life.ts';
import type { World } from '../world/world.ts';
import { otherEnd, type Connection, type Endpoint, type Notice } from './connection.ts';
import { Link, type Frame } from './link.ts';
import { SnapshotStreams } from './snapshot-streams.ts';
import { CALM, type Weather } from './weather.ts';

/** Frames under way on a link, beyond which more are lost. */
const FRAMES_MAX = 1024;
/** How long a node waits before it dials again. */
const REDIAL_MS = 40;

/** Told of everything that is sent. */
export type SendListener = (from: NodeId, to: NodeId, messages: readonly Message[]) => void;

/** The network between all machines of a world. */
export class SimulatedNetwork {
  private base: Weather;
  private readonly worse: Partial<Weather>[] = [];
  private weather: Weather;
  private readonly world: World;
  private readonly endpoints = new Map<NodeId, Endpoint>();
  private readonly links = new Map<string, Link>();
  private readonly connections = new Map<string, Connection>();
  private readonly listeners: SendListener[] = [];
  private readonly streams: SnapshotStreams;

  constructor(world: World, weather: Weather = CALM) {
    this.world = world;
    this.base = weather;
    this.weather = weather;
    this.streams = new SnapshotStreams(world, {
      link: (from, to) => this.link(from, to),
      weather: () => this.weather,
    });
  }

  /** Snapshots that came whole. */
  get snapshotsArrived(): number {
    return this.streams.arrived;
  }

  /** From now on, under all that makes it worse. */
  setWeather(weather: Weather): void {
    this.base = weather;
    this.weather = this.worse.reduce<Weather>((all, one) => ({ ...all, ...one }), this.base);
  }

  /** On top of the weather, until what this gives is called. */
  worsen(weather: Partial<Weather>): () => void {
    this.worse.push(weather);
    this.setWeather(this.base);
    return () => {
      this.worse.splice(this.worse.indexOf(weather), 1);
      this.setWeather(this.base);
    };
  }

  /** The transport of one life of node `id`. */
  transport(id: NodeId, life: Life): Transport {
    let endpoint: Endpoint | null = null;
    return {
      start: (events) => {
        if (this.endpoints.has(id)) return Promise.reject(new Error(`${id} is connected already`));
        endpoint = this.open(id, life, events);
        return Promise.resolve();
      },
      send: (to, messages) => {
        if (endpoint?.isOpen === true && !life.isOver) this.send(endpoint, to, messages);
      },
      sendSnapshot: (to, head, content, done) => {
        this.streams.send({ from: endpoint, life, to, head, content, done });
      },
      close: () => {
        if (endpoint === null || life.isOver) return Promise.resolve();
        const isStreaming = this.streams.isOf(endpoint);
        this.drop(endpoint);
        // Whoever asked for a snapshot is told of its end before.
        return isStreaming ? new Promise((resolve) => life.after(0, resolve)) : Promise.resolve();
      },
    };
  }

  /** `listener` is told of everything that is sent, whatever becomes of it. */
  onSend(listener: SendListener): void {
    this.listeners.push(listener);
  }

  /** The process of `id` is gone. Its peers notice as the weather has it. */
  onCrash(id: NodeId): void {
    const endpoint = this.endpoints.get(id);
    if (endpoint !== undefined) this.drop(endpoint);
  }

  /** What `from` sends to `to` is lost, until `heal` was called as often as `cut`. */
  cut(from: NodeId, to: NodeId): void {
    const link = this.link(from, to);
    link.cuts += 1;
    if (link.cuts > 1) return;
    link.cutNumber += 1;
    const { cutNumber } = link;
    this.world.after(this.weather.silenceMs, () => {
      if (link.cuts > 0 && link.cutNumber === cutNumber) this.giveUp(from, to);
    });
  }

  /** Ends one `cut`. */
  heal(from: NodeId, to: NodeId): void {
    const link = this.link(from, to);
    link.cuts = Math.max(link.cuts - 1, 0);
  }

  /** What arrives at `to` from `from` waits, until `unclog` was called as often as `clog`. */
  clog(from: NodeId, to: NodeId): void {
    this.link(from, to).clogs += 1;
  }

  /** Ends one `clog`: what waited goes on. */
  unclog(from: NodeId, to: NodeId): void {
    const link = this.link(from, to);
    link.clogs = Math.max(link.clogs - 1, 0);
    if (link.clogs > 0) return;
    for (const frame of link.held.splice(0)) this.transmit(link, frame);
  }

  /** The connection between two nodes breaks, and they dial again. Each end learns of it as `notices` say. */
  flap(one: NodeId, other: NodeId, notices: readonly [Notice, Notice]): void {
    const connection = this.connections.get(pairOf(one, other));
    if (connection === undefined) return;
    const [first, second] = notices;
    this.disconnect(connection, (endpoint) => (endpoint.id === one ? first : second));
  }

  private open(id: NodeId, life: Life, events: TransportEvents): Endpoint {
    const endpoint = { id, life, events, told: new Map<NodeId, Connection>(), isOpen: true };
    for (const peer of this.endpoints.values()) this.dial(endpoint, peer, 0);
    this.endpoints.set(id, endpoint);
    return endpoint;
  }

  private drop(endpoint: Endpoint): void {
    if (!endpoint.isOpen) return;
    endpoint.isOpen = false;
    this.endpoints.delete(endpoint.id);
    for (const peer of this.endpoints.values()) {
      const connection = this.connections.get(pairOf(endpoint.id, peer.id));
      if (connection === undefined) continue;
      // A peer that hears nothing of this node does not hear of its end either.
      const { cuts } = this.link(endpoint.id, peer.id);
      this.disconnect(connection, (end) =>
        end === peer && cuts === 0 ? this.notice(true, end, peer) : null,
      );
    }
  }

  private giveUp(one: NodeId, other: NodeId): void {
    const connection = this.connections.get(pairOf(one, other));
    if (connection !== undefined) this.disconnect(connection, (end) => this.notice(false, end, end));
  }

  private notice(processGone: boolean, one: Endpoint, other: Endpoint): Notice {
    const { chance } = this.link(one.id, other.id);
    const { noticeMs, unnoticedShare, mistakenShare } = this.weather;
    const afterMs = chance.between(...noticeMs);
    const isMistaken = chance.chance(mistakenShare);
    if (chance.chance(unnoticedShare)) return null;
    return { afterMs, processGone: processGone !== isMistaken };
  }

  private dial(one: Endpoint, other: Endpoint, waitMs: number): void {
    const link = this.link(one.id, other.id);
    this.world.after(waitMs + link.chance.between(...this.weather.connectMs), () => {
      if (!one.isOpen || !other.isOpen || this.connections.has(pairOf(one.id, other.id))) return;
      const isReached = isClear(link) && isClear(this.link(other.id, one.id));
      if (isReached && !one.life.isPaused && !other.life.isPaused) this.connect(one, other);
      else this.dial(one, other, REDIAL_MS);
    });
  }

  private connect(one: Endpoint, other: Endpoint): void {
    const connection: Connection = { ends: [one, other], isOpen: true };
    this.connections.set(pairOf(one.id, other.id), connection);
    const [greeting, answer] = [one.events.greetingFor(other.id), other.events.greetingFor(one.id)];
    this.world.note(`${one.id}-${other.id} connected`);
    const tell = (endpoint: Endpoint, peer: Endpoint, words: typeof greeting) => {
      endpoint.life.after(0, () => {
        if (!endpoint.isOpen) return;
        endpoint.told.set(peer.id, connection);
        endpoint.events.onConnected(peer.id, words);
      });
    };
    tell(one, other, answer);
    tell(other, one, greeting);
  }

  private disconnect(connection: Connection, noticeOf: (endpoint: Endpoint) => Notice): void {
    const [one, other] = connection.ends;
    connection.isOpen = false;
    this.connections.delete(pairOf(one.id, other.id));
    this.world.note(`${one.id}-${other.id} disconnected`);
    this.streams.onDisconnected(connection);
    for (const endpoint of connection.ends) {
      const notice = noticeOf(endpoint);
      if (notice === null) continue;
      const peer = otherEnd(connection, endpoint).id;
      endpoint.life.after(notice.afterMs, () => {
        // Of a connection that another has replaced, the end is no news.
        if (!endpoint.isOpen || endpoint.told.get(peer) !== connection) return;
        endpoint.told.delete(peer);
        this.world.note(`${endpoint.id} loses ${peer}${notice.processGone ? ', gone' : ''}`);
        endpoint.events.onDisconnected(peer, notice.processGone);
      });
    }
    if (one.isOpen && other.isOpen) this.dial(one, other, REDIAL_MS);
  }

  private send(from: Endpoint, to: NodeId, messages: readonly Message[]): void {
    for (const listener of this.listeners) listener(from.id, to, messages);
    const connection = from.told.get(to);
    if (connection === undefined || !connection.isOpen) return;
    const link = this.link(from.id, to);
    const { lossShare, duplicateShare } = this.weather;
    if (link.cuts > 0 || link.chance.chance(lossShare)) return;
    this.transmit(link, { connection, messages });
    if (link.chance.chance(duplicateShare)) this.transmit(link, { connection, messages });
  }

  private transmit(link: Link, frame: Frame): void {
    if (link.framesUnderWay >= FRAMES_MAX) return;
    const { delayMs, slowShare, slowMs, overtakeShare } = this.weather;
    const { chance } = link;
    const range = chance.chance(slowShare) ? slowMs : delayMs;
    let delay = chance.between(...range);
    if (!chance.chance(overtakeShare)) {
      delay = Math.max(delay, link.lastArrivalMs - this.world.nowMs);
      link.lastArrivalMs = this.world.nowMs + delay;
    }
    link.framesUnderWay += 1;
    this.world.after(delay, () => {
      link.framesUnderWay -= 1;
      this.arrive(link, frame);
    });
  }

  private arrive(link: Link, frame: Frame): void {
    if (link.cuts > 0) return;
    if (link.clogs > 0) {
      if (link.held.length < FRAMES_MAX) link.held.push(frame);
      return;
    }
    const { connection, messages } = frame;
    const endpoint = connection.ends.find(({ id }) => id === link.to);
    endpoint?.life.run(() => {
      // What comes after the end was told is lost.
      if (!endpoint.isOpen || endpoint.told.get(link.from) !== connection) return;
      endpoint.events.onReceived(link.from, messages);
    });
  }

  private link(from: NodeId, to: NodeId): Link {
    const name = `${from}>${to}`;
    let link = this.links.get(name);
    if (link === undefined) {
      link = new Link(from, to, this.world.chance.fork(`link ${name}`));
      this.links.set(name, link);
    }
    return link;
  }
}

function isClear({ cuts, clogs }: Link): boolean {
  return cuts === 0 && clogs === 0;
}

function pairOf(one: NodeId, other: NodeId): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}
