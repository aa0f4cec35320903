/**
 * The house as data: every folder of the workspace, what it may import, and where it must run. The
 * lint overrides are generated from this table and the tests hold the workspace against it, so the
 * drawing in ARCHITECTURE.md cannot drift from the code.
 *
 * @typedef {'nothing' | 'browser' | 'node'} Platform
 * What the code may rely on beside the language: nothing at all (no clock, no chance, no platform
 * type), what browsers and Node share, or Node.
 *
 * @typedef {object} Layer
 * @property {string} folder
 * @property {string} name
 * @property {Platform} platform
 * @property {boolean} isPublic whether it is published to npm
 * @property {readonly string[]} mayImport names of packages
 * @property {readonly string[]} [mayImportTypes] names of packages whose types alone may be imported
 * @property {readonly string[]} [floors] folders of `src`, low to high, each of which may import only
 *   itself and the ones before it; files directly in `src` stand above all of them
 */

const core = '@raftkv/core';
const codec = '@raftkv/codec';
const runtime = '@raftkv/runtime';
const protocol = '@raftkv/kv-protocol';
const machine = '@raftkv/kv-state-machine';
const client = '@raftkv/kv-client';
const server = '@raftkv/server';

/** @type {readonly Layer[]} */
const PACKAGES = [
  {
    folder: 'packages/raft-core',
    name: core,
    platform: 'nothing',
    isPublic: true,
    mayImport: [],
    floors: ['basics', 'contract', 'state', 'rules'],
  },
  { folder: 'packages/codec', name: codec, platform: 'browser', isPublic: true, mayImport: [] },
  {
    folder: 'packages/raft-runtime',
    name: runtime,
    platform: 'browser',
    isPublic: true,
    mayImport: [core, codec],
  },
  {
    folder: 'packages/raft-simulation',
    name: '@raftkv/simulation',
    platform: 'browser',
    isPublic: true,
    mayImport: [core, codec, runtime],
  },
  {
    folder: 'packages/raft-storage-file',
    name: '@raftkv/storage-file',
    platform: 'node',
    isPublic: true,
    mayImport: [core, codec, runtime],
  },
  {
    folder: 'packages/raft-transport-ws',
    name: '@raftkv/transport-ws',
    platform: 'node',
    isPublic: true,
    mayImport: [core, codec, runtime],
  },
  {
    folder: 'packages/kv-protocol',
    name: protocol,
    platform: 'browser',
    isPublic: true,
    mayImport: [codec],
  },
  {
    folder: 'packages/kv-state-machine',
    name: machine,
    platform: 'browser',
    isPublic: true,
    mayImport: [codec, protocol],
    mayImportTypes: [core, runtime],
  },
  {
    folder: 'packages/kv-service',
    name: '@raftkv/kv-service',
    platform: 'node',
    isPublic: true,
    mayImport: [codec, runtime, protocol, machine],
  },
  {
    folder: 'packages/kv-client',
    name: client,
    platform: 'browser',
    isPublic: true,
    mayImport: [codec, protocol],
  },
];

const packageNames = PACKAGES.map((layer) => layer.name);

/** @type {readonly Layer[]} */
const APPS = [
  { folder: 'apps/server', name: server, platform: 'node', isPublic: true, mayImport: packageNames },
  {
    folder: 'apps/cli',
    name: '@raftkv/cli',
    platform: 'node',
    isPublic: true,
    mayImport: [...packageNames, server],
  },
  {
    folder: 'apps/demo',
    name: '@raftkv/demo',
    platform: 'node',
    isPublic: false,
    mayImport: [...packageNames, server],
  },
  {
    folder: 'apps/console',
    name: '@raftkv/console',
    platform: 'browser',
    isPublic: false,
    mayImport: [client, protocol],
  },
  {
    folder: 'apps/bench',
    name: '@raftkv/bench',
    platform: 'node',
    isPublic: false,
    mayImport: [...packageNames, server],
  },
  {
    folder: 'apps/verify',
    name: '@raftkv/verify',
    platform: 'node',
    isPublic: false,
    mayImport: [...packageNames, server],
  },
];

/** Low to high within each group; the workspace may hold any subset of them. */
export const LAYERS = [...PACKAGES, ...APPS];
