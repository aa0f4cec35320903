/** Connections of clients in a simulated world: what each end is told, as real sockets tell it. */

import type { ClientSocket } from '@raftkv/kv-client';
import type { ServerSocket } from '@raftkv/kv-service';
import { Chance, Life, World } from '@raftkv/simulation';
import { describe, expect, it } from 'vitest';
import { ClientNetwork } from '../src/simulate/client-network.ts';

const URL = 'ws://a';

class Bench {
  readonly world = new World(1);
  readonly network = new ClientNetwork(this.world, new Chance(1));
  readonly life = new Life(this.world);
  readonly log: string[] = [];
  readonly accepted: ServerSocket[] = [];

  listen(): this {
    this.network.listen(URL, this.life, (socket) => {
      this.accepted.push(socket);
      return {
        onFrame: (bytes) => this.log.push(`node hears ${[...bytes].join()}`),
        onClosed: () => this.log.push('node is left'),
      };
    });
    return this;
  }

  dial(dialer = this.network.dialer()): ClientSocket {
    const socket = dialer.dial(URL);
    socket.addEventListener('open', () => this.log.push('open'));
    socket.addEventListener('error', () => this.log.push('error'));
    socket.addEventListener('message', ({ data }) =>
      this.log.push(`client hears ${[...new Uint8Array(data as ArrayBuffer)].join()}`),
    );
    socket.addEventListener('close', ({ code }) => this.log.push(`close ${code}`));
    return socket;
  }

  pass(ms = 1000): Promise<void> {
    return this.world.runUntil(this.world.nowMs + ms);
  }

  said(): string[] {
    return this.log.splice(0);
  }
}

describe('a connection', () => {
  it('carries frames in order, both ways, and ends with the codes that sockets have', async () => {
    const bench = new Bench().listen();
    const socket = bench.dial();
    await bench.pass();
    for (let at = 0; at < 20; at += 1) socket.send(new Uint8Array([at]));
    await bench.pass();
    const heard = Array.from({ length: 20 }, (_, at) => `node hears ${at}`);
    expect(bench.said()).toEqual(['open', ...heard]);
    bench.accepted[0]?.send(new Uint8Array([7]));
    bench.accepted[0]?.close(1001, 'bye');
    await bench.pass();
    expect(bench.said()).toEqual(['client hears 7', 'close 1001', 'node is left']);

    const left = bench.dial();
    await bench.pass();
    left.close();
    await bench.pass();
    expect(bench.said().toSorted()).toEqual(['close 1005', 'node is left', 'open']);
  });

  it('is refused where nobody listens, or dials are; one that leads nowhere says nothing', async () => {
    const bench = new Bench();
    bench.dial();
    await bench.pass();
    expect(bench.said()).toEqual(['error', 'close 1006']);
    bench.listen().network.close(URL, 5000, { isSilent: false, share: 1, doesBreak: false });
    bench.dial();
    await bench.pass();
    expect(bench.said()).toEqual(['error', 'close 1006']);
    bench.network.close(URL, 5000, { isSilent: true, share: 1, doesBreak: false });
    bench.dial();
    await bench.pass();
    expect(bench.said()).toEqual([]);
    await bench.pass(5000);
    bench.dial();
    await bench.pass();
    expect(bench.said()).toEqual(['open']);
  });

  it('is closed to some clients, always the same, and to others not', async () => {
    const bench = new Bench().listen();
    const dialers = Array.from({ length: 20 }, () => bench.network.dialer());
    for (const dialer of dialers) bench.dial(dialer);
    await bench.pass();
    bench.said();
    bench.network.close(URL, 60_000, { isSilent: false, share: 0.5, doesBreak: true });
    await bench.pass(5000);
    const broken = bench.said().filter((line) => line === 'close 1006').length;
    expect(broken).toBeGreaterThan(3);
    expect(broken).toBeLessThan(17);
    for (const dialer of dialers) bench.dial(dialer);
    await bench.pass();
    const said = bench.said();
    expect(said.filter((line) => line === 'close 1006')).toHaveLength(broken);
    expect(said.filter((line) => line === 'open')).toHaveLength(20 - broken);
  });

  it('breaks within a frame: that one is lost, those before it arrive', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 30; seed += 1) {
      const bench = new Bench().listen();
      const socket = bench.dial();
      await bench.pass();
      for (let draws = 0; draws < seed; draws += 1) bench.network.cut('ws://nobody', 1);
      socket.send(new Uint8Array([1]));
      await bench.pass();
      bench.network.cut(URL, 1);
      socket.send(new Uint8Array([2]));
      bench.accepted[0]?.send(new Uint8Array([3]));
      await bench.pass(5000);
      const said = bench.said();
      expect(said.slice(0, 2)).toEqual(['open', 'node hears 1']);
      expect(said).toContain('close 1006');
      for (const line of said.slice(2)) seen.add(line);
    }
    expect([...seen]).toContain('node is left');
  });

  it('stalls in one direction alone', async () => {
    const bench = new Bench().listen();
    const socket = bench.dial();
    await bench.pass();
    bench.said();
    bench.network.stall(URL, 'requests', 3000);
    socket.send(new Uint8Array([1]));
    bench.accepted[0]?.send(new Uint8Array([2]));
    await bench.pass();
    expect(bench.said()).toEqual(['client hears 2']);
    await bench.pass(3000);
    expect(bench.said()).toEqual(['node hears 1']);
  });

  it('waits for a process that is paused, and ends with one that is gone', async () => {
    const bench = new Bench().listen();
    const socket = bench.dial();
    await bench.pass();
    bench.said();
    bench.life.pause();
    socket.send(new Uint8Array([1]));
    await bench.pass();
    expect(bench.said()).toEqual([]);
    bench.life.resume();
    await bench.pass();
    expect(bench.said()).toEqual(['node hears 1']);
    bench.life.end();
    bench.network.drop(URL);
    await bench.pass(5000);
    expect(bench.said()).toEqual(['close 1006']);
  });

  it('of a client that vanishes is gone, and so is every later one', async () => {
    const bench = new Bench().listen();
    const dialer = bench.network.dialer();
    bench.dial(dialer);
    await bench.pass();
    bench.said();
    dialer.vanish();
    bench.dial(dialer);
    await bench.pass(5000);
    expect(bench.said().toSorted()).toEqual(['close 1006', 'node is left']);
  });
});
