import type { Awareness } from "./awareness.ts";
import type { Member } from "./member.ts";
import type { MessageOf } from "./messages_types.ts";
import type { Post } from "./post.ts";
import type { Questions } from "./questions.ts";
import type { Roster } from "./roster.ts";
import type { Self } from "./self.ts";
import type { Timing } from "./timing.ts";
import { targetsOf, watchersOf } from "./watchers.ts";
import type { Witness } from "./witness.ts";

/** How many are asked to ask for an accuser: more for one that stands alone. */
const helpersOfMany = 2;
const helpersOfOne = 5;

/** A member that this node found dead, and how. */
export interface Finding {
  readonly member: Member;
  /** Other watchers that did not hear it either. */
  readonly accusers: readonly string[];
  /** True where the verdict rested on the witness. */
  readonly hasWitness: boolean;
  readonly silentMs: number;
}

/**
 * A watcher's judgement of its targets.
 *
 *   heard ──4 intervals of silence──► accused ──second accuser, or alone for 2 intervals──► asked for the last time
 *     ▲                                  │          with the witness's word                        │         │
 *     └──────── beat, ack, veto ─────────┴──────────── ack, direct or through another ─────────────┘    50 ms, dead
 */
export class Watch {
  readonly #roster: Roster;
  readonly #self: Self;
  readonly #post: Post;
  readonly #questions: Questions;
  readonly #witness: Witness;
  readonly #awareness: Awareness;
  readonly #timing: Timing;
  #targets: Member[] = [];
  #targetsOf = -1;
  #nextAt = -Infinity;
  /** False while this node's own link is down: then it is not the others that are silent. */
  hasCarrier = true;

  constructor(
    parts: { roster: Roster; self: Self; post: Post; questions: Questions },
    witness: Witness,
    awareness: Awareness,
    timing: Timing,
  ) {
    this.#roster = parts.roster;
    this.#self = parts.self;
    this.#post = parts.post;
    this.#questions = parts.questions;
    this.#witness = witness;
    this.#awareness = awareness;
    this.#timing = timing;
  }

  targets(): readonly Member[] {
    return this.#targets;
  }

  nextDeadline(): number {
    return this.#targetsOf === this.#roster.version ? this.#nextAt : -Infinity;
  }

  /** Something was heard that may change the judgement. */
  reconsider(): void {
    this.#nextAt = -Infinity;
  }

  /** Time that passed while this node was not listening is nobody's silence. */
  shift(byMs: number, now: number): void {
    const later = (at: number) => Math.min(at + byMs, now);
    for (const target of this.#targets) {
      target.heardAt = later(target.heardAt);
      target.vouchedAt = later(target.vouchedAt);
      target.adoptedAt = later(target.adoptedAt);
      this.#clear(target);
    }
  }

