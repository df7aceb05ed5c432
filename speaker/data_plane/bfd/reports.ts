import {
  detectionTime,
  diagnosticName,
  echoInterval,
  isEchoActive,
  toMs,
  transmitInterval,
} from "#core/bfd/mod.ts";
import type { Clock } from "#io/mod.ts";
import type { BfdSessionReport } from "./types.ts";
import type { Watched } from "./watched.ts";

/** Counts and intervals; a change of state is told at once. */
const countersIntervalMs = 500;

/** What the main thread is told of the sessions. */
export class BfdReports {
  readonly #clock: Clock;
  readonly #report: (report: { type: "bfd"; sessions: BfdSessionReport[] }) => void;
  readonly #changed = new Set<Watched>();
  #toldAt = -Infinity;

  constructor(clock: Clock, report: (report: { type: "bfd"; sessions: BfdSessionReport[] }) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  changed(session: Watched, isUrgent: boolean): void {
    if (isUrgent) this.#tell([session]);
    else this.#changed.add(session);
  }

  forget(session: Watched): void {
    this.#changed.delete(session);
  }

  nextDeadline(): number {
    return this.#changed.size > 0 ? this.#toldAt + countersIntervalMs : Infinity;
  }

  expire(now: number): void {
    if (this.nextDeadline() > now) return;
    this.#toldAt = now;
    this.#tell([...this.#changed]);
    this.#changed.clear();
  }

  #tell(sessions: readonly Watched[]): void {
    this.#report({ type: "bfd", sessions: sessions.map((session) => this.#reportOf(session)) });
  }

  #reportOf({ settings, session, counters, lastDown, lastDiscard, trouble }: Watched): BfdSessionReport {
    const { bfd, since, remote, transmitAt } = session;
    const detectionUs = detectionTime(session);
    const echoUs = isEchoActive(session) ? echoInterval(session) : undefined;
    return {
      key: settings.key,
      state: bfd.SessionState,
      remoteState: bfd.RemoteSessionState,
      since: this.#toEpoch(since),
      localDiscr: bfd.LocalDiscr,
      remoteDiscr: bfd.RemoteDiscr,
      ...(bfd.LocalDiag !== 0 && { diagnostic: diagnosticName(bfd.LocalDiag) }),
      ...(remote && remote.diag !== 0 && { remoteDiagnostic: diagnosticName(remote.diag) }),
      ...(transmitAt !== undefined && { transmitIntervalMs: toMs(transmitInterval(session)) }),
      ...(detectionUs !== undefined && { detectionTimeMs: toMs(detectionUs) }),
      ...(echoUs !== undefined && { echoIntervalMs: toMs(echoUs) }),
      ...(lastDown && { lastDown: { ...lastDown, at: this.#toEpoch(lastDown.at) } }),
      ...(lastDiscard && { lastDiscard: { ...lastDiscard, at: this.#toEpoch(lastDiscard.at) } }),
      ...(trouble !== undefined && { problem: trouble }),
      counters: { ...counters },
    };
  }

  #toEpoch(monotonicMs: number): number {
    return Math.round(this.#clock.wallMs() - (this.#clock.monotonicMs() - monotonicMs));
  }
}
