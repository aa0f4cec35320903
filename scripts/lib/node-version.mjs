/**
 * Refuses a Node that is too old, in words. This file and the ones that import it first use nothing
 * that an old Node could not read, so that the message comes before a syntax error does.
 */

const OLDEST_MAJOR = 20;
const OLDEST_MINOR = 19;

/** @param {string} version as in `process.version` */
export function isSupported(version) {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  return major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR);
}

export function refuseOldNode() {
  if (isSupported(process.version)) return;
  console.error(`raftkv needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer; this is ${process.version}.`);
  process.exit(1);
}
