import type { Member } from "./member.ts";
import type { News } from "./news.ts";
import type { Post } from "./post.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";
import { type SpokenStanding, type Standing, supersedes } from "./standing.ts";
import { flapWindowMs, type Timing } from "./timing.ts";
import type { VerdictLog } from "./verdict_log.ts";
import { watchersOf } from "./watchers.ts";

const lossesMax = 32;

/** How a standing came to this node. */
export type Channel =
  /** As the news of a verdict or a return. */
  | "news"
  /** Among all that another member knows: it may have been cut off, and be wrong about those it lost. */
  | "comparison";

/**
 * Takes what is said of members, decides what to believe, and reports what changed. A false death heals here: the
 * accused hears of it, raises its incarnation, and says so to everybody.
 */
export class Standings {
  readonly #roster: Roster;
  readonly #self: Self;
  readonly #post: Post;
  readonly #news: News;
  readonly #log: VerdictLog;
  readonly #timing: Timing;
  /** Members whose death was told at second hand. */
  readonly #hearsay = new Set<Member>();

  constructor(roster: Roster, self: Self, post: Post, news: News, log: VerdictLog, timing: Timing) {
    this.#log = log;
    this.#roster = roster;
    this.#self = self;
    this.#post = post;
    this.#news = news;
    this.#timing = timing;
  }

  nextDeadline(): number {
    let next = Infinity;
    for (const { hearsay } of this.#hearsay) next = Math.min(next, hearsay?.until ?? -Infinity);
    return next;
  }

  /** Deaths told at second hand that nobody contradicted. */
  expire(now: number): void {
    for (const member of this.#hearsay) {
      const { hearsay } = member;
      if (hearsay && hearsay.until > now) continue;
      this.#hearsay.delete(member);
      member.hearsay = undefined;
      const isListed = this.#roster.byId(member.id) === member;
      if (!hearsay || !isListed || member.heardAt > hearsay.until - this.#waitMs()) continue;
      this.set(member, hearsay.standing, now, hearsay.silentMs);
      this.#news.spreadAt(member.id, now + this.#timing.intervalMs);
    }
  }

  /** Takes a standing as it is, and reports the change. */
  set(member: Member, standing: Standing, now: number, silentMs = 0): void {
    const before = member.standing?.state;
    this.#roster.setStanding(member, standing);
    const { state } = standing;
    if (before === state) return;
    // Whoever says so has heard it lately.
    if (state === "alive") member.vouchedAt = now;
    if (before === "alive" && state === "dead") member.lostAt = [...member.lostAt.slice(1 - lossesMax), now];
    if (before === "dead" && state === "alive") this.#welcome(member, now);
    const { node, facts } = member;
    this.#post.put({ type: "member", node, state, lastHeardAt: now - silentMs });
    // Whoever lost it may have forgotten what it says of itself, and it says nothing anew.
    if (state === "alive" && facts?.boot === standing.boot)
      this.#post.put({ type: "facts", node, facts: facts.bytes });
  }

  /** What another says of a member. True when it is news to this node. */
  learn(spoken: SpokenStanding, from: Member, channel: Channel, now: number): boolean {
    if (spoken.id === this.#self.id) {
      this.#hearOfSelf(spoken, from);
      return false;
    }
    const member = this.#roster.byId(spoken.id);
    if (!member || !supersedes(spoken, member.standing)) return false;
    const { boot, incarnation, state, silentMs } = spoken;
    // A run is believed by its beats, or by the word of those who believed its beats: not by its own word.
    if (member === from && boot !== member.standing?.boot) return false;
    const standing = { boot, incarnation, state };
    const isDeathOfLiving = state === "dead" && member.isAlive && member.standing?.boot === boot;
    const isHeard = now - member.heardAt < 2 * this.#timing.intervalMs;
    if (isDeathOfLiving && (isHeard || channel === "comparison")) {
      if (!member.hearsay) this.#ask(member, standing, silentMs, now);
      return false;
    }
    if (isDeathOfLiving) this.#log.heard(member.node, from.node, silentMs, now);
    this.set(member, standing, now, silentMs);
    return true;
  }

  /** Whoever is called dead and speaks is told, so that it can contradict. */
  remind(member: Member, now: number): void {
    if (!member.standing || now - member.remindedAt < this.#timing.intervalMs / 4) return;
    member.remindedAt = now;
    this.#post.send(
      member,
      { kind: "verdict", arc: undefined, standings: this.#roster.spoken(member) },
      member.freshBoot,
    );
  }

  flaps(member: Member, now: number): number {
    return member.lostAt.filter((at) => now - at < flapWindowMs).length;
  }

  #waitMs(): number {
    return 2 * this.#timing.verifyMs;
  }

  /** Lets a member that is said to be dead contradict before it is believed. */
  #ask(member: Member, standing: Standing, silentMs: number, now: number): void {
    member.hearsay = { standing, silentMs, until: now + this.#waitMs() };
    this.#hearsay.add(member);
    const { id } = member;
    const spoken = { id, ...standing, factsVersion: member.facts?.version ?? 0, silentMs };
    this.#post.send(member, { kind: "verdict", arc: undefined, standings: [spoken] });
  }

  #hearOfSelf(spoken: SpokenStanding, from: Member): void {
    const self = this.#self;
    if (spoken.factsVersion > self.factsVersion && self.facts) {
      self.raiseFactsAbove(spoken.factsVersion);
      this.spreadOwnFacts();
    }
    if (spoken.boot !== self.boot) {
      if (spoken.incarnation >= self.incarnation) self.raiseAbove(spoken.incarnation);
      return;
    }
    self.isIntroduced = true;
    if (self.state === "left") return;
    if (supersedes(spoken, { ...self.spoken(), state: "alive" })) {
      self.raiseAbove(spoken.incarnation);
      this.#news.spread([self.spoken()]);
      if (from.isAlive) return;
    } else if (spoken.incarnation === self.incarnation) return;
    this.#post.send(from, { kind: "verdict", arc: undefined, standings: [self.spoken()] });
  }

  spreadOwnFacts(): void {
    const { id: member, boot, factsVersion: version, facts } = this.#self;
    if (facts) this.#news.fanOut((arc) => ({ kind: "facts", arc, member, boot, version, facts }));
  }

  /** Its watchers tell one that is back how often it was lost, for nobody else counts that. */
  #welcome(member: Member, now: number): void {
    if (!watchersOf(this.#roster, member, this.#self.zone).includes(undefined)) return;
    this.#post.send(member, { kind: "welcome", flaps: this.flaps(member, now) });
  }
}
