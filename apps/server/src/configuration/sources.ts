/** Where a setting comes from: flag, environment, file, in this order. What it means is not looked at here. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { FLAG_NAMES, FLAGS, isFlagName, variableOf, type FlagName } from './flags.ts';
import { nearestOf, suggestion } from './nearest.ts';

export interface Setting {
  /** Of a switch: `true` or `false`. */
  readonly text: string;
  /** As the user wrote it: `--name`, `RAFTKV_NAME`, or the key and the file. */
  readonly source: string;
}

export type Settings = ReadonlyMap<FlagName, Setting>;

/** What a process is started with, as `process.env`; only `RAFTKV_…` counts. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {UsageError} for an unknown flag or one without its value. */
export function settingsOfFlags(args: readonly string[]): Settings {
  const options = Object.fromEntries(
    FLAG_NAMES.map((name) => [name, { type: FLAGS[name].kind === 'switch' ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const settings = new Map<FlagName, Setting>();
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new UsageError(`${JSON.stringify(token.value)} belongs to no flag: see --help`);
    }
    if (token.kind === 'option') add(settings, flagNamed(token.name, token.rawName), token.value);
  }
  return settings;
}

function flagNamed(name: string, given: string): FlagName {
  if (isFlagName(name)) return name;
  const hint = suggestion(
    `--${name}`,
    FLAG_NAMES.map((known) => `--${known}`),
  );
  throw new UsageError(`there is no flag ${given}.${hint || ' See --help.'}`);
}

function add(settings: Map<FlagName, Setting>, name: FlagName, value: string | undefined): void {
  const source = `--${name}`;
  const before = settings.get(name);
  const { kind } = FLAGS[name];
  if (kind === 'switch') {
    settings.set(name, { text: value ?? 'true', source });
    return;
  }
  // parseArgs takes the next flag for the value of one that has none.
  if (value === undefined || value.startsWith('--'))
    throw new UsageError(`${source} needs a value: see --help`);
  if (before !== undefined && kind !== 'list') throw new UsageError(`${source} is given twice`);
  settings.set(name, { text: before === undefined ? value : `${before.text},${value}`, source });
}

export function settingsOfEnvironment(environment: Environment): Settings {
  const settings = new Map<FlagName, Setting>();
  for (const name of FLAG_NAMES) {
    const source = variableOf(name);
    if (source === null) continue;
    const text = environment[source];
    // Unset and empty are one thing to a shell script.
    if (text !== undefined && text !== '') settings.set(name, { text, source });
  }
  return settings;
}

/**
 * Variables that look like a slip of the pen. Others with this beginning are no error: Kubernetes makes some for a service
 * of the name raftkv.
 */
export function doubtfulVariables(environment: Environment): readonly string[] {
  const known = FLAG_NAMES.map(variableOf).filter((variable) => variable !== null);
  return Object.keys(environment).flatMap((name) => {
    if (!name.startsWith('RAFTKV_') || known.includes(name)) return [];
    const nearest = nearestOf(name, known);
    return nearest === null ? [] : [`there is no variable ${name}; did you mean ${nearest}?`];
  });
}

/** @throws {UsageError} where the file cannot be read, is not JSON, or has an unknown key. */
export function settingsOfFile(path: string): Settings {
  const settings = new Map<FlagName, Setting>();
  for (const [key, value] of Object.entries(jsonObject(path))) {
    if (!isFlagName(key) || key === 'config' || key === 'help' || key === 'version') {
      throw new UsageError(`${path}: there is no key ${JSON.stringify(key)}.${suggestion(key, FLAG_NAMES)}`);
    }
    settings.set(key, { text: textOf(value, key, path), source: `${key} in ${path}` });
  }
  return settings;
}

function jsonObject(path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`the configuration file ${path} cannot be read: ${why}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`the configuration file ${path} has to hold one JSON object`);
  }
  return value;
}

function textOf(value: unknown, key: FlagName, path: string): string {
  const { kind } = FLAGS[key];
  if (kind === 'switch' && typeof value === 'boolean') return String(value);
  if (kind !== 'switch' && typeof value === 'string') return value;
  if (kind === 'list' && Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.join(',');
  }
  const expected = { switch: 'true or false', text: 'a string', list: 'a string, or strings in an array' }[
    kind
  ];
  throw new UsageError(`${path}: ${key} has to be ${expected}, not ${JSON.stringify(value)}`);
}
