/** Ways to break the log on disk. Source: rules R29 to R32. */

import type { Mutant } from './mutant.ts';

export const STORAGE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a batch is answered before its sync',
    package: 'raft-storage-file',
    file: 'log/log-writer.ts',
    find: 'active.segment.file.writeSynced(bytes, active.end, (error) => {',
    replace:
      'void active.segment.file.write(bytes, active.end).then(() => null, (error: Error) => error).then((error) => {',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'a new segment is used without a sync of its zeros',
    package: 'raft-storage-file',
    file: 'log/segment.ts',
    find: '    await unfinished.sync();\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'a new segment is used without a sync of its directory',
    package: 'raft-storage-file',
    file: 'log/segment.ts',
    find: '  await files.syncDirectory(directory);\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'an identity is used without a sync of its bytes',
    package: 'raft-storage-file',
    file: 'directory.ts',
    find: '  await unfinished.sync();\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'a recovery ends without a sync of its directory',
    package: 'raft-storage-file',
    file: 'log/recovery.ts',
    find: '  await files.syncDirectory(directory);\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'an identity is made before the first segment',
    package: 'raft-storage-file',
    file: 'directory.ts',
    find: '  await checkNotRobbed(files, directory, names);\n  const first = await createSegment(files, directory, 1, segmentBytes);\n  await first.file.close();\n',
    replace: '  void segmentBytes;\n  await checkNotRobbed(files, directory, names);\n',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'what was readable counts as durable (R29)',
    package: 'raft-storage-file',
    file: 'log/recovery.ts',
    find: '  await file.write(bytes.subarray(FIRST_RECORD, offset), FIRST_RECORD);\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
  {
    name: 'a recovery ends without a sync of what it has written (R29)',
    package: 'raft-storage-file',
    file: 'log/recovery.ts',
    find: '  await file.sync();\n',
    replace: '',
    edgeCases: [33],
    level: 'stack',
  },
];
