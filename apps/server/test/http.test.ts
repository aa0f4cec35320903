import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { http, start, started } from './support.ts';

/** Status of a request with headers that `fetch` does not let a page set. */
function statusOf(url: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => resolve(response.resume().statusCode ?? 0))
      .on('error', reject)
      .end('x');
  });
}

async function status(url: string, init?: RequestInit): Promise<number> {
  return (await fetch(url, init)).status;
}

describe('keys over HTTP', () => {
  it('puts, reads, compares and deletes', async () => {
    const server = await started();
    const url = http(server, '/v1/kv/config%2Fcolor');
    expect((await fetch(url)).status).toBe(404);
    const put = await fetch(url, { method: 'PUT', body: 'green' });
    expect([put.status, await put.json()]).toEqual([200, { revision: 2 }]);
    const got = await fetch(url);
    expect([await got.text(), got.headers.get('X-Raftkv-Revision')]).toEqual(['green', '2']);
    expect((await fetch(`${url}?consistency=serializable`)).status).toBe(200);

    const absent = await fetch(`${url}?ifAbsent`, { method: 'PUT', body: 'red' });
    expect([absent.status, await absent.json()]).toMatchObject([
      412,
      { code: 'condition-failed', current: 2, outcome: 'not-applied' },
    ]);
    expect((await fetch(`${url}?ifRevision=1`, { method: 'PUT', body: 'red' })).status).toBe(412);
    expect((await fetch(`${url}?ifRevision=2`, { method: 'PUT', body: 'red' })).status).toBe(200);
    expect((await fetch(`${url}?ifRevision=2`, { method: 'DELETE' })).status).toBe(412);
    expect(await (await fetch(url, { method: 'DELETE' })).json()).toEqual({ revision: 4, deleted: true });
    expect((await fetch(url)).status).toBe(404);
  });

  it('says what is wrong with a request, and lives on', async () => {
    const server = await started();
    const kv = (key: string) => http(server, `/v1/kv/${key}`);
    expect(await status(kv(''))).toBe(400);
    expect(await status(kv('a%zz'))).toBe(400);
    expect(await status(kv('a'.repeat(KEY_BYTES_MAX + 1)))).toBe(400);
    expect(await status(kv('a?consistency=none'))).toBe(400);
    const misspelled = await fetch(kv('a?ifrevision=1'), { method: 'PUT', body: 'x' });
    expect([misspelled.status, await misspelled.text()]).toEqual([
      400,
      expect.stringContaining('ifRevision'),
    ]);
    expect(await status(kv('a?ifRevision=x'), { method: 'PUT', body: 'x' })).toBe(400);
    expect(await status(kv('a'), { method: 'POST', body: 'x' })).toBe(405);
    const large = new Uint8Array(VALUE_BYTES_MAX + 1);
    expect(await status(kv('a'), { method: 'PUT', body: large })).toBe(413);
    expect(await status(kv('a'), { method: 'PUT', body: large.subarray(1) })).toBe(200);
    expect(await status(kv('%ff%00'), { method: 'PUT', body: 'bytes' })).toBe(200);
    expect(await status(http(server, '/nothing'))).toBe(404);
  });

  it('tells probes and Prometheus how it is', async () => {
    const server = await started();
    expect((await fetch(http(server, '/livez'))).status).toBe(200);
    expect(await (await fetch(http(server, '/v1/status'))).json()).toMatchObject({
      name: 'n1',
      role: 'leader',
      leader: 'n1',
      revision: 1,
      members: [{ name: 'n1', clientUrl: server.clientUrl, peerUrl: server.peerUrl }],
    });
    const metrics = await (await fetch(http(server, '/metrics'))).text();
    expect(metrics).toMatch(/raftkv_node_proposals_total \d/);
    expect(metrics).toContain('raftkv_role{role="leader"} 1');
    expect(await (await fetch(http(server, '/version'))).json()).toMatchObject({ version: '0.0.0' });
  });
});

describe('a page in a browser', () => {
  it('cannot write from a foreign origin, or by a foreign name', async () => {
    const server = await started({ allowOrigins: ['https://ops.example'] });
    const url = http(server, '/v1/kv/a');
    expect(await statusOf(url, 'PUT', { Origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf(url, 'PUT', { Origin: 'null' })).toBe(403);
    expect(await statusOf(url, 'PUT', { Host: 'evil.example', Origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf(url, 'GET', { Host: 'evil.example' })).toBe(403);
    expect(await statusOf(url, 'PUT', { Origin: 'https://ops.example' })).toBe(200);
    expect(await statusOf(url, 'PUT', { Origin: new URL(url).origin })).toBe(200);
  });
});

describe('listening', () => {
  it('is refused where others could come, unless that is wanted', async () => {
    const listenClient = { host: '0.0.0.0', port: 0 };
    await expect(start({ listenClient })).rejects.toMatchObject({
      code: 'SERVER_USAGE',
      message: expect.stringContaining('--insecure') as string,
    });
  });
});
