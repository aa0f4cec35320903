/** Where a server is in its life, and whether it can serve. */

import type { KvNode } from './kv-node.ts';

export type Phase =
  | { readonly kind: 'starting' }
  | { readonly kind: 'serving'; readonly node: KvNode }
  /** Its disk, or a rule that it relies on, has failed: it acknowledges nothing any more. */
  | { readonly kind: 'failed'; readonly node: KvNode | null; readonly cause: Error }
  | { readonly kind: 'stopping' };

/** The node that requests go to; `null` while there is none. A failed one answers that it has failed. */
export function nodeOf(phase: Phase): KvNode | null {
  return phase.kind === 'serving' || phase.kind === 'failed' ? phase.node : null;
}

export function whyNoNode(phase: Phase): string {
  switch (phase.kind) {
    case 'starting':
      return 'this node is starting: try again a little later';
    case 'stopping':
      return 'this node stops: ask another';
    case 'failed':
      return `this node has failed: ${phase.cause.message}`;
    case 'serving':
      return 'this node serves';
  }
}

/** `null` if a linearizable read would be served, by this node or by the leader that it knows; else why not. */
export async function whyNotReady(phase: Phase, waitMs: number): Promise<string | null> {
  if (phase.kind !== 'serving') return whyNoNode(phase);
  const { role, leader, isOnProbation, isRemoved } = phase.node.node.status();
  if (isRemoved)
    return 'this node was removed from the cluster: it takes no part any more, and may be stopped';
  if (phase.node.node.members().members.length === 0) return JOINS;
  if (isOnProbation) return 'this node is empty, and waits until all other members have vouched for it';
  if (role === 'leader') return whyNoRead(phase.node, waitMs);
  return leader === null ? 'no leader is known' : null;
}

const JOINS = 'this node belongs to no cluster yet: it waits until a leader adds it';

function whyNoRead({ node }: KvNode, waitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(`no read was confirmed within ${waitMs} ms: a quorum is not there`),
      waitMs,
    );
    node.submitRead((answer) => {
      clearTimeout(timer);
      resolve(answer.error === null ? null : answer.error.message);
    });
  });
}
