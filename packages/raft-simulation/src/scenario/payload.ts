/** Commands of scenarios as bytes. All are of one length, so that limits in bytes can be told in entries. */

const PAYLOAD_BYTES = 16;

/** What an entry counts against the limits of the core: its payload and 64. */
export const ENTRY_BYTES: number = PAYLOAD_BYTES + 64;

/** `text`, at most 16 characters of ASCII. */
export function payloadOf(text: string): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD_BYTES);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** What a reader is told of a command; empty where there is nothing to tell. */
export function textOf(data: Uint8Array): string {
  const end = data.indexOf(0);
  return String.fromCharCode(...data.slice(0, end === -1 ? data.length : end));
}

/** What the first entry of every cluster says. */
export const CLUSTER_ID: Uint8Array = payloadOf('cluster');
