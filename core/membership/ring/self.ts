import type { Boot, NodeId } from "./identity.ts";
import type { Roster } from "./roster.ts";
import type { SpokenStanding } from "./standing.ts";

/** What this node says of itself. */
export class Self {
  readonly id: NodeId;
  zone: string | undefined;
  state: "alive" | "left" = "alive";
  /** Somebody holds a standing of this run: only then there is something to refute. */
  isIntroduced = false;
  #incarnation: number;
  #factsVersion: number;
  #facts: Uint8Array | undefined;
  readonly #roster: Roster;

  constructor(
    readonly node: string,
    readonly boot: Boot,
    /** Epoch ms of the start: above what the last run had, unless the clock went back. */
    startedAt: number,
    roster: Roster,
  ) {
    this.id = roster.ownId;
    this.#incarnation = startedAt;
    this.#factsVersion = startedAt;
    this.#roster = roster;
    this.#rehash();
  }

  get incarnation(): number {
    return this.#incarnation;
  }
  get facts(): Uint8Array | undefined {
    return this.#facts;
  }
  get factsVersion(): number {
    return this.#facts ? this.#factsVersion : 0;
  }

  get spokenFacts(): { boot: Boot; version: number; bytes: Uint8Array } | undefined {
    return this.#facts && { boot: this.boot, version: this.#factsVersion, bytes: this.#facts };
  }

  setFacts(facts: Uint8Array): void {
    this.#facts = facts;
    this.#factsVersion++;
    this.#rehash();
  }

  /** Somebody holds facts of an earlier run with a version that is not below. */
  raiseFactsAbove(version: number): void {
    this.#factsVersion = version + 1;
    this.#rehash();
  }

  raiseAbove(incarnation: number): void {
    this.#incarnation = incarnation + 1;
    this.#rehash();
  }

  leave(): void {
    this.state = "left";
    this.#rehash();
  }

  spoken(): SpokenStanding {
    const { id, boot, incarnation, state, factsVersion } = this;
    return { id, boot, incarnation, state, factsVersion, silentMs: 0 };
  }

  #rehash(): void {
    const { boot, incarnation, state } = this;
    this.#roster.rehash(this.id, { boot, incarnation, state }, this.factsVersion);
  }
}
