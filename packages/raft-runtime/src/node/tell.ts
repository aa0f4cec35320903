/** How a node calls what is the host's. */

/**
 * Calls `callback`. What it throws is the host's own error: it must not reach the node, which is in the middle of its
 * work, and must not be swallowed. So it is thrown again from a microtask, as if the event loop had made the call.
 */
export function tell<Parameters extends readonly unknown[]>(
  callback: (...parameters: Parameters) => void,
  ...parameters: Parameters
): void {
  try {
    callback(...parameters);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
