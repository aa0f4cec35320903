/** How the key-value model's operations are shown in a report. */

import type { KeyState } from './key-value-model.ts';
import type { KeyValueInput, KeyValueOutput } from './key-value-operation.ts';
import type { ReportOptions } from './report.ts';

/** For `describeViolation`; the key is the part, and not repeated. */
export const keyValueReport: ReportOptions<KeyState, KeyValueInput, KeyValueOutput> = {
  input(input) {
    const condition =
      input.kind === 'get' || input.ifRevision === null ? '' : ` if revision ${input.ifRevision}`;
    return `${input.kind}${input.kind === 'put' ? ` ${input.value}` : ''}${condition}`;
  },
  output(output) {
    switch (output.kind) {
      case 'value': {
        const { entry } = output;
        if (entry === null) return 'absent';
        return `${entry.value}, revision ${entry.modRevision}, version ${entry.version}`;
      }
      case 'put':
        return `revision ${output.revision}, version ${output.version}`;
      case 'deleted':
        return output.isDeleted ? `revision ${output.revision}` : `absent, revision ${output.revision}`;
      case 'conditionFailed':
        return `not met, revision ${output.current}`;
    }
  },
  state({ entry, revision, isExact }) {
    const at = `revision ${revision}${isExact ? '' : ' or above'}`;
    return entry === null ? `absent, ${at}` : `${entry.value}, ${at}, version ${entry.version}`;
  },
};
