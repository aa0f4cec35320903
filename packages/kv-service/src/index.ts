/** `@raftkv/kv-service`: the serving side of a key-value node, without sockets. What it promises, name by name. */

export {
  KvService,
  type Addresses,
  type Answer,
  type KvServiceOptions,
  type ServiceClock,
} from './kv-service.ts';
export {
  ClientConnection,
  type ConnectionHost,
  type ConnectionLimits,
  type ServerSocket,
} from './client-connection.ts';
