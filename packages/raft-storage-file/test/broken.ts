/**
 * What `npm run mutants:tests` breaks in this package beside what random seeds of the whole stack catch by the name of an
 * invariant (apps/verify/src/mutants), and what has to notice it: each sync, and each rule of R29 to R33. These need damage in
 * just one place, which a random run seldom does.
 */

interface Mutant {
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  /** Stands in `file` exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const RANDOM_RUN = (seeds: string): string[] => [
  'test/crash-points-main.js',
  '--sample',
  String(Math.ceil(10_000 / Math.max(Number(seeds), 1))),
  '--first',
];

/**
 * Crash points run before; holders and the example run the package as it was built, the documents are not there, and what
 * is broken is not there any more.
 */
export const NOT_RUN = [
  '**/crash-points.test.ts',
  '**/readme.test.ts',
  '**/directory-lock.test.ts',
  '**/errors.test.ts',
  '**/broken.test.ts',
];

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a torn tail stays behind the end of the log (R29, R30)',
    file: 'log/recovery.ts',
    find: '  await writeZeros(file, offset, size);\n',
    replace: '  void size;\n',
  },
  {
    name: 'a torn head stays in the segment that is used next (R30)',
    file: 'log/recovery.ts',
    find: '    await writeZeros(first.file, FIRST_RECORD, first.size);\n',
    replace: '',
  },
  {
    name: 'no vouching record is looked for (R30)',
    file: 'log/recovery.ts',
    find: 'if (last !== null && end !== null) checkTorn(last, end.offset);',
    replace: '',
  },
  {
    name: 'no vouching record is looked for behind a head that does not fit (R30)',
    file: 'log/recovery.ts',
    find: 'for (const segment of unused) checkTorn(segment, FIRST_RECORD);',
    replace: '',
  },
  {
    name: 'a record vouches for those of its own batch (R30)',
    file: 'log/batch.ts',
    find: 'checksum, offset);',
    replace: 'checksum, offset + at);',
  },
  {
    name: 'a record vouches for nothing (R30)',
    file: 'log/batch.ts',
    find: 'checksum, offset);',
    replace: 'checksum, 0);',
  },
  {
    name: 'a record is believed whatever stands before it (R30)',
    file: 'log/recovery.ts',
    find: 'if (frame === null || frame.previous !== checksum) return',
    replace: 'if (frame === null) return',
  },
  {
    name: 'a segment is believed whatever the one before ends in (R30)',
    file: 'log/recovery.ts',
    find: 'if (end !== null && frame.previous !== end.checksum) {',
    replace: 'if (end === null && frame.previous !== 0) {',
  },
  {
    name: 'a checksum does not cover the offset (R30)',
    file: 'format/record.ts',
    find: '(seed ^ offset) >>> 0',
    replace: '(seed ^ (offset & 0)) >>> 0',
  },
  {
    name: 'a checksum does not cover the directory (R30)',
    file: 'format/record.ts',
    find: 'crc32(new Uint8Array(number.buffer), crc32(incarnation))',
    replace: 'crc32(new Uint8Array(number.buffer), crc32(incarnation.subarray(0, 0)))',
  },
  {
    name: 'a checksum does not cover the segment (R30)',
    file: 'format/record.ts',
    find: 'number.setUint32(0, segment, true);',
    replace: 'number.setUint32(0, segment * 0, true);',
  },
  {
    name: 'a head restates the hard state of the start (R31)',
    file: 'log/log-image.ts',
    find: "      kind: 'head',\n      hardState: this.hardState,",
    replace: "      kind: 'head',\n      hardState: { ...this.hardState, votedFor: null },",
  },
  {
    name: 'a commit above the log is believed (R31)',
    file: 'log/log-image.ts',
    find: 'return commitIndex > this.lastIndex',
    replace: 'return commitIndex > Infinity',
  },
  {
    name: 'a term below that of an entry is believed (R31)',
    file: 'log/log-image.ts',
    find: 'return term > currentTerm',
    replace: 'return term > Infinity',
  },
  {
    name: 'a gap in the log is believed (R31)',
    file: 'log/log-image.ts',
    find: 'if (index !== this.lastIndex + 1) return',
    replace: 'if (index < 0) return',
  },
  {
    name: 'a missing segment is passed over (R31)',
    file: 'log/recovery.ts',
    find: 'numbers.findIndex((number, at) => number !== first + at)',
    replace: 'numbers.findIndex((number) => number < 0)',
  },
  {
    name: 'a segment is a hole until it is written (R32)',
    file: 'log/segment.ts',
    find: '    await writeZeros(unfinished, at, Math.min(at + SLICE_BYTES, size));\n',
    replace: '    if (at + SLICE_BYTES >= size) await unfinished.write(new Uint8Array(1), size - 1);\n',
  },
  {
    name: 'a log is closed without a seal (R30)',
    file: 'log/log-writer.ts',
    find: '    this.seal();\n    this.isClosed = true;',
    replace: '    this.isClosed = true;',
  },
  {
    name: 'an entry that was read back is not compared with what was asked for (R5)',
    file: 'log/log-reader.ts',
    find: 'record.entry.index === index) return',
    replace: 'record.entry.index >= 0) return',
  },
  {
    name: 'a directory without identity is made anew, whatever it holds (R28)',
    file: 'directory.ts',
    find: '  await checkNotRobbed(files, directory, names);\n',
    replace: '  void names;\n  void checkNotRobbed;\n',
  },
  {
    name: 'an entry is read that is not yet on disk',
    file: 'log/log-reader.ts',
    find: ' || !this.isOnDisk(first)) return [];',
    replace: ') return [];',
  },
  {
    name: 'a snapshot gets its name before it is on disk (R33)',
    file: 'snapshots/chunk-writer.ts',
    find: '.finish());\n    await this.file.sync();\n',
    replace: '.finish());\n',
  },
  {
    name: 'a snapshot counts before its name is on disk (R33)',
    file: 'snapshots/snapshot-writing.ts',
    find: '      await this.onDisk(() => files.syncDirectory(directory));\n',
    replace: '      void directory;\n',
  },
  {
    name: 'a base is written before its snapshot has its name (R33)',
    file: 'snapshots/snapshot-store.ts',
    find: '      await writing.publish(this.kept.has(index));\n      this.kept.set(index, head);\n',
    replace:
      '      this.kept.set(index, head);\n      void writing.publish(true).catch(() => {});\n      await Promise.resolve();\n',
  },
  {
    name: 'a newer snapshot that no base names is kept (R33)',
    file: 'snapshots/snapshot-store.ts',
    find: 'indexes.filter((index) => !this.kept.has(index))',
    replace: 'indexes.filter((index) => !this.kept.has(index) && index < base.index)',
  },
  {
    name: 'a base is believed whatever its snapshot says (R33)',
    file: 'snapshots/snapshot-store.ts',
    find: 'clusterId === null || !isSame(head, { base, clusterId })',
    replace: 'clusterId === null && !isSame(head, { base, clusterId: new Uint8Array(16) })',
  },
  {
    name: 'a segment goes though the older snapshot needs it (R31, R33)',
    file: 'log/retention.ts',
    find: 'image.highestIn(number) > older',
    replace: 'image.highestIn(number) > Math.max(older, image.base.index)',
  },
  {
    name: 'segments go though no later head says what they said (R31)',
    file: 'log/retention.ts',
    find: 'image.canBeginAt(number) && ',
    replace: '',
  },
  {
    name: 'a base keeps the log, also one that is not of it (R33)',
    file: 'log/log-image.ts',
    find: '    if (isLogKept) {\n',
    replace: '    if (isLogKept || first > 0) {\n',
  },
  {
    name: 'a base empties the log (R33)',
    file: 'log/log-image.ts',
    find: '    if (isLogKept) {\n',
    replace: '    if (isLogKept && first < 0) {\n',
  },
  {
    name: 'a chunk of a snapshot is not checked (R33)',
    file: 'format/snapshot-chunk.ts',
    find: '  if (bytes.readUInt32LE(0) !== checksumOf(bytes, seed, offset)) return null;\n',
    replace: '  void seed;\n  void offset;\n',
  },
];
