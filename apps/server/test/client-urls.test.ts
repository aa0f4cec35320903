import { expect, it } from 'vitest';
import { ClientUrls } from '../src/node/client-urls.ts';

const anyone = () => true;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('knows its own, and what each peer said last', () => {
  const urls = new ClientUrls('n1', 'ws://one', anyone);
  expect([urls.own, urls.of('n1'), urls.of('n2'), urls.all()]).toEqual([
    'ws://one',
    'ws://one',
    null,
    ['ws://one'],
  ]);
  urls.onPeer('n2', new ClientUrls('n2', 'ws://old', anyone).about);
  urls.onPeer('n2', new ClientUrls('n2', 'wss://two:1/path', anyone).about);
  expect([urls.of('n2'), urls.all()]).toEqual(['wss://two:1/path', ['ws://one', 'wss://two:1/path']]);
});

it('tells of members alone, and of one that comes back by what it said last', () => {
  const members = new Set(['n1', 'n2']);
  const urls = new ClientUrls('n1', 'ws://one', (name) => members.has(name));
  for (const peer of ['n2', 'n3']) urls.onPeer(peer, bytes(`ws://${peer}`));
  expect(urls.all()).toEqual(['ws://one', 'ws://n2']);
  members.delete('n1');
  members.add('n3');
  expect(urls.all()).toEqual(['ws://n2', 'ws://n3']);
});

it('takes nothing else for an address', () => {
  const urls = new ClientUrls('n1', 'ws://one', anyone);
  const long = `ws://${'x'.repeat(1020)}`;
  for (const about of ['', 'two', 'http://two', 'javascript:alert(1)', 'ws://user@two', 'ws://two?x', long]) {
    urls.onPeer('n2', bytes(about));
  }
  urls.onPeer('n2', new Uint8Array([0xff, 0xfe]));
  expect(urls.all()).toEqual(['ws://one']);
});
