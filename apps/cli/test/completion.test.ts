/** The scripts, as the shells use them. */

import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/cleanups.ts';
import { environmentOf, MAIN, raftkvHere } from './support/command.ts';
import { all } from './support/matching.ts';

/** What bash offers at the end of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `
    source <(printf '%s' "$SCRIPT")
    COMP_WORDS=(raftkv "$@") COMP_CWORD=$#
    _raftkv raftkv
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = environmentOf({ SCRIPT: (await raftkvHere(['completion', 'bash'])).output });
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script, 'bash', ...words], { env });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  it('reads the script from the command', async () => {
    const script = 'source <("$0" "$1" completion bash); complete -p raftkv';
    const args = ['-c', script, process.execPath, MAIN];
    const { stdout, stderr } = await promisify(execFile)('bash', args, { env: environmentOf({}) });
    expect([stdout, stderr]).toEqual(['complete -F _raftkv raftkv\n', '']);
  });

  it('completes commands', async () => {
    expect(await offered('')).toEqual(all(['put', 'get', 'del', 'status', 'serve', 'completion', 'help']));
    expect(await offered('ge')).toEqual(['get']);
    expect(await offered('help', 'st')).toEqual(['status']);
    expect(await offered('completion', '')).toEqual(all(['bash', 'zsh', 'fish']));
  });

  it('completes the flags of the command and those of all', async () => {
    expect(await offered('put', '--')).toEqual(
      all(['--if-revision', '--if-absent', '--output', '--endpoints', '--timeout', '--help']),
    );
    expect(await offered('put', 'key', '--if-a')).toEqual(['--if-absent']);
    expect(await offered('get', '--s')).toEqual(['--serializable']);
    expect(await offered('get', '--if')).toEqual([]);
    expect(await offered('--ou')).toEqual(['--output']);
  });

  it('completes the value of a flag, and what follows it', async () => {
    expect(await offered('-o', '')).toEqual(['text', 'json']);
    expect(await offered('get', 'key', '--output', 'j')).toEqual(['json']);
    expect(await offered('get', '--output', '=')).toEqual(['text', 'json']);
    expect(await offered('get', '--output', '=', 'j')).toEqual(['json']);
    expect(await offered('--endpoints', 'put', 'ge')).toEqual(['get']);
    expect(await offered('--output', '=', 'json', 'ge')).toEqual(['get']);
    expect(await offered('--timeout', '')).toEqual([]);
  });

  it('completes nothing after --', async () => {
    expect(await offered('put', '--', '--')).toEqual([]);
  });
});

const OTHERS = [
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const;

describe.each(OTHERS)('%s', (shell, check) => {
  it('has every command and flag', async () => {
    const { code, output } = await raftkvHere(['completion', shell]);
    expect(code).toBe(0);
    for (const word of ['put', 'get', 'del', 'status', 'serve', 'completion', 'help', 'text json'])
      expect(output).toContain(word);
    for (const flag of ['if-revision', 'if-absent', 'serializable', 'output', 'endpoints', 'timeout']) {
      expect(output).toMatch(new RegExp(shell === 'zsh' ? `--${flag}\\b` : `-l ${flag}\\b`));
    }
  });

  // Where the shell is there at all.
  it.skipIf(spawnSync(shell, ['--version']).error !== undefined)('is a script that it can read', async () => {
    const { output } = await raftkvHere(['completion', shell]);
    // From a file: fish does not read a script from a socket, which is what a child's standard input is here.
    const script = path.join(await temporaryDirectory(), 'completion');
    await writeFile(script, output);
    expect(spawnSync(shell, [...check, script], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
