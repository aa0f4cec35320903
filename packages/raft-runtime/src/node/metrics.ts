/** What a node has done since its start, as plain counters that a host can read and export. */

export interface NodeMetrics {
  /** Turns of the event loop that ended in a flush. */
  readonly turns: number;
  /** Writes handed to the storage, and the entries in them. */
  readonly writes: number;
  /** Entries in those writes; one written again counts again. */
  readonly entriesWritten: number;
  /** Frames handed to the transport, and the messages in them. */
  readonly framesSent: number;
  /** Messages in those frames. */
  readonly messagesSent: number;
  /** Messages for peers that are not admitted, and those that waited for a stalled disk beyond a limit. */
  readonly sendsDropped: number;
  /** Messages taken from peers. */
  readonly messagesReceived: number;
  /** Messages of peers that are not admitted, or that came while this node was on probation. */
  readonly messagesDropped: number;
  /** Times that entries were read back from the storage, for a peer or to be applied. */
  readonly fetches: number;
  /** Snapshots of this node's own that were kept. */
  readonly snapshotsTaken: number;
  /** Snapshots that a peer took whole. */
  readonly snapshotsSent: number;
  /** Snapshots that came whole from a peer, or that this node did not need. */
  readonly snapshotsReceived: number;
  /** Snapshots put in the state machine's place, at the start too. */
  readonly snapshotsInstalled: number;
  /** Calls of `propose` and `submit`, refused ones too. */
  readonly proposals: number;
  /** Calls of `read` and `submitRead`, refused ones too. */
  readonly reads: number;
  /** Calls of `transferLeadership`, refused ones too. */
  readonly transfers: number;
  /** Calls of `changeMembership`, refused ones too. */
  readonly membershipChanges: number;
  /** Answers to requests of every kind: in the end as many as there were calls. */
  readonly answers: number;
  /** Commands that the state machine took, and the no-ops between them, which it never sees. */
  readonly commandsApplied: number;
  /** Entries that leaders begin their terms with. */
  readonly noOpsSkipped: number;
  /** Wake-ups that came more than a heartbeat late: the process was stalled. */
  readonly lateTimers: number;
  /** Times that the monotonic clock seemed to have stood still, where this node takes leases (R19). */
  readonly clockDoubts: number;
}

export type Counters = { -readonly [Name in keyof NodeMetrics]: NodeMetrics[Name] };

export function newCounters(): Counters {
  return {
    turns: 0,
    writes: 0,
    entriesWritten: 0,
    framesSent: 0,
    messagesSent: 0,
    sendsDropped: 0,
    messagesReceived: 0,
    messagesDropped: 0,
    fetches: 0,
    snapshotsTaken: 0,
    snapshotsSent: 0,
    snapshotsReceived: 0,
    snapshotsInstalled: 0,
    proposals: 0,
    reads: 0,
    transfers: 0,
    membershipChanges: 0,
    answers: 0,
    commandsApplied: 0,
    noOpsSkipped: 0,
    lateTimers: 0,
    clockDoubts: 0,
  };
}
