/** What can be configured, by which name, and what `--help` says of it. */

export type FlagKind =
  | 'text'
  /** Several, by commas or by repeating the flag. */
  | 'list'
  | 'switch';

export interface Flag {
  readonly kind: FlagKind;
  /** What stands for its value in the help. */
  readonly value: string;
  readonly help: string;
}

export type FlagName =
  | 'name'
  | 'data-dir'
  | 'listen-client'
  | 'listen-peer'
  | 'advertise-client'
  | 'advertise-peer'
  | 'initial-cluster'
  | 'cluster-token'
  | 'allow-origin'
  | 'insecure'
  | 'segment-bytes'
  | 'log-level'
  | 'config'
  | 'help'
  | 'version';

export const FLAGS: Readonly<Record<FlagName, Flag>> = {
  name: { kind: 'text', value: 'NAME', help: 'of this node, for ever; n1' },
  'data-dir': { kind: 'text', value: 'DIRECTORY', help: 'what this node holds; ./raftkv-data' },
  'listen-client': { kind: 'text', value: 'HOST:PORT', help: 'for clients and HTTP; 127.0.0.1:7580' },
  'listen-peer': { kind: 'text', value: 'HOST:PORT', help: 'for the other nodes; 127.0.0.1:7581' },
  'advertise-client': { kind: 'text', value: 'URL', help: 'where clients reach it; ws:// and listen-client' },
  'advertise-peer': { kind: 'text', value: 'URL', help: 'where nodes reach it; ws:// and listen-peer' },
  'initial-cluster': {
    kind: 'list',
    value: 'NAME=URL,…',
    help: 'all first members with their peer URLs, in one order everywhere; this node alone',
  },
  'cluster-token': {
    kind: 'text',
    value: 'TEXT',
    help: 'the same on all members, another per cluster; raftkv',
  },
  'allow-origin': { kind: 'list', value: 'URL,…', help: 'web pages of this origin may write; none' },
  insecure: { kind: 'switch', value: '', help: 'listen beyond loopback, without encryption or passwords' },
  'segment-bytes': {
    kind: 'text',
    value: 'BYTES',
    help: 'a file of the log: zeroed before it is used, which a first start waits for; 67108864',
  },
  'log-level': {
    kind: 'text',
    value: 'LEVEL',
    help: 'trace, debug, info, warn, error, fatal or silent; info',
  },
  config: { kind: 'text', value: 'FILE', help: 'JSON with the names of these flags as keys' },
  help: { kind: 'switch', value: '', help: 'print this' },
  version: { kind: 'switch', value: '', help: 'print the version' },
};

export const FLAG_NAMES: readonly FlagName[] = Object.keys(FLAGS).filter(isFlagName);

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

export function variableOf(name: FlagName): string {
  return `RAFTKV_${name.toUpperCase().replaceAll('-', '_')}`;
}

export function helpText(): string {
  const left = FLAG_NAMES.map((name) => `--${name} ${FLAGS[name].value}`.trimEnd());
  const width = Math.max(...left.map((text) => text.length)) + 2;
  const lines = FLAG_NAMES.map((name, at) => `  ${(left[at] ?? '').padEnd(width)}${FLAGS[name].help}`);
  return [
    'raftkv-server: one node of a replicated key-value store',
    '',
    'Without flags: a durable cluster of one node in ./raftkv-data.',
    '',
    ...lines,
    '',
    'Each flag also as a variable (--data-dir is RAFTKV_DATA_DIR) and as a key of the configuration file;',
    'a flag counts before a variable, a variable before the file.',
    '',
    'Exit codes: 0 done, 1 unexpected, 2 usage, 3 disk or node failed, 4 data directory refused,',
    '5 address not to be listened at, 6 emptied member.',
    '',
  ].join('\n');
}
