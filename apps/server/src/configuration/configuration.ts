/** From the command line, the environment and a file to the options of a node. */

import { UsageError } from '../errors.ts';
import { LOG_LEVELS, type LogLevel } from '../logging/log.ts';
import { parseAddress, type Address } from './address.ts';
import type { FlagName } from './flags.ts';
import type { ServerOptions } from './options.ts';
import {
  doubtfulVariables,
  settingsOfEnvironment,
  settingsOfFile,
  settingsOfFlags,
  type Environment,
  type Setting,
  type Settings,
} from './sources.ts';

export type Intent =
  | { readonly kind: 'help' | 'version' }
  | {
      readonly kind: 'serve';
      readonly options: ServerOptions;
      readonly logLevel: LogLevel;
      /** What looks wrong and is no error. */
      readonly doubts: readonly string[];
    };

/** @throws {UsageError} saying what was given, where, and what may be. */
export function readConfiguration(args: readonly string[], environment: Environment): Intent {
  const flags = settingsOfFlags(args);
  if (isOn(flags, 'help')) return { kind: 'help' };
  if (isOn(flags, 'version')) return { kind: 'version' };
  const variables = settingsOfEnvironment(environment);
  const file = (flags.get('config') ?? variables.get('config'))?.text;
  const settings = new Map([...(file === undefined ? [] : settingsOfFile(file)), ...variables, ...flags]);
  return {
    kind: 'serve',
    options: optionsOf(settings),
    logLevel: logLevelOf(settings.get('log-level')),
    doubts: doubtfulVariables(environment),
  };
}

function optionsOf(settings: Settings): ServerOptions {
  const text = (name: FlagName): string | undefined => settings.get(name)?.text;
  return withoutUndefined({
    name: text('name'),
    dataDirectory: text('data-dir'),
    listenClient: addressOf(settings.get('listen-client')),
    listenPeer: addressOf(settings.get('listen-peer')),
    advertiseClient: text('advertise-client'),
    advertisePeer: text('advertise-peer'),
    initialCluster: clusterOf(settings.get('initial-cluster')),
    join: isOn(settings, 'join'),
    clusterToken: text('cluster-token'),
    allowOrigins: text('allow-origin')?.split(','),
    insecure: isOn(settings, 'insecure'),
    segmentBytes: numberOf(settings.get('segment-bytes')),
    snapshotLogBytes: numberOf(settings.get('snapshot-log-bytes')),
  });
}

type Given<Options> = { [Name in keyof Options]: Exclude<Options[Name], undefined> };

function withoutUndefined<Options extends object>(options: Options): Partial<Given<Options>> {
  const given: Partial<Given<Options>> = {};
  for (const [name, value] of Object.entries(options))
    if (value !== undefined) Reflect.set(given, name, value);
  return given;
}

function isOn(settings: Settings, name: FlagName): boolean {
  const setting = settings.get(name);
  if (setting === undefined || setting.text === 'false') return false;
  if (setting.text === 'true') return true;
  throw new UsageError(`${setting.source} has to be true or false, not ${JSON.stringify(setting.text)}`);
}

function numberOf(setting: Setting | undefined): number | undefined {
  if (setting === undefined) return undefined;
  if (/^\d{1,15}$/.test(setting.text)) return Number(setting.text);
  throw new UsageError(`${setting.source} has to be a number, not ${JSON.stringify(setting.text)}`);
}

function addressOf(setting: Setting | undefined): Address | undefined {
  if (setting === undefined) return undefined;
  const address = parseAddress(setting.text);
  if (address !== null) return address;
  const forms = 'HOST:PORT such as 127.0.0.1:7580 or [::1]:7580';
  throw new UsageError(`${setting.source} has to be ${forms}, not ${JSON.stringify(setting.text)}`);
}

function clusterOf(setting: Setting | undefined): ReadonlyMap<string, string> | undefined {
  if (setting === undefined) return undefined;
  const members = new Map<string, string>();
  for (const item of setting.text.split(',')) {
    const at = item.indexOf('=');
    const [name, url] = [item.slice(0, at), item.slice(at + 1)];
    if (at < 1 || url === '') {
      const form = 'NAME=URL,… such as n1=ws://127.0.0.1:7581';
      throw new UsageError(`${setting.source} has to be ${form}, not ${JSON.stringify(item)}`);
    }
    if (members.has(name)) throw new UsageError(`${setting.source} names ${name} twice`);
    members.set(name, url);
  }
  return members;
}

function logLevelOf(setting: Setting | undefined): LogLevel {
  if (setting === undefined) return 'info';
  const level = LOG_LEVELS.find((known) => known === setting.text);
  if (level !== undefined) return level;
  throw new UsageError(
    `${setting.source} has to be one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(setting.text)}`,
  );
}
