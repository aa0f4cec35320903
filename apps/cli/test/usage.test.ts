/** What is wrong on the command line is said in one line, with what to do, and exits with 2. */

import { VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { environmentOf, MAIN, raftkv, raftkvHere } from './support/command.ts';
import { containing } from './support/matching.ts';

const CASES: [string[], ...string[]][] = [
  [['gte', 'k'], "unknown command 'gte'", 'Did you mean get?'],
  [['help', 'statsu'], "unknown command 'statsu'", 'Did you mean status?'],
  [['get', 'k', '--ouput', 'json'], "unknown option '--ouput'", 'Did you mean --output?'],
  [['put', 'k', 'v', '--if-absnt'], 'Did you mean --if-absent?', 'raftkv put --help'],
  [['--bogus'], "unknown option '--bogus'", 'raftkv --help'],
  [['put', 'k', '-x'], "unknown option '-x'", 'goes after --'],
  [['get'], "missing required argument 'key'", 'raftkv get --help'],
  [['put'], "missing required argument 'key'"],
  [['get', 'a', 'b'], 'too many arguments', 'Expected 1 argument but got 2'],
  [['put', 'a', 'b', 'c'], 'too many arguments'],
  [['del'], 'missing required argument'],
  [['status', 'n1'], 'too many arguments'],
  [['get', 'k', '-o', 'xml'], 'Allowed choices are text, json'],
  [['get', 'k', '--timeout', '5x'], '500ms, 5s or 2m'],
  [['get', 'k', '--timeout', '0'], '500ms, 5s or 2m'],
  [['get', 'k', '--timeout', '25h'], 'at most 24h'],
  [['get', 'k', '--timeout'], 'argument missing'],
  [['put', 'k', 'v', '--if-revision', '-1'], 'integer from 0'],
  [['put', 'k', 'v', '--if-revision', '9007199254740993'], 'integer from 0'],
  [['del', 'k', '--if-revision', 'x'], 'integer from 0'],
  [['put', 'k', 'v', '--if-revision', '1', '--if-absent'], 'cannot be used with'],
  [['get', ''], 'at least one byte'],
  [['get', 'k', '--endpoints', 'ftp://a:1'], '--endpoints has "ftp://a:1"', 'HOST:PORT'],
  [['status', '--endpoints', 'name'], '--endpoints has "name"'],
  [['get', 'k', '--endpoints', ','], '--endpoints names no node'],
  [['-o', 'json', 'serve'], 'raftkv serve --help'],
  [['completion'], "missing required argument 'shell'"],
  [['completion', 'csh'], 'Allowed choices are bash, zsh, fish'],
];

it.each(CASES)('refuses %j', async (args, ...expected) => {
  // The first as it is for a user; the others without a process each, which is most of what it costs.
  const { code, output, errors } = args === CASES[0]?.[0] ? await raftkv(args) : await raftkvHere(args);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  for (const part of expected) expect(errors).toContain(part);
  // One line, from the command, with no escape that a terminal would obey.
  expect(errors).toMatch(/^raftkv: \P{Cc}+\n$/u);
});

it('refuses a key that is too long, by its bytes', async () => {
  const one = await raftkvHere(['put', 'k'.repeat(4097), 'v']);
  const other = await raftkvHere(['get', 'ü'.repeat(2049)]);
  expect([one.code, one.errors]).toEqual([2, containing('4097 bytes, and may have 4096')]);
  expect([other.code, other.errors]).toEqual([2, containing('4098 bytes, and may have 4096')]);
});

it('names the variable where the address came from', async () => {
  const { code, errors } = await raftkvHere(['get', 'k'], { RAFTKV_ENDPOINTS: 'http://a:1/?b' });
  expect([code, errors]).toEqual([2, containing('RAFTKV_ENDPOINTS has "http://a:1/?b"')]);
});

it('hands no control characters of an argument to the terminal', async () => {
  const { errors } = await raftkv(['\u001B[31mred\nline\u009B']);
  expect(errors).toMatch(/^raftkv: \P{Cc}+\n$/u);
});

it('refuses arguments that are no UTF-8, which would all become one', async () => {
  const child = spawn('bash', ['-c', `"$0" "$1" get $'\\xff'`, process.execPath, MAIN], {
    env: environmentOf({}),
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect([code, errors]).toEqual([2, containing('no UTF-8')]);
});

describe('a value on standard input that is too long', () => {
  it('is refused by one byte, before any node is asked', async () => {
    const node = { RAFTKV_ENDPOINTS: '127.0.0.1:1' };
    const long = await raftkv(['put', 'k'], node, Buffer.alloc(VALUE_BYTES_MAX + 1));
    expect(long).toMatchObject({ code: 2, output: '', errors: containing('1572864 bytes') });
    const longest = await raftkv(['put', 'k'], node, Buffer.alloc(VALUE_BYTES_MAX));
    expect(longest).toMatchObject({ code: 4 });
  });

  it('is not read to its end', async () => {
    // Far more than a pipe holds, and less than would hurt the machine if all of it were read.
    const long = `head -c 64M /dev/zero | "$0" "$1" put k; echo "\${PIPESTATUS[@]}"`;
    const child = spawn('bash', ['-c', long, process.execPath, MAIN], { env: environmentOf({}) });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(child, 'close');
    // The writer ends by SIGPIPE, or says that its pipe is broken where that is ignored.
    expect(output).toMatch(/^(141|1) 2\n$/);
  });
});
