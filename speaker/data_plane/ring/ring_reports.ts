import type { RingState } from "#core/membership/ring/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { Report } from "../protocol.ts";

/** Looked at no more than twice a second. */
const gapMs = 500;
/** What moves all the time, as round trips do, is told this often. */
const refreshMs = 10_000;

/** Tells the main thread the state of the ring, when it changed. */
export class RingReports {
  readonly #clock: Clock;
  readonly #report: (report: Report) => void;
  #dueAt = Infinity;
  #lookedAt = -Infinity;
  #toldAt = -Infinity;
  #told = "";

  constructor(clock: Clock, report: (report: Report) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  nextDeadline(): number {
    return this.#dueAt;
  }

  /** Something may have changed. */
  changed(now: number): void {
    if (this.#dueAt === Infinity) this.#dueAt = Math.max(now, this.#lookedAt + gapMs);
  }

  look(state: RingState, now: number): void {
    this.#dueAt = Infinity;
    this.#lookedAt = now;
    const text = steadyPart(state);
    if (text === this.#told && now - this.#toldAt < refreshMs) return;
    this.#told = text;
    this.#toldAt = now;
    const epoch = this.#clock.wallMs() - now;
    const verdicts = state.verdicts.map((each) => ({ ...each, at: Math.round(epoch + each.at) }));
    this.#report({ type: "ring", ring: { ...state, verdicts } });
  }
}

function steadyPart({ members, sent: _sent, received: _received, ...rest }: RingState): string {
  const steady = members.map(({ roundTripMs: _trip, lateMs: _late, ...member }) => member);
  return JSON.stringify([rest, steady]);
}
