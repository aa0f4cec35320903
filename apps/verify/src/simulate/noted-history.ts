/** A history whose calls stand in the trace of the world, too: two runs that differ in what a client saw differ there. */

import type { World } from '@raftkv/simulation';
import type { KeyValueInput, KeyValueOutput } from '@raftkv/simulation/linearizability';
import { History } from '../workload/history.ts';

export class NotedHistory extends History {
  private readonly world: World;
  private readonly onWritten: (revision: number) => void;

  /** `onWritten` is told of each revision that a write was acknowledged with. */
  constructor(world: World, onWritten: (revision: number) => void) {
    let moments = 0;
    // Not the time: of two things at one moment it has to tell which was first.
    super(() => {
      moments += 1;
      return moments;
    });
    this.world = world;
    this.onWritten = onWritten;
  }

  override async record(
    client: number,
    input: KeyValueInput,
    call: () => Promise<KeyValueOutput>,
  ): Promise<KeyValueOutput | null> {
    const asked = `client ${client} ${input.kind} ${input.key}${input.kind === 'put' ? ` ${input.value}` : ''}`;
    this.world.note(asked);
    const output = await super.record(client, input, call);
    if (output?.kind === 'put' || output?.kind === 'deleted') this.onWritten(output.revision);
    this.world.note(`${asked}: ${output === null ? 'no answer' : JSON.stringify(output)}`);
    return output;
  }
}
