/**
 * What `npm run mutants:tests` breaks in this package, and what its tests have to notice: the promises about snapshots, each of
 * which costs memory, files or time when it is broken, and seldom a test by chance, and how members meet that do not know
 * each other.
 */

interface Mutant {
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  /** Stands in `file` exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** The documents are not in the copy, and what is broken is not there any more. */
export const NOT_RUN = ['**/errors.test.ts', '**/broken.test.ts'];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'who is to dial, and does not know whom, does not take the connection there is',
    file: 'refusal.ts',
    find: 'dials(to, from) && !isPeer',
    replace: 'false',
  },
  {
    name: 'who is to be dialed asks for it once',
    file: 'peer-link.ts',
    find: '    else this.retryLater();\n    this.isAskedFor',
    replace: '    else if (this.isDialer) this.retryLater();\n    this.isAskedFor',
  },
  {
    name: 'who is not wanted any more is dialed, so that two connections may cross',
    file: 'peer-link.ts',
    find: 'this.isDialer && this.isWanted && connection.isSteady',
    replace: 'this.isDialer && connection.isSteady',
  },
  {
    name: 'a sender does not wait for its socket',
    file: 'snapshot/sending.ts',
    find: 'channel.queuedBytes > this.host.limits.snapshotBufferBytesMax',
    replace: 'channel.queuedBytes < 0',
  },
  {
    name: 'a sender lets nothing else happen while its socket takes all',
    file: 'snapshot/sending.ts',
    find: '    await new Promise(setImmediate);\n',
    replace: '',
  },
  {
    name: 'a sender does not let its content go',
    file: 'snapshot/sending.ts',
    find: '    this.letGo();\n',
    replace: '',
  },
  {
    name: 'a sender does not hear that its receiver is at work',
    file: 'snapshot/sending.ts',
    find: '        return this.silence?.moved();\n',
    replace: '        return;\n',
  },
  {
    name: 'a sender is not ended by a later one to the same peer',
    file: 'snapshot/streams.ts',
    find: "    this.sendings.get(to)?.end('replaced', REPLACING);\n",
    replace: '',
  },
  {
    name: 'a receiver reads on while its node takes nothing',
    file: 'snapshot/receiving.ts',
    find: '    if (isFull || this.content.isDone) this.channel.pause();\n',
    replace: '    void isFull;\n',
  },
  {
    name: 'a receiver does not read on when its node has taken some',
    file: 'snapshot/receiving.ts',
    find: '    if (!isDone && queuedBytes <= this.host.limits.snapshotBufferBytesMax / 2) this.channel.resume();\n',
    replace: '    void [isDone, queuedBytes];\n',
  },
  {
    name: 'a receiver that is at work counts as silent',
    file: 'snapshot/receiving.ts',
    find: '    if (isAtWork) this.silence.moved();\n',
    replace: '',
  },
  {
    name: 'a content that ends early looks whole',
    file: 'snapshot/receiving.ts',
    find: '    this.content.fail(',
    replace: '    this.content.end();\n    void (',
  },
  {
    name: 'an end that does not fit to what came is taken',
    file: 'snapshot/receiving.ts',
    find: 'if (contentBytes !== this.receivedBytes) {',
    replace: 'if (contentBytes < 0) {',
  },
  {
    name: 'any number of snapshots comes in at once',
    file: 'snapshot/streams.ts',
    find: 'this.receivings.size >= limits.incomingSnapshotsMax',
    replace: 'this.receivings.size < 0',
  },
  {
    name: 'a snapshot makes its sender connected (R13)',
    file: 'web-socket-transport.ts',
    find: "    if (hello.purpose === 'snapshot') return",
    replace:
      "    if (hello.purpose === 'snapshot') this.links.get(hello.from)?.adopt(channel, hello.greeting);\n    if (hello.purpose === 'snapshot') return",
  },
];
