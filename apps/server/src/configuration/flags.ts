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
  /** What it has where nobody gives one, in words. */
  readonly unlessGiven: string;
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
  | 'join'
  | 'cluster-token'
  | 'allow-origin'
  | 'insecure'
  | 'segment-bytes'
  | 'snapshot-log-bytes'
  | 'log-level'
  | 'config'
  | 'help'
  | 'version';

export const FLAGS: Readonly<Record<FlagName, Flag>> = {
  name: {
    kind: 'text',
    value: 'NAME',
    unlessGiven: 'n1',
    help: 'of this node, for ever: at most 64 letters, digits, ".", "_", "-"',
  },
  'data-dir': {
    kind: 'text',
    value: 'DIRECTORY',
    unlessGiven: './raftkv-data',
    help: 'what this node holds; made where it is missing',
  },
  'listen-client': {
    kind: 'text',
    value: 'HOST:PORT',
    unlessGiven: '127.0.0.1:7580',
    help: 'for clients and HTTP; port 0 is any that is free',
  },
  'listen-peer': {
    kind: 'text',
    value: 'HOST:PORT',
    unlessGiven: '127.0.0.1:7581',
    help: 'for the other nodes',
  },
  'advertise-client': {
    kind: 'text',
    value: 'URL',
    unlessGiven: 'ws:// and where it listens',
    help: 'where clients reach it',
  },
  'advertise-peer': {
    kind: 'text',
    value: 'URL',
    unlessGiven: 'its URL in --initial-cluster, or ws:// and where it listens',
    help: 'where the other nodes reach it',
  },
  'initial-cluster': {
    kind: 'list',
    value: 'NAME=URL,…',
    unlessGiven: 'this node alone',
    help: 'all members that the cluster begins with, and their peer URLs',
  },
  join: {
    kind: 'switch',
    value: '',
    unlessGiven: 'off',
    help: 'begin without members, and wait to be added to a cluster; --initial-cluster then only says where some members are',
  },
  'cluster-token': {
    kind: 'text',
    value: 'TEXT',
    unlessGiven: 'raftkv',
    help: 'the same on all members, another for each cluster',
  },
  'allow-origin': {
    kind: 'list',
    value: 'URL,…',
    unlessGiven: 'none but its own',
    help: 'pages of this origin may write and open WebSockets',
  },
  insecure: {
    kind: 'switch',
    value: '',
    unlessGiven: 'off',
    help: 'listen beyond loopback, without encryption or passwords',
  },
  'segment-bytes': {
    kind: 'text',
    value: 'BYTES',
    unlessGiven: '67108864',
    help: 'a file of the log, 1 MiB to 1 GiB; filled with zeros before it is used',
  },
  'snapshot-log-bytes': {
    kind: 'text',
    value: 'BYTES',
    unlessGiven: '67108864',
    help: 'of the log that is applied until a snapshot takes its place; at least 4096',
  },
  'log-level': {
    kind: 'text',
    value: 'LEVEL',
    unlessGiven: 'info',
    help: 'trace, debug, info, warn, error, fatal or silent',
  },
  config: {
    kind: 'text',
    value: 'FILE',
    unlessGiven: 'none',
    help: 'JSON with the names of these flags as keys',
  },
  help: { kind: 'switch', value: '', unlessGiven: 'off', help: 'print this' },
  version: { kind: 'switch', value: '', unlessGiven: 'off', help: 'print the version' },
};

export const FLAG_NAMES: readonly FlagName[] = Object.keys(FLAGS).filter(isFlagName);

export function isFlagName(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

/** `null` for what only a person at the command line asks for. */
export function variableOf(name: FlagName): string | null {
  if (name === 'help' || name === 'version') return null;
  return `RAFTKV_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Of the narrowest terminal that people have. */
const COLUMNS = 80;

/** As wide as any terminal is: the same at a terminal and in a file. */
export function helpText(command: string): string {
  const left = FLAG_NAMES.map((name) => `--${name} ${FLAGS[name].value}`.trimEnd());
  const indent = Math.max(...left.map((text) => text.length)) + 4;
  const lines = FLAG_NAMES.flatMap((name, at) => {
    const [first, ...more] = wrapped(helpOf(FLAGS[name]), COLUMNS - indent);
    return [`  ${left[at]}`.padEnd(indent) + first, ...more.map((line) => ' '.repeat(indent) + line)];
  });
  return [
    `${command}: one node of a replicated key-value store`,
    '',
    'Without flags: a durable cluster of one node in ./raftkv-data.',
    '',
    ...lines,
    '',
    'Each flag also as a variable (--data-dir is RAFTKV_DATA_DIR) and as a key of the',
    'configuration file; a flag counts before a variable, a variable before the file.',
    '',
    'Exit codes: 0 done, 1 unexpected, 2 usage, 3 disk or node failed, 4 data',
    'directory refused, 5 address not to be listened at, 6 emptied member.',
    '',
  ].join('\n');
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function helpOf({ kind, help, unlessGiven }: Flag): string {
  return kind === 'switch' ? help : `${help} [${unlessGiven}]`;
}
