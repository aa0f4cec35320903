/** What is said to who types something else than there is. */

import { describe, expect, it } from 'vitest';
import { Endings } from '../src/endings.ts';
import { UsageError } from '../src/errors.ts';
import { createProgram } from '../src/program.ts';
import { run } from './support/program.ts';

const COLUMNS = 80;

/** In this process, up to where something would be measured; what it printed. */
async function typed(args: readonly string[]): Promise<string> {
  let printed = '';
  const write = (text: string): void => {
    printed += text;
  };
  const program = createProgram(
    async (command) => {
      await command(new Endings());
    },
    { writeOut: write, writeErr: write },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof UsageError) throw error;
  }
  return printed;
}

describe('npm run bench', () => {
  it.each([
    [['put', '--consistency', 'l'], "unknown option '--consistency'"],
    [['get', '--consistency', 'x'], 'Allowed choices are l, s'],
    [['put', '--against', 'redis'], 'Allowed choices are etcd'],
    [['put', '--ladder', 'keys'], 'Allowed choices are clients, values'],
    [['put', '--endpoints', '127.0.0.1:7580'], 'ws://HOST:PORT'],
    [['put', '--val-size', '2000000'], 'a whole number from 1 to 1572864'],
    [['put', '--load-tool', 'bench {endpoint}'], 'There is no {endpoint}'],
    [['put', '--load-tool', 'bench --total={total}'], 'It has no {endpoints}'],
    [['put', '--load-tool', 'bench {endpoints}'], '--load-tool needs --against etcd'],
    [['get', '--fill-tool', 'bench {endpoints}'], '--fill-tool needs --load-tool'],
    [['get', '--against', 'etcd', '--load-tool', 'b {endpoints}'], '--load-tool needs --fill-tool'],
    [['fail-ovr'], 'Did you mean fail-over?'],
    [['fail-over', '--kills', 'many'], "argument 'many' is invalid. It is a whole number from 1"],
    [['fail-over', '--kill', '2'], 'Did you mean --kills?'],
    [['memory', '--minutes', '0'], 'a number above 0'],
  ])('refuses %j and says what there is', async (args, message) => {
    await expect(typed(args)).rejects.toThrow(message);
  });

  it('ends with code 2 for wrong usage, and says where to read more', async () => {
    const { code, out, err } = await run(['put', '--client', '4']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/Did you mean --clients\?.*see npm run bench -- put --help\n$/s);
  });

  it('explains itself and each command in 80 columns', async () => {
    const help = await typed(['--help']);
    const commands = [...help.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name = '']) => name);
    expect(commands).toEqual(['put', 'get', 'fail-over', 'memory', 'core']);
    const helps = await Promise.all(commands.map((command) => typed([command, '--help'])));
    expect(helps.map((text) => text.split('\n')[0])).toEqual(
      commands.map((command) => `Usage: npm run bench -- ${command} [options]`),
    );
    const lines = [help, ...helps].flatMap((text) => text.split('\n'));
    expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  it('says how to get etcd where it is missing, before anything is measured', async () => {
    const { code, out, err } = await run(['put', '--against', 'etcd'], { PATH: '' });
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('apt-get install etcd-server')]);
  });
});
