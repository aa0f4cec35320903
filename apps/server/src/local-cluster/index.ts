/** `@raftkv/server/local-cluster`: nodes in processes of their own, for a trial or a test. What it promises, name by name. */
/// <reference lib="esnext.disposable" preserve="true" />

export {
  prepareLocalCluster,
  startLocalCluster,
  type LocalCluster,
  type LocalClusterOptions,
} from './local-cluster.ts';
export type { Held, LocalNode, LocalNodeOptions } from './local-node.ts';
export type { LocalNodeEvent, Part } from './local-node-event.ts';
export { freePorts, type NodePorts } from './ports.ts';
