/** How much of anything there may be. A leader enforces the first three before it proposes (R41). */

/** Bytes of a key: at least one, at most 4 KiB. */
export const KEY_BYTES_MAX = 4096;
/** Bytes of a value: 1.5 MiB. */
export const VALUE_BYTES_MAX: number = 1.5 * 1024 * 1024;
/** Bytes of one message between a client and a node: a value, a key, and what stands around them. */
export const MESSAGE_BYTES_MAX: number = VALUE_BYTES_MAX + 64 * 1024;

/** Bytes of a nonce, which makes opening a session safe to repeat (R36). */
export const NONCE_BYTES = 16;
/** Sessions that one command may expire (R39). */
export const EXPIRED_SESSIONS_MAX = 1000;
/** Bytes of an address. */
export const URL_BYTES_MAX = 2048;
/** Bytes of a node's name. */
export const NAME_BYTES_MAX = 256;
/** Members named in one message. */
export const MEMBERS_MAX = 1024;
/** Bytes of the text that explains an error. */
export const EXPLANATION_BYTES_MAX = 4096;
