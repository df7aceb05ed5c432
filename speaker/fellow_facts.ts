import {
  decodeSpeakerFacts,
  type SpeakerFacts,
  type SpeakerFactsFault,
  sameFacts,
} from "#core/announce/mod.ts";

/** A speaker of ours that is found alive is given this time to describe itself. */
export const factsGraceMs = 3_000;

interface Fellow {
  facts?: SpeakerFacts;
  /** Since when it is alive and has not described itself; undefined while what it said holds. */
  awaitedSince?: number;
}

/**
 * What the speakers say of themselves, this node's own included. One of ours that comes back, or is new, counts as just
 * started until its words arrive: else each restart of a speaker would, for as long as they are on their way, put every
 * extra of the election out of force, or give an address back that a failback policy holds. The ring repeats no words
 * that have not changed; so where none come, the last ones hold again.
 */
export class FellowFacts {
  readonly #node: string;
  readonly #fellows = new Map<string, Fellow>();

  constructor(node: string) {
    this.#node = node;
  }

  /** Takes in what was said; true where it is news. */
  heard(node: string, bytes: Uint8Array): boolean | SpeakerFactsFault {
    const facts = decodeSpeakerFacts(bytes);
    if (typeof facts === "string") return facts;
    const before = this.#fellows.get(node);
    this.#fellows.set(node, { facts });
    return before?.awaitedSince !== undefined || !sameFacts(before?.facts, facts);
  }

  /** What counts of the node now. Asked at each decision, for it notices who comes and goes by being asked. */
  of(
    node: string,
    { isAlive, isCapable }: { isAlive: boolean; isCapable: boolean },
    nowMs: number,
  ): SpeakerFacts | undefined {
    const fellow = this.#fellows.get(node) ?? {};
    this.#fellows.set(node, fellow);
    if (!isAlive) {
      // Its words hold no more when it is back; until it speaks again it is awaited.
      if (node !== this.#node) fellow.awaitedSince = Number.POSITIVE_INFINITY;
      return fellow.facts;
    }
    if (node === this.#node) return fellow.facts;
    if (!isCapable) {
      this.#fellows.delete(node);
      return undefined;
    }
    if (fellow.awaitedSince === undefined && fellow.facts) return fellow.facts;
    if (fellow.awaitedSince === undefined || fellow.awaitedSince > nowMs) fellow.awaitedSince = nowMs;
    const { awaitedSince, facts } = fellow;
    if (nowMs - awaitedSince >= factsGraceMs) {
      if (facts) delete fellow.awaitedSince;
      return facts;
    }
    const stableSince = Math.floor(awaitedSince / 1000);
    return facts ? { ...facts, stableSince } : this.#assumed(stableSince);
  }

  /** When a speaker that is awaited will have had its time, epoch ms. */
  nextDeadline(nowMs: number): number | undefined {
    let next: number | undefined;
    for (const { awaitedSince = Number.NEGATIVE_INFINITY } of this.#fellows.values()) {
      const at = awaitedSince + factsGraceMs;
      if (at > nowMs && Number.isFinite(at) && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  /** Where this speaker does not describe itself there is no ring, and nobody to be awaited. */
  #assumed(stableSince: number): SpeakerFacts | undefined {
    if (this.#fellows.get(this.#node)?.facts === undefined) return undefined;
    return { interfaces: [], isTruncated: true, stableSince, flaps: 0, isAnswering: true };
  }
}
