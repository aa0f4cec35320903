/**
 * A whole cluster in memory, driven by one seed: a network that loses, repeats and reorders, partitions, disks that
 * stall and tear, crashes, connections, wrong hints and snapshots. After every event the checks look; then comes peace, and it must serve.
 */

import {
  configurationIndexOf,
  configurationOf,
  dump,
  firstConfiguration,
  flush,
  load,
  nodeId,
  noConfiguration,
  recover,
  ref,
  step,
  writeNumber,
} from '../src/index.ts';
import type { Effect, Fetch, Input, Message, NodeId, NodeOptions, NodeState } from '../src/index.ts';
import { Chance, randomLimits, snapshotLimits } from './cluster-chance.ts';
import { Checks, command } from './cluster-checks.ts';
import { anyTargets } from './cluster-membership.ts';
import { SnapshotHost, type SnapshotPorts } from './cluster-snapshots.ts';
import { SimulatedDisk } from './cluster-disk.ts';
import { EventQueue } from './cluster-queue.ts';

const CHAOS_MS = 4000;
const PEACE_MS = 6000;
const LATEST_MS = 60_000;

export interface Host {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly snapshots: SnapshotHost;
  /** How long a sync takes, from and to. */
  readonly syncMs: readonly [number, number];
  /** `null` while the process is down. */
  state: NodeState | null;
  /** Counts the starts: what an earlier process left under way reaches nobody. */
  life: number;
  wake: number;
  isFlushDue: boolean;
  waiting: { readonly to: NodeId; readonly message: Message; readonly afterWrite: number }[];
}

export class Cluster extends Chance {
  readonly hosts: readonly Host[];
  readonly checks: Checks;
  nowMs = 0;
  private readonly queue = new EventQueue();
  private limits: Partial<NodeOptions>;
  private readonly cut = new Set<string>();
  private isPeace = false;
  private lastRef = 0;
  /** What changes of membership draw from. */
  private readonly ofMembers: Chance;
  /** Are there changes of membership in this run? */
  private readonly isChanging: boolean;