  /** Asks those that were not heard lately. */
  tick(now: number): void {
    for (const target of this.#targets)
      if (now - target.lastSignAt >= this.#timing.probeMs) this.#questions.ask(target, now);
    this.reconsider();
  }

  accuse(by: Member, { target: id, boot }: MessageOf<"accuse">, now: number): void {
    const target = this.#roster.byId(id);
    if (target?.standing?.boot !== boot) return;
    // It died or left already, and the accuser missed the news.
    if (!target.isAlive) {
      this.#post.send(by, { kind: "verdict", arc: undefined, standings: this.#roster.spoken(target) });
      return;
    }
    const ageMs = now - target.heardAt;
    if (ageMs < this.#timing.silenceMs) {
      // Everybody who might accuse it hears of it, for those may not reach this node themselves.
      for (const doubter of new Set([by, ...this.#fellows(target)]))
        this.#post.send(doubter, { kind: "veto", target: id, boot, ageMs });
    } else {
      target.accusers ??= new Map();
      target.accusers.set(by.node, now);
      this.reconsider();
    }
  }

  veto({ target: id, boot, ageMs }: MessageOf<"veto">, now: number): void {
    const target = this.#roster.byId(id);
    if (target?.standing?.boot !== boot) return;
    target.vetoes++;
    const heardAt = now - ageMs;
    // Of one beat that others heard and this node did not, the network may be guilty; of more, rather this node.
    if (heardAt - target.lastSignAt > 2 * this.#timing.intervalMs) this.#awareness.worse(now);
    target.vouchedAt = Math.max(target.vouchedAt, heardAt);
    this.reconsider();
  }

  /** Accuses, verifies and finds. What it finds is for the caller to make known. */
  judge(now: number): Finding[] {
    this.#adopt(now);
    const silent = this.#targets.filter((target) => now - this.#silenceBegan(target) >= this.#timing.doubtMs);
    // Half or more at once: rather this node itself is cut off.
    const isInDoubt = silent.length > 0 && silent.length * 2 >= this.#targets.length;
    if (isInDoubt) this.#witness.ask(now);
    const isBarred = !this.hasCarrier || (isInDoubt && !this.#witness.confirms(now));
    const found: Finding[] = [];
    this.#nextAt = Infinity;
    for (const target of this.#targets) {
      if (now < this.#deadline(target)) this.#clear(target);
      else if (isBarred) {
        this.#clear(target);
        continue;
      } else if (this.#press(target, now)) found.push(this.#finding(target, isInDoubt, now));
      this.#nextAt = Math.min(this.#nextAt, this.#nextStep(target));
    }
    return found;
  }

  /** A target that is past its time; true when the verdict falls. */
  #press(target: Member, now: number): boolean {
    const { intervalMs, aloneMs, verifyMs } = this.#timing;
    const fellows = this.#fellows(target);
    if (!target.suspicion) {
      target.suspicion = { since: now, nextAccusationAt: now, verdictAt: Infinity };
      target.accusations++;
      // Those beyond it may have lost all their watchers, too.
      this.#targetsOf = -1;
    }
    const { suspicion } = target;
    if (suspicion.nextAccusationAt <= now) {
      suspicion.nextAccusationAt = now + intervalMs;
      const { boot = 0 } = target.standing ?? {};
      const silentMs = now - this.#silenceBegan(target);
      for (const fellow of fellows)
        this.#post.send(fellow, { kind: "accuse", target: target.id, boot, silentMs });
    }
    if (suspicion.verdictAt !== Infinity) return suspicion.verdictAt <= now;
    const quorum = Math.min(2, fellows.length + 1);
    const isQuorate = this.#accusers(target, now).length + 1 >= quorum;
    if (!isQuorate && now >= suspicion.since + intervalMs) this.#witness.ask(now);
    if (isQuorate || (now >= suspicion.since + aloneMs && this.#witness.confirms(now))) {
      suspicion.verdictAt = now + verifyMs;
      this.#questions.verify(target, isQuorate ? helpersOfMany : helpersOfOne, now);
    }
    return false;
  }

  #clear(target: Member): void {
    if (!target.suspicion) return;
    target.suspicion = undefined;
    // Those beyond it are no longer this node's to watch.
    this.#targetsOf = -1;
  }

  #nextStep(target: Member): number {
    const { suspicion } = target;
    if (!suspicion) return this.#deadline(target);
    if (suspicion.verdictAt !== Infinity) return suspicion.verdictAt;
    // The end of waiting alone falls on one of these, too.
    return suspicion.nextAccusationAt;
  }

  #finding(member: Member, isInDoubt: boolean, now: number): Finding {
    const accusers = this.#accusers(member, now);
    const hasWitness = (isInDoubt || accusers.length === 0) && this.#witness.answer(now) === "confirms";
    return { member, accusers, hasWitness, silentMs: now - this.#silenceBegan(member) };
  }

  /** Takes over targets whose watchers died, or are doubted, and asks each at once whether it lives. */
  #adopt(now: number): void {
    if (this.#targetsOf === this.#roster.version) return;
    this.#targetsOf = this.#roster.version;
    const { zone } = this.#self;
    const own = targetsOf(this.#roster, zone);
    const suspects = this.#targets.filter((each) => each.suspicion);
    const beyond =
      suspects.length === 0
        ? []
        : targetsOf(this.#roster, zone, (each) => this.#roster.isInRing(each) && !each.suspicion);
    const next = [...new Set([...own, ...suspects, ...beyond])].filter((each) => each.isAlive);
    for (const former of this.#targets) {
      if (next.includes(former)) continue;
      former.isTarget = false;
      former.suspicion = undefined;
    }
    for (const target of next) {
      if (target.isTarget) continue;
      target.isTarget = true;
      if (now - target.heardAt < this.#timing.probeMs) continue;
      this.#questions.ask(target, now);
      if (now - target.lastSignAt >= this.#timing.probeMs) target.adoptedAt = now;
    }
    this.#targets = next;
  }

  /** The other watchers of a target. */
  #fellows(target: Member): Member[] {
    return watchersOf(this.#roster, target, this.#self.zone).filter((each) => each !== undefined);
  }

  /** Those that missed it after this node last had a sign of it, and not too long ago. */
  #accusers(target: Member, now: number): string[] {
    const since = Math.max(target.lastSignAt, now - this.#timing.silenceMs);
    return [...(target.accusers ?? [])].filter(([, at]) => at >= since).map(([node]) => node);
  }

  #silenceBegan(target: Member): number {
    return Math.max(target.lastSignAt, target.adoptedAt);
  }

  #deadline(target: Member): number {
    const { intervalMs, silenceMs, adoptionMs } = this.#timing;
    const isHeard = target.lastSignAt >= target.adoptedAt;
    const waitMs = isHeard ? silenceMs : adoptionMs;
    return this.#silenceBegan(target) + waitMs + this.#awareness.patienceMs(intervalMs);
  }
}
