import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isSupported } from '../lib/node-version.mjs';
import { pnpm, tool, toolEnvironment, turbo } from '../lib/tools.mjs';
import { manifestOf } from '../lib/workspace.mjs';

describe('the pinned pnpm', () => {
  it('is called through npx, at the exact version of package.json, without a question', () => {
    const version = manifestOf('.').packageManager;
    expect(version).toMatch(/^pnpm@\d+\.\d+\.\d+$/);
    const { command, args, shell } = pnpm(['install'], 'linux');
    expect(command).toBe('npx');
    expect(args).toEqual(['--yes', '--prefer-offline', '--loglevel=error', version, 'install']);
    expect(shell).toBe(false);
  });

  it('is started through a shell on Windows, where npx is a batch file', () => {
    expect(pnpm(['install'], 'win32')).toMatchObject({ command: 'npx.cmd', shell: true });
  });

  it('runs turbo with three tasks at a time', () => {
    expect(turbo(['build']).args.slice(-5)).toEqual(['exec', 'turbo', 'run', 'build', '--concurrency=3']);
  });
});

describe('an installed tool', () => {
  it('is a file that Node can run', () => {
    const [path = ''] = tool('tsc', [], 'typescript').args;
    expect(existsSync(path)).toBe(true);
  });

  it('is named in the message when its package has no such command', () => {
    expect(() => tool('tsd', [], 'typescript')).toThrow('typescript has no command tsd');
  });

  it('is told the version of Node, so that no cached result crosses versions', () => {
    expect(toolEnvironment().RAFTKV_NODE_VERSION).toBe(process.version);
  });
});

describe('the version of Node', () => {
  it('is supported from 20.19 on', () => {
    expect(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.0.0', 'v100.1.0'].filter(isSupported)).toHaveLength(5);
    expect(['v18.20.4', 'v20.18.3', 'v4.19.0', 'v20.9.0'].filter(isSupported)).toEqual([]);
  });

  it('is the same in every engines field', () => {
    expect(manifestOf('.').engines?.['node']).toBe('>=20.19');
  });
});
