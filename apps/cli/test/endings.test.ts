/** How a command ends that has no result: what it says, and by which code scripts know. */

import { freePorts } from '@raftkv/server/local-cluster';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { afterTest } from './support/cleanups.ts';
import { environmentOf, MAIN, raftkvHere, start } from './support/command.ts';
import { Proxy } from './support/proxy.ts';
import { at, started, withoutQuorum } from './support/servers.ts';
import { containing, matching } from './support/matching.ts';

const MARKER = 'swallow this';

/** A node whose clients come through a proxy, which swallows requests that have the marker. */
async function proxied(node: typeof started | typeof withoutQuorum): Promise<Proxy> {
  const proxy = await Proxy.listening(MARKER);
  const [port = 0] = await freePorts(1);
  proxy.standBefore(`ws://127.0.0.1:${port}`);
  await node({ listenClient: { host: '127.0.0.1', port }, advertiseClient: proxy.clientUrl });
  return proxy;
}

/** Accepts connections, and says nothing. */
async function silentEndpoint(): Promise<{ endpoint: string; asked: Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = once(server, 'connection');
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    afterTest(() => socket.destroy());
  });
  afterTest(() => server.close());
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function shell(script: string, endpoint: string): Promise<{ output: string; errors: string }> {
  const environment = environmentOf({ RAFTKV_ENDPOINTS: endpoint });
  const child = spawn('bash', ['-c', script, process.execPath, MAIN], { env: environment });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await once(child, 'close');
  return { output, errors };
}

describe('where no node answers', () => {
  it('says for each why, without waiting, and exits with 4', async () => {
    const [one, other] = await freePorts(2);
    const nodes = ['--endpoints', `127.0.0.1:${one},localhost:${other}`];
    for (const args of [
      ['get', 'k'],
      ['put', 'k', 'v'],
      ['del', 'k'],
    ]) {
      const { code, output, errors } = await raftkvHere([...args, ...nodes]);
      expect({ code, output }).toEqual({ code: 4, output: '' });
      for (const part of [
        `:${one} cannot`,
        `localhost:${other}`,
        'ECONNREFUSED',
        'raftkv serve',
        '--endpoints',
      ]) {
        expect(errors).toContain(part);
      }
      expect(errors.trim().split('\n')).toHaveLength(1);
    }
  });

  it('waits for one as long as --timeout says', async () => {
    const [port = 0] = await freePorts(1);
    const waiting = start(['get', 'k', '--endpoints', `127.0.0.1:${port}`, '--timeout', '60s']);
    // It has been refused at least once when a node is there at last, however slow this machine is: nothing listened.
    await started({ listenClient: { host: '127.0.0.1', port } });
    expect(await waiting.ended).toMatchObject({ code: 3 });
  });

  it('ends when the time is over', async () => {
    const { endpoint } = await silentEndpoint();
    const ended = await raftkvHere(['put', 'k', 'v', '--endpoints', endpoint, '--timeout', '300']);
    expect(ended).toMatchObject({ code: 4, output: '', errors: containing('no node answers') });
  });
});

describe('without a quorum', () => {
  it('exits with 4 when the time is over, and nothing was changed', async () => {
    const node = at(await withoutQuorum());
    const commands = [
      ['put', 'k', 'v'],
      ['get', 'k'],
      ['del', 'k'],
    ];
    const ends = await Promise.all(commands.map((args) => raftkvHere([...args, '--timeout', '1s'], node)));
    for (const { code, output, errors } of ends) {
      expect({ code, output }).toEqual({ code: 4, output: '' });
      expect(errors).toContain('no answer within 1 s');
    }
  });

  it('reads what the node has with --serializable', async () => {
    const node = at(await withoutQuorum());
    expect(await raftkvHere(['get', 'k', '--serializable'], node)).toMatchObject({ code: 3 });
  });
});

describe('where a write may have taken effect', () => {
  it('says so when the time is over, and exits with 5', async () => {
    const proxy = await proxied(started);
    // Long enough for the write to be sent on a slow machine; it is never answered.
    const put = raftkvHere(['put', 'k', MARKER, '--timeout', '4s'], at(proxy));
    await proxy.swallowed;
    const expected = containing('whether the write took effect is not known');
    expect(await put).toMatchObject({ code: 5, output: '', errors: expected });
  });

  it('says so when it is interrupted, and exits with 5', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const proxy = await proxied(started);
      const put = start(['put', 'k', MARKER, '--timeout', '5m'], at(proxy));
      await proxy.swallowed;
      put.process.kill(signal);
      const expected = matching(/^raftkv: interrupted after .* is not known: read the key .*\n$/);
      expect(await put.ended).toMatchObject({ code: 5, output: '', errors: expected });
    }
  });
});

describe('interrupted before anything was changed', () => {
  it.each([
    ['put', 'k', 'v'],
    ['del', 'k'],
    ['get', 'k'],
  ])('%s exits with 130 by Ctrl-C, with 143 by SIGTERM', async (...args) => {
    for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
      const proxy = await proxied(withoutQuorum);
      const waiting = start([...args, '--timeout', '5m'], at(proxy));
      await proxy.greeted;
      waiting.process.kill(signal);
      const expected = containing('interrupted; nothing was changed');
      expect(await waiting.ended).toMatchObject({ code, signal: null, output: '', errors: expected });
    }
  });

  it('exits with 130 while it looks for a node', async () => {
    const { endpoint, asked } = await silentEndpoint();
    const waiting = start(['get', 'k', '--endpoints', endpoint, '--timeout', '5m']);
    await asked;
    waiting.process.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({ code: 130, output: '' });
  });

  it('exits with 130 while status waits', async () => {
    const { endpoint, asked } = await silentEndpoint();
    const waiting = start(['status', '--endpoints', endpoint, '--timeout', '5m']);
    await asked;
    waiting.process.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({ code: 130, output: '' });
  });

  it('exits with 130 while it reads the value', async () => {
    const waiting = start(['put', 'k']);
    // More than a pipe holds: it is taken when the command reads.
    await new Promise((resolve) => {
      waiting.process.stdin.write(Buffer.alloc(500_000), resolve);
    });
    waiting.process.kill('SIGINT');
    expect(await waiting.ended).toMatchObject({ code: 130, output: '' });
  });
});

describe('where the result cannot be written', () => {
  it('ends quietly with 0 if its reader has read enough', async () => {
    const { clientUrl } = await started();
    await raftkvHere(['put', 'big'], { RAFTKV_ENDPOINTS: clientUrl }, Buffer.alloc(1_000_000, 'x'));
    for (const command of ['get big', 'get big -o json', 'put k v', 'status', '--help', 'completion bash']) {
      for (const reader of ['head -c 1 > /dev/null', 'true']) {
        const ended = await shell(`"$0" "$1" ${command} | ${reader}; echo "\${PIPESTATUS[0]}"`, clientUrl);
        expect({ command, ...ended }).toEqual({ command, output: '0\n', errors: '' });
      }
    }
  });

  it.runIf(existsSync('/dev/full'))('says so, and what has happened, and exits with 1', async () => {
    const { clientUrl } = await started();
    const put = await shell('"$0" "$1" put k v > /dev/full; echo $?', clientUrl);
    expect(put.output).toBe('1\n');
    expect(put.errors).toMatch(/cannot be written: ENOSPC.*the value was written at revision 2\n$/);
    const got = await shell('"$0" "$1" get k > /dev/full; echo $?', clientUrl);
    expect([got.output, got.errors]).toEqual(['1\n', containing('ENOSPC')]);
  });
});
