/** How an event ends: everything that promises have to do after it is done. */

/** Resolves when all promise reactions that can run have run. */
export function settle(): Promise<void> {
  return new Promise(afterReactions);
}

type Scheduler = (callback: () => void) => void;

/** Looked up by name: the language alone does not have them, and this package is typed against the language alone. */
const afterReactions: Scheduler = immediateScheduler() ?? messageScheduler();

function immediateScheduler(): Scheduler | null {
  const setImmediate: unknown = Reflect.get(globalThis, 'setImmediate');
  return isScheduler(setImmediate) ? (callback) => setImmediate(callback) : null;
}

function isScheduler(value: unknown): value is Scheduler {
  return typeof value === 'function';
}

interface Port {
  addEventListener(event: 'message', listener: () => void): void;
  start(): void;
  postMessage(message: null): void;
}

interface Channel {
  readonly port1: Port;
  readonly port2: Port;
}

/** A message to oneself is a task: it comes after all reactions, and browsers do not delay it as they do timers. */
function messageScheduler(): Scheduler {
  const MessageChannel: unknown = Reflect.get(globalThis, 'MessageChannel');
  if (!isChannelClass(MessageChannel)) throw new Error('neither setImmediate nor MessageChannel is here');
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}

function isChannelClass(value: unknown): value is new () => Channel {
  return typeof value === 'function';
}
