/** How a network treats what is sent, as long as nothing is cut or clogged. */

/** From and to. */
export type Range = readonly [number, number];

/** How a network behaves; times in milliseconds, shares from 0 to 1. */
export interface Weather {
  /** How long a frame is under way. */
  readonly delayMs: Range;
  /** Of this share, it is `slowMs` instead. */
  readonly slowShare: number;
  /** How long a slow frame is under way. */
  readonly slowMs: Range;
  /** Lost, of all frames. */
  readonly lossShare: number;
  /** Delivered twice, of all frames. */
  readonly duplicateShare: number;
  /** Of this share of frames, the order is lost; the others come in the order in which they were sent. */
  readonly overtakeShare: number;
  /** How long it takes to connect. */
  readonly connectMs: Range;
  /** How long it takes until a peer notices that a process, or a connection, is gone. */
  readonly noticeMs: Range;
  /** The share of ends that a peer never notices. */
  readonly unnoticedShare: number;
  /** The share of ends of which a peer believes the wrong thing: a process gone that lives, or the other way round. */
  readonly mistakenShare: number;
  /** A link that is cut for so long is given up by both ends. */
  readonly silenceMs: number;
}

/** Nothing is lost, and everything comes in order. */
export const CALM: Weather = {
  delayMs: [0.1, 1],
  slowShare: 0,
  slowMs: [0, 0],
  lossShare: 0,
  duplicateShare: 0,
  overtakeShare: 0,
  connectMs: [0.2, 2],
  noticeMs: [0.1, 1],
  unnoticedShare: 0,
  mistakenShare: 0,
  silenceMs: 1500,
};
