/**
 * Resolves once this process should end: on Ctrl-C, on the signals that ask for it, and when the
 * process that started it is gone, which the closing of their common channel tells.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    // Something has to keep the process alive while it waits.
    const alive = setInterval(() => {}, 60_000);
    const stop = (): void => {
      clearInterval(alive);
      if (process.connected) process.disconnect();
      resolve();
    };
    // Not `once`: a second signal would have its default effect and cut the ending short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    process.once('disconnect', stop);
    process.stdout.on('error', () => {});
  });
}
