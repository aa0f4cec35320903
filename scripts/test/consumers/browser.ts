/** What a user's code says of the packages that ask for what browsers and Node have in common. */

import {
  ConditionFailedError,
  connect,
  KvError,
  type ConnectOptions,
  type Entry,
  type KvClient,
  type SocketFactory,
} from '@raftkv/kv-client';

const socketFactory: SocketFactory = (url, subprotocol) => new WebSocket(url, subprotocol);
const options: ConnectOptions = { endpoints: ['ws://127.0.0.1:7580'], timeoutMs: 1_000, socketFactory };

/** Sets a key to what nobody has set it to before. */
export async function claim(key: string, value: string, signal: AbortSignal): Promise<Entry | null> {
  const kv: KvClient = await connect({ ...options, signal });
  try {
    const { revision } = await kv.put(key, value, { ifAbsent: true, signal });
    const found = await kv.get(key, { consistency: 'serializable' });
    return found?.modRevision === revision ? found : null;
  } catch (error) {
    if (error instanceof ConditionFailedError) return null;
    if (error instanceof KvError && error.outcome === 'not-applied' && error.retryable) return null;
    throw error;
  } finally {
    await kv.close();
  }
}
