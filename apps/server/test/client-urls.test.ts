import { expect, it } from 'vitest';
import { ClientUrls } from '../src/node/client-urls.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('knows its own, and what each peer said last', () => {
  const urls = new ClientUrls('n1', 'ws://one');
  expect([urls.own, urls.of('n1'), urls.of('n2'), urls.all()]).toEqual([
    'ws://one',
    'ws://one',
    null,
    ['ws://one'],
  ]);
  urls.onPeer('n2', new ClientUrls('n2', 'ws://old').about);
  urls.onPeer('n2', new ClientUrls('n2', 'wss://two:1/path').about);
  expect([urls.of('n2'), urls.all()]).toEqual(['wss://two:1/path', ['ws://one', 'wss://two:1/path']]);
});

it('takes nothing else for an address', () => {
  const urls = new ClientUrls('n1', 'ws://one');
  const long = `ws://${'x'.repeat(1020)}`;
  for (const about of ['', 'two', 'http://two', 'javascript:alert(1)', 'ws://user@two', 'ws://two?x', long]) {
    urls.onPeer('n2', bytes(about));
  }
  urls.onPeer('n2', new Uint8Array([0xff, 0xfe]));
  expect(urls.all()).toEqual(['ws://one']);
});
