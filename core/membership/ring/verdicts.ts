import type { RingParts } from "./parts.ts";
import type { SpokenStanding } from "./standing.ts";
import type { Finding } from "./watch.ts";

/** Makes known what this node finds: to the heirs of the dead first, then here, then to everybody. */
export class Verdicts {
  readonly #parts: RingParts;

  constructor(parts: RingParts) {
    this.#parts = parts;
  }

  publish(findings: readonly Finding[], now: number): void {
    if (findings.length === 0) return;
    const { standings, news, log, self } = this.#parts;
    const spoken = findings.flatMap((finding) => this.#spoken(finding));
    this.#tellHeirs(findings);
    for (const { member, accusers, hasWitness, silentMs } of findings) {
      const { standing, node } = member;
      if (standing) standings.set(member, { ...standing, state: "dead" }, now, silentMs);
      log.note({ at: now, node, by: self.node, accusers, hasWitness, silentMs: Math.round(silentMs) });
    }
    news.spread(spoken);
  }

  #tellHeirs(findings: readonly Finding[]): void {
    const { roster, post } = this.#parts;
    const fallen = new Set(findings.map(({ member }) => member));
    for (const finding of findings)
      for (const id of finding.member.heirs) {
        const heir = roster.byId(id);
        if (heir?.isAlive && !fallen.has(heir))
          post.send(heir, { kind: "verdict", arc: undefined, standings: this.#spoken(finding) });
      }
  }

  #spoken({ member: { id, standing, facts }, silentMs }: Finding): SpokenStanding[] {
    return standing ? [{ ...standing, id, state: "dead", factsVersion: facts?.version ?? 0, silentMs }] : [];
  }
}
