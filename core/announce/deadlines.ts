import type { L2Advertisement } from "#core/config/mod.ts";
import { dampedUntilMs, seasonedAtMs } from "./standing.ts";
import type { NodeFacts } from "./types.ts";

/**
 * The moments at which a node gains by the clock alone: its damping ends, or it has been stable for as long as a
 * failback policy asks. Epoch ms, each with the node.
 */
export class Deadlines {
  #moments: { at: number; node: NodeFacts }[] = [];

  /** Anew, for what lies after `nowMs`. */
  set(nodes: readonly NodeFacts[], advertisements: readonly L2Advertisement[], nowMs: number): void {
    const waits = new Set(
      advertisements.flatMap(({ policy }) => {
        const ms = policy?.failbackAfterMs ?? 0;
        return ms > 0 && Number.isFinite(ms) ? [ms] : [];
      }),
    );
    this.#moments = nodes.flatMap((node) => {
      const { facts } = node;
      if (!facts || !node.hasSpeaker) return [];
      const damped = dampedUntilMs(facts);
      const moments = [...waits].map((ms) => seasonedAtMs(facts, ms));
      if (damped !== undefined) moments.push(damped);
      return moments.filter((at) => at > nowMs).map((at) => ({ at, node }));
    });
    this.#moments.sort((a, b) => a.at - b.at);
  }

  get next(): number | undefined {
    return this.#moments[0]?.at;
  }

  /** The nodes whose moment has come, each once; they are forgotten. */
  take(nowMs: number): NodeFacts[] {
    const due = this.#moments.filter(({ at }) => at <= nowMs);
    this.#moments.splice(0, due.length);
    return [...new Set(due.map(({ node }) => node))];
  }
}
