/** How much of anything there may be. A leader enforces the first three before it proposes (R41). */

/** Bytes of a key: at least one, at most 4 KiB. */
export const KEY_BYTES_MAX = 4096;
/** Bytes of a value: 1.5 MiB. */
export const VALUE_BYTES_MAX: number = 1.5 * 1024 * 1024;
/** Bytes of a nonce, which makes opening a session safe to repeat (R36). */
export const NONCE_BYTES = 16;
/** Sessions that one command may expire (R39). */
export const EXPIRED_SESSIONS_MAX = 1000;
/** Bytes of an address. */
export const URL_BYTES_MAX = 1024;
/** Bytes of a node's name. */
export const NAME_BYTES_MAX = 256;
/** Members named in one message. */
export const MEMBERS_MAX = 1024;
/** Bytes of the text that explains an error. */
export const EXPLANATION_BYTES_MAX = 4096;

/** Replies that a session keeps, and so the writes of it that a client may have under way at once (R35, R37). */
export const SESSION_REPLIES_MAX = 1024;
/** Bytes of those replies: 4 MiB (R37). */
export const SESSION_REPLY_BYTES_MAX: number = 4 * 1024 * 1024;
/**
 * How far a write may be ahead of the first that its client still waits for (R35). More than the replies that are kept:
 * whoever writes on past a slow reply is told to try again before being told to contradict itself.
 */
export const SESSION_SEQUENCE_WINDOW = 4096;

/**
 * Bytes of one frame between a client and a node. The longest messages there are fit: a value with its key, and
 * as many members as there may be, each with a byte for its role, the longest name and address, and the lengths of these.
 */
export const FRAME_BYTES_MAX: number =
  Math.max(VALUE_BYTES_MAX, MEMBERS_MAX * (1 + NAME_BYTES_MAX + 2 + URL_BYTES_MAX + 2)) + 64 * 1024;
/** Messages of one frame: what a reader holds in memory for the shortest of them stays bounded too. */
export const FRAME_MESSAGES_MAX = 4096;
