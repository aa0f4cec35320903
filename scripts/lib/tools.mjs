/**
 * How the tools of this repository are called. pnpm comes through npx, at the one version that
 * package.json names, so that a machine needs nothing but Node and npm; everything installed is run
 * by Node directly, which spares a start of pnpm and works the same on every platform.
 *
 * @typedef {{ command: string, args: string[], cwd: string, shell?: boolean }} Call
 */

import { join } from 'node:path';
import { manifestOf, readJson, ROOT } from './workspace.mjs';

/** @import { Manifest } from './workspace.mjs' */

/**
 * The pinned pnpm. `--prefer-offline`, because npx would otherwise ask the registry even for an exact
 * version it has.
 *
 * @param {readonly string[]} args
 * @param {NodeJS.Platform} platform
 * @returns {Call}
 */
export function pnpm(args, platform = process.platform) {
  const version = manifestOf('.').packageManager;
  if (version === undefined) throw new Error('package.json names no packageManager');
  return npx(['--prefer-offline', '--loglevel=error', version, ...args], platform);
}

/**
 * Another version of Node, from the package that carries its binary: the one named `node` downloads it
 * in an install script, and where these are switched off the installed Node would run in its place.
 *
 * @param {string} version exact
 * @param {readonly string[]} args without spaces
 * @returns {Call}
 */
export function onNode(version, args) {
  const carrier = `node-${process.platform}-${process.arch}@${version}`;
  return npx([
    '--prefer-offline',
    '--loglevel=error',
    '--package',
    carrier,
    '--call',
    `node ${args.join(' ')}`,
  ]);
}

/**
 * @param {readonly string[]} args
 * @returns {Call}
 */
export function npm(args) {
  return fromNpm('npm', args, process.platform);
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.Platform} platform
 */
function npx(args, platform = process.platform) {
  return fromNpm('npx', ['--yes', ...args], platform);
}

/**
 * @param {'npm' | 'npx'} name
 * @param {readonly string[]} args
 * @param {NodeJS.Platform} platform
 * @returns {Call}
 */
function fromNpm(name, args, platform) {
  // On Windows these are batch files, which Node starts only through a shell.
  const isWindows = platform === 'win32';
  return { command: isWindows ? `${name}.cmd` : name, args: [...args], cwd: ROOT, shell: isWindows };
}

/**
 * Turbo looks for pnpm on the PATH, hence the way through pnpm. Three tasks at a time: on two cores, as many tests wait
 * for processes of their own; more only compete.
 *
 * @param {readonly string[]} tasks
 * @param {readonly string[]} [options]
 * @returns {Call}
 */
export function turbo(tasks, options = []) {
  return pnpm(['exec', 'turbo', 'run', ...tasks, '--concurrency=3', ...options]);
}

/**
 * An installed tool, run by Node.
 *
 * @param {string} name as in `node_modules/.bin`
 * @param {readonly string[]} [args]
 * @param {string} [packageName]
 * @returns {Call}
 */
export function tool(name, args = [], packageName = name) {
  const folder = join(ROOT, 'node_modules', packageName);
  /** @type {Manifest} */
  const manifest = readJson(join(folder, 'package.json'));
  const path = typeof manifest.bin === 'string' ? manifest.bin : manifest.bin?.[name];
  if (path === undefined) throw new Error(`${packageName} has no command ${name}`);
  return { command: process.execPath, args: [join(folder, path), ...args], cwd: ROOT };
}

/** What every tool is told: no telemetry, and the version of Node, which turbo's cache would ignore. */
export function toolEnvironment() {
  return {
    ...process.env,
    DO_NOT_TRACK: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    RAFTKV_NODE_VERSION: process.version,
  };
}