  constructor(seed: number) {
    super(seed);
    const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, this.pick([1, 2, 3, 3, 3, 3, 3, 4, 5, 5])).map(nodeId);
    const configuration = firstConfiguration(ids.map((id) => ({ id, data: new Uint8Array(0) })));
    this.limits = randomLimits(this);
    // Of its own, so that the rest of a run is what it was without it.
    this.ofMembers = new Chance(seed ^ 0x6d65);
    const spares = this.ofMembers.pick([[], [], ['f'], ['f', 'g', 'h']]).map(nodeId);
    this.isChanging = spares.length > 0;
    const ofSnapshots = new Chance(seed ^ 0x736e);
    const isCompacting = ofSnapshots.chance(0.6);
    if (isCompacting) this.limits = { ...this.limits, ...snapshotLimits(ofSnapshots) };
    const ports: SnapshotPorts = {
      hostOf: (id) => this.host(id),
      input: (host, input) => this.input(host, input),
      onHost: (host, delayMs, run) => this.onHost(host, delayMs, run),
      isPeace: () => this.isPeace,
      onInstall: (host, base) => this.checks.onInstall(host, base),
    };
    this.hosts = [...ids, ...spares].map((id) => ({
      id,
      disk: new SimulatedDisk(spares.includes(id) ? noConfiguration() : configuration),
      snapshots: new SnapshotHost(ofSnapshots, isCompacting ? ports : null),
      syncMs: this.pick([
        [0.1, 6],
        [0.1, 6],
        [5, 60],
      ] as const),
      state: null,
      life: 0,
      wake: 0,
      isFlushDue: false,
      waiting: [],
    }));
    this.checks = new Checks(this.hosts, configuration);
  }

  /** @throws {InvariantViolation} at the first event after which something is wrong. Gives the digest of the trace. */
  run(): string {
    for (const host of this.hosts) this.start(host);
    this.after(0, () => this.disturb());
    this.after(0, () => this.request());
    this.runUntil(CHAOS_MS);
    this.makePeace();
    this.runUntil(CHAOS_MS + PEACE_MS);
    // A peer far behind may catch up one entry a round trip, each read from a slow disk.
    while (!this.isDone() && this.nowMs < LATEST_MS) this.runUntil(this.nowMs + 500);
    this.checks.atEnd(CHAOS_MS);
    return this.checks.digest();
  }

  private runUntil(endMs: number): void {
    for (let event = this.queue.next(endMs); event !== null; event = this.queue.next(endMs)) {
      this.nowMs = event.atMs;
      event.run();
    }
    this.nowMs = endMs;
  }

  /** One turn of a process: an input now, the flush at once or after a few more. */
  private input(host: Host, input: Input): void {
    if (host.state === null) return;
    const before = this.chance(0.003) ? JSON.stringify(dump(host.state)) : null;
    const next = step(host.state, input, this.nowMs);
    if (before !== null) this.checks.onDump(host.state, before);
    // A state that was written down and read back goes on like the one that was not.
    host.state = before === null ? next : load(JSON.parse(JSON.stringify(dump(next))));
    this.checks.afterStep(host);
    if (host.isFlushDue) return;
    host.isFlushDue = true;
    this.onHost(host, this.chance(0.5) ? 0 : this.between(0, 3), () => this.flush(host));
  }

  private flush(host: Host): void {
    if (host.state === null) return;
    host.isFlushDue = false;
    const before = this.chance(0.003) ? JSON.stringify(dump(host.state)) : null;
    const { state, effects, wakeAtMs } = flush(host.state);
    if (before !== null) this.checks.onDump(host.state, before, state);
    host.state = state;
    for (const effect of effects) this.perform(host, effect);
    this.checks.afterFlush(host, effects);
    host.wake += 1;
    const { wake } = host;
    if (wakeAtMs === null) return;
    const delayMs = Math.max(wakeAtMs - this.nowMs, 0) + (this.chance(0.1) ? this.between(0, 60) : 0);
    this.onHost(host, delayMs, () => {
      if (host.wake === wake) this.input(host, { kind: 'timer' });
    });
  }

  private perform(host: Host, effect: Effect): void {
    switch (effect.kind) {
      case 'persist': {
        const atMs = host.disk.accept(effect, this.nowMs, this.between(...host.syncMs));
        this.onHost(host, atMs - this.nowMs, () => this.synced(host, effect.write));
        return;
      }
      case 'send':
        if (effect.afterWrite > host.disk.syncedWrite) host.waiting.push(effect);
        else this.transmit(host.id, effect.to, effect.message);
        return;
      case 'apply': {
        const index = effect.entries.at(-1)!.index;
        host.snapshots.apply(effect.entries);
        this.onHost(host, this.between(0, 20), () => {
          this.input(host, { kind: 'applied', index });
          host.snapshots.take(host);
        });
        return;
      }
      case 'sendSnapshot':
        host.snapshots.send(host, effect);
        return;
      case 'installSnapshot':
        host.snapshots.install(host, effect);
        return;
      case 'fetch':
        this.read(host, effect);
        return;
      case 'readable':
      case 'result':
      case 'changed':
        return;
    }
  }

  /** The disk is done; the process may hear of it late, or only of a later write. */
  private synced(host: Host, write: number): void {
    if (!this.isPeace && this.chance(0.0005)) {
      this.input(host, { kind: 'persistFailed' });
      this.after(this.between(0, 300), () => this.crash(host));
      return;
    }
    host.disk.syncThrough(write);
    this.checks.afterSync();
    const free = host.waiting.filter((send) => send.afterWrite <= write);
    host.waiting = host.waiting.filter((send) => send.afterWrite > write);
    for (const { to, message } of free) this.transmit(host.id, to, message);
    if (host.disk.isBusy && this.chance(0.3)) return;
    const persisted: Input = { kind: 'persisted', write: writeNumber(write) };
    this.onHost(host, this.chance(0.7) ? 0 : this.between(0, 15), () => this.input(host, persisted));
  }

  /** Entries may be read long before the answer arrives, and be others by then. */
  private read(host: Host, { peer, from, through, bytesMax }: Fetch): void {
    const early = host.disk.read(from, through, bytesMax);
    this.onHost(host, this.between(0, 20), () => {
      const entries =
        this.chance(0.2) && !this.isPeace
          ? []
          : this.chance(0.5)
            ? early
            : host.disk.read(from, through, bytesMax);
      this.input(host, { kind: 'fetched', peer, from, entries });
    });
  }

  private transmit(from: NodeId, to: NodeId, message: Message): void {
    const copies = this.isPeace ? 1 : this.pick([0, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    for (let copy = 0; copy < copies; copy += 1) {
      this.after(this.between(...this.delay()), () => {
        if (this.cut.has(`${from}>${to}`)) return;
        this.input(this.host(to), { kind: 'receive', from, message });
      });
    }
  }

  /** A client: proposals and reads, mostly to the leader, at a pace that changes. */
  private request(): void {
    const leaders = this.hosts.filter((host) => host.state?.role.kind === 'leader');
    const host = this.pick(leaders.length > 0 && this.chance(0.9) ? leaders : this.hosts);
    for (let count = this.pick([1, 1, 1, 2, 8]); count > 0 && host.state !== null; count -= 1) {
      this.lastRef += 1;
      const isRead = this.chance(0.3);
      this.checks.onRequest(host, this.lastRef, isRead, this.nowMs);
      if (isRead) this.input(host, { kind: 'read', ref: ref(this.lastRef) });
      else
        this.input(host, {
          kind: 'propose',
          ref: ref(this.lastRef),
          data: command(this.lastRef, this.pick([8, 8, 200])),
        });
    }
    if (this.isChanging && this.ofMembers.chance(this.isPeace ? 0.05 : 0.15)) this.changeMembership(host);
    // Goes on until it was served, or what waits from before the peace would be all that there is to see.
    if (this.nowMs < CHAOS_MS + PEACE_MS || !this.checks.isServed(CHAOS_MS))
      this.after(this.between(1, this.isPeace ? 200 : 40), () => this.request());
  }

  private changeMembership(host: Host): void {
    if (host.state === null) return;
    this.lastRef += 1;
    const ids = this.hosts.map(({ id }) => id);
    const targets = anyTargets(this.ofMembers, configurationOf(host.state), ids);
    const ifIndex = this.ofMembers.chance(0.3) ? configurationIndexOf(host.state) : null;
    this.checks.onRequest(host, this.lastRef, false, this.nowMs, targets);
    const force = this.ofMembers.chance(0.3);
    this.input(host, { kind: 'changeMembership', ref: ref(this.lastRef), targets, ifIndex, force });
  }

  private isDone(): boolean {
    return this.checks.isServed(CHAOS_MS) && this.checks.isSettled();
  }

  private disturb(): void {
    if (this.isPeace) return;
    const host = this.pick(this.hosts);
    const other = this.pick(this.hosts);
    const leader = this.hosts.find(({ state }) => state?.role.kind === 'leader') ?? host;
    const writing = this.hosts.find(({ disk }) => disk.isBusy) ?? host;
    this.pick([
      () => this.partition(),
      () => this.partition((id) => id === leader.id),
      () => this.crash(leader),
      () => this.crash(writing),
      () => this.cut.add(`${host.id}>${other.id}`),
      () => this.cut.clear(),
      () => this.cut.clear(),
      () => this.crash(host),
      () => host.disk.stallUntil(this.nowMs + this.between(20, 1500)),
      () => this.reportLoss(host.id, this.chance(0.5)),
      () => this.reportConnections(host),
      () => this.input(host, { kind: 'campaign' }),
    ])();
    this.after(this.between(10, 400), () => this.disturb());
  }

  private makePeace(): void {
    this.isPeace = true;
    this.cut.clear();
    for (const host of this.hosts) if (host.state === null) this.start(host);
  }

  /** Two sides that do not hear each other. */
  private partition(isOnOneSide: (id: NodeId) => boolean = () => this.chance(0.5)): void {
    const side = new Map(this.hosts.map(({ id }) => [id, isOnOneSide(id)]));
    for (const [from, one] of side)
      for (const [to, two] of side) if (one !== two) this.cut.add(`${from}>${to}`);
  }

  /** The process is killed; its disk keeps what it will. The others may hear of it, and may be wrong about it. */
  private crash(host: Host): void {
    if (host.state === null) return;
    host.state = null;
    host.snapshots.crash();
    host.life += 1;
    host.waiting = [];
    host.isFlushDue = false;
    host.disk.crash(Math.floor(this.between(0, host.disk.pendingWrites + 1)), this.pick([0, 1, 2, 3, 5]));
    this.checks.onCrash(host);
    this.reportLoss(host.id, this.chance(0.8));
    this.after(this.between(5, 800), () => this.start(host));
  }

  private start(host: Host): void {
    if (host.state !== null) return;
    const options = { ...this.limits, id: host.id, seed: Math.floor(this.between(0, 2 ** 32)) };
    const clusterIdProposal = new Uint8Array(16).fill(host.life);
    const record = host.disk.record(Math.floor(this.between(0, 20)));
    host.state = recover({ ...options, clusterIdProposal }, record, this.nowMs);
    this.checks.onStart(host);
    this.input(host, { kind: 'timer' });
    this.reportConnections(host);
  }

  /** All others are told of a new connection with `host`, and it of one with each; some of them of two in a row. */
  private reportConnections(host: Host): void {
    for (const other of this.hosts) {
      if (other === host || other.state === null) continue;
      for (const [end, peer] of [
        [host, other.id],
        [other, host.id],
      ] as const) {
        for (let count = this.pick([1, 1, 1, 2]); count > 0; count -= 1)
          this.onHost(end, this.between(0, 100), () => this.input(end, { kind: 'peerConnected', peer }));
      }
    }
  }

  private reportLoss(peer: NodeId, processGone: boolean): void {
    for (const host of this.hosts) {
      if (host.id === peer) continue;
      this.onHost(host, this.between(0, 100), () =>
        this.input(host, { kind: 'peerDisconnected', peer, processGone }),
      );
    }
  }

  /** How long a message is under way, from and to: seldom so long that its term is over when it arrives. */
  private delay(): readonly [number, number] {
    if (this.isPeace || this.chance(0.9)) return [0.2, 5];
    return this.chance(0.8) ? [5, 300] : [300, 3000];
  }

  private host(id: NodeId): Host {
    return this.hosts.find((host) => host.id === id)!;
  }

  private after(delayMs: number, run: () => void): void {
    this.queue.add({ atMs: this.nowMs + delayMs, run });
  }

  /** For this life of the process only. */
  private onHost(host: Host, delayMs: number, run: () => void): void {
    const { life } = host;
    this.after(delayMs, () => {
      if (host.life === life) run();
    });
  }
}
