/** Serves built packages to a browser, each under its own name, by an import map. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize, sep } from 'node:path';
import { onTestFinished } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../..');
const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', html: 'text/html' };

/** Folders of packages that run in a browser, by name. */
const PACKAGES = {
  '@raftkv/core': 'raft-core',
  '@raftkv/codec': 'codec',
  '@raftkv/runtime': 'raft-runtime',
  '@raftkv/simulation': 'raft-simulation',
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
  const imports = Object.fromEntries(
    Object.entries(PACKAGES).map(([name, folder]) => [name, `/packages/${folder}/dist/index.js`]),
  );
  return [
    '<!doctype html><meta charset="utf-8"><title>packages</title>',
    // A browser asks for one unless the page has it.
    '<link rel="icon" href="data:,">',
    `<script type="importmap">${JSON.stringify({ imports })}</script>`,
    `<script type="module">${script}</script>`,
  ].join('\n');
}

async function contentOf(path: string, page: string): Promise<string> {
  if (path === '/') return page;
  const relative = normalize(path).slice(1);
  const [packages, folder, dist] = relative.split(sep);
  const isBuilt =
    packages === 'packages' && Object.values(PACKAGES).includes(folder ?? '') && dist === 'dist';
  if (!isBuilt) throw new Error(`${path} is not served`);
  return readFile(join(ROOT, relative), 'utf8');
}
