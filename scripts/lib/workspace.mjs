/** Where things are: the root of the repository, its packages and what they say of themselves. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {string | { readonly [condition: string]: Target }} Target where a condition of `exports` leads: a file, or more
 *   conditions
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {boolean} [private]
 * @property {string} [license]
 * @property {string} [packageManager]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {string | Record<string, string>} [bin]
 * @property {string[]} [files]
 * @property {Readonly<Record<string, Target>>} [exports]
 * @property {Record<string, string>} [engines]
 * @property {{ access: string }} [publishConfig]
 * @property {string} [version]
 */

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The folders that hold a package each, `packages/raft-core` for one, sorted. */
export function workspaceFolders(root = ROOT) {
  const groups = ['packages', 'apps'].flatMap((group) =>
    existsSync(join(root, group)) ? readdirSync(join(root, group)).map((name) => `${group}/${name}`) : [],
  );
  return [...groups, 'scripts'].filter((folder) => existsSync(join(root, folder, 'package.json'))).toSorted();
}

/**
 * @param {string} folder relative to the root; `.` is the root itself
 * @returns {Manifest}
 */
export function manifestOf(folder, root = ROOT) {
  return readJson(join(root, folder, 'package.json'));
}

/**
 * Reads a JSON file that this repository or one of its tools wrote, and whose shape is thus known.
 *
 * @template Shape
 * @param {string} path
 * @returns {Shape}
 */
export function readJson(path) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place that vouches for a file
  return /** @type {Shape} */ (JSON.parse(readFileSync(path, 'utf8')));
}
