/** What each command says of itself. */

import { expect, it } from 'vitest';
import { raftkv, raftkvHere } from './support/command.ts';
import { containing, matching } from './support/matching.ts';

const COMMANDS = ['put', 'get', 'del', 'status', 'completion'];

/** For a terminal of 80 columns. */
function tooWide(text: string): string[] {
  return text.split('\n').filter((line) => line.length > 80);
}

it.each(COMMANDS)('explains %s with examples, the same by help and by --help', async (command) => {
  const [byFlag, byCommand] = [await raftkvHere([command, '--help']), await raftkvHere(['help', command])];
  expect(byFlag).toMatchObject({ code: 0, errors: '', output: containing('Examples:') });
  expect(byFlag.output).toContain(`raftkv ${command}`);
  expect(byCommand).toEqual(byFlag);
  expect(tooWide(byFlag.output)).toEqual([]);
});

it('lists all commands and exit codes when asked, and exits with 2 when nothing was asked', async () => {
  const [asked, bare] = await Promise.all([raftkv(['--help']), raftkvHere([])]);
  for (const command of [...COMMANDS, 'serve', 'help'])
    expect(asked.output).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect(asked).toMatchObject({ code: 0, errors: '', output: containing('Exit codes') });
  expect(bare).toMatchObject({ code: 2, output: '', errors: asked.output });
});

it('prints its version', async () => {
  const version = matching(/^\d+\.\d+\.\d+\S*\n$/);
  expect(await raftkv(['--version'])).toMatchObject({ code: 0, output: version, errors: '' });
  expect(await raftkvHere(['get', '-V'])).toMatchObject({ code: 0, output: version });
});

it('prints no colours, whatever the environment asks for', async () => {
  const environment = { FORCE_COLOR: '3', CLICOLOR_FORCE: '1' };
  const [help, error] = await Promise.all([raftkv(['--help'], environment), raftkv(['gte'], environment)]);
  expect(help.output + error.errors).not.toContain('\u001B');
});
