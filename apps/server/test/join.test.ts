/** How a node is told to join a cluster, and what it then need not be told. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../src/configuration/configuration.ts';
import { completeOptions } from '../src/configuration/options.ts';
import { UsageError, type ServerOptions } from '../src/index.ts';
import { temporaryDirectory } from './support.ts';

function joins(args: string[], environment: Record<string, string> = {}): boolean | undefined {
  const intent = readConfiguration(args, environment);
  return intent.kind === 'serve' ? intent.options.join : undefined;
}

it('is a flag, a variable and a key of the file', async () => {
  const file = join(await temporaryDirectory(), 'raftkv.json');
  await writeFile(file, JSON.stringify({ join: true }));
  expect(joins(['--join'])).toBe(true);
  expect(joins([], { RAFTKV_JOIN: 'true' })).toBe(true);
  expect(joins(['--config', file])).toBe(true);
  expect(joins([])).toBe(false);
});

describe('a node that joins', () => {
  const others = new Map([['n1', 'ws://10.0.0.1:7581']]);
  const anywhere = { host: '0.0.0.0', port: 7581 };

  it('need not be named among those that it is told of', () => {
    expect(completeOptions({ name: 'n4', join: true, initialCluster: others }).join).toBe(true);
    expect(() => completeOptions({ name: 'n4', initialCluster: others })).toThrow('has to name this node');
  });

  it.each<[string, ServerOptions]>([
    ['by itself', { advertisePeer: 'ws://10.0.0.4:7581' }],
    ['among the others', { initialCluster: new Map([...others, ['n4', 'ws://10.0.0.4:7581']]) }],
  ])('says where it is where it listens everywhere: %s', (_, options) => {
    const given = { name: 'n4', join: true, listenPeer: anywhere, insecure: true, initialCluster: others };
    expect(() => completeOptions(given)).toThrow(UsageError);
    expect(completeOptions({ ...given, ...options }).join).toBe(true);
  });
});
