/** Serves built packages to a browser, each under its own name, by an import map. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize, sep } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', html: 'text/html' };

/** What a page may import, by name. */
const MODULES: Readonly<Record<string, string>> = {
  '@raftkv/core': '/packages/raft-core/dist/index.js',
  '@raftkv/codec': '/packages/codec/dist/index.js',
  '@raftkv/runtime': '/packages/raft-runtime/dist/index.js',
  '@raftkv/simulation': '/packages/raft-simulation/dist/index.js',
  '@raftkv/simulation/scenarios': '/packages/raft-simulation/dist/scenario/index.js',
};

/**
 * A server, until the test is finished, whose page runs `script` as a module that imports packages by name. Gives the
 * address of the page.
 */
export async function servePage(script: string): Promise<string> {
  const page = pageOf(script);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    void contentOf(path, page).then(
      (content) => {
        const type = TYPES[path === '/' ? 'html' : 'js'];
        response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/`;
}

function pageOf(script: string): string {
  return [
    '<!doctype html><meta charset="utf-8"><title>packages</title>',
    // A browser asks for one unless the page has it.
    '<link rel="icon" href="data:,">',
    `<script type="importmap">${JSON.stringify({ imports: MODULES })}</script>`,
    `<script type="module">${script}</script>`,
  ].join('\n');
}

async function contentOf(path: string, page: string): Promise<string> {
  if (path === '/') return page;
  const relative = normalize(path).slice(1);
  const [packages, folder, dist] = relative.split(sep);
  const home = `/packages/${folder}/dist/`;
  const isBuilt = Object.values(MODULES).some((module) => module.startsWith(home));
  if (packages !== 'packages' || dist !== 'dist' || !isBuilt) throw new Error(`${path} is not served`);
  return readFile(join(ROOT, relative), 'utf8');
}
