/** Silence of this many intervals makes a watcher speak up. */
export const silentIntervals = 4;
/** So many beats in a row are proof that a path works. */
export const beatsToBelieve = 5;
/** Watchers of each node. Up to one more than this many members, everybody watches everybody. */
export const watchersPerNode = 5;

/** Every wait of the ring, in ms, from the interval of the heartbeats. */
export interface Timing {
  readonly intervalMs: number;
  /** Without a sign of life for so long, a target is accused. */
  readonly silenceMs: number;
  /** Silence from which a target is asked whether it lives, and a doubtful watcher asks its witness. */
  readonly probeMs: number;
  readonly doubtMs: number;
  /** A target that was adopted from dead watchers is accused when it answers nothing for so long. */
  readonly adoptionMs: number;
  /** What an accuser waits for others to join in or to object. */
  readonly aloneMs: number;
  /** The patience of the last question before a verdict. */
  readonly verifyMs: number;
  /** A timer that is later than this says that this node was not listening. */
  readonly lateMs: number;
  /** A node that starts waits for others no longer: a beat that says whom it hears, the proof, and the silence. */
  readonly settleMs: number;
  readonly witnessValidMs: number;
}

export function timingOf(intervalMs: number): Timing {
  const silenceMs = silentIntervals * intervalMs;
  return {
    intervalMs,
    silenceMs,
    probeMs: 1.5 * intervalMs,
    doubtMs: 2.5 * intervalMs,
    adoptionMs: 2 * intervalMs,
    aloneMs: 2 * intervalMs,
    verifyMs: 50,
    lateMs: intervalMs / 2,
    settleMs: (1 + beatsToBelieve + silentIntervals) * intervalMs,
    witnessValidMs: silenceMs,
  };
}

/** Losses are counted over this window: what a node that returns is told of itself. */
export const flapWindowMs = 10 * 60_000;
