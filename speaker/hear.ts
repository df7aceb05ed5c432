import { defaultGateways, type Logger } from "#io/mod.ts";
import type { Report } from "./data_plane/mod.ts";
import type { Decisions } from "./decisions.ts";
import type { OwnAddresses } from "./layer2.ts";
import type { Members } from "./members.ts";
import type { SpeakerMetrics } from "./metrics.ts";
import type { Moves } from "./moves.ts";
import type { Telling } from "./telling.ts";

export interface HearingParts {
  log: Logger;
  members: Members;
  moves: Moves;
  addresses: OwnAddresses;
  metrics: SpeakerMetrics;
  telling: Telling;
  decisions: Decisions;
  /** Once: every live speaker has had the time to be heard. */
  settled(): void;
  /** The state that others read changed. */
  changed(): void;
}

/** Takes in what the data plane reports: each report goes to the part that keeps it, and what it changes is decided anew. */
export class Hearing {
  readonly #parts: HearingParts;
  #gateways: string[];

  constructor(parts: HearingParts, gateways: string[]) {
    this.#parts = parts;
    this.#gateways = gateways;
  }

  /** Next hops of the node's default routes, as they were at the last change of an interface. */
  get gateways(): string[] {
    return this.#gateways;
  }

  heard(report: Report): void {
    const { log, members, addresses, decisions, telling } = this.#parts;
    if (report.type === "member") {
      log.info("fellow speaker", { member: report.node, state: report.state });
      const isBack = members.heardByRing(report.node, report.state, report.lastHeardAt, report.at);
      if (report.state !== "alive") decisions.lost();
      // After a partition the neighbours may believe either side: the one that stays announcer says so again.
      decisions.mark("nodes", ...(isBack ? (["announcement"] as const) : []));
    } else if (report.type === "announced") this.#announced(report);
    else if (report.type === "settled") {
      members.settle();
      this.#parts.settled();
      decisions.mark("nodes");
    } else if (report.type === "conflict") {
      telling.conflict(report);
    } else if (report.type === "interfaces") {
      this.#gateways = defaultGateways();
      telling.interfaces(report.interfaces);
    } else if (report.type === "counters") addresses.counted(report.addresses);
    else if (report.type === "facts") decisions.setFacts(report);
    else if (report.type === "released") decisions.released(report);
    else if (report.type === "problem") log.warn(report.message);
    // Counters go along with the next change: they alone wake no reader.
    if (report.type !== "counters") this.#parts.changed();
  }

  #announced(report: Extract<Report, { type: "announced" }>): void {
    const { log, addresses, moves, metrics, telling } = this.#parts;
    if (!addresses.announced(report)) return;
    const move = moves.announced(report.address, report.at);
    telling.announced(report.address, move);
    if (!move) return;
    metrics.moved(move);
    log.info("address announced", { ...move, why: move.why.code });
  }
}
