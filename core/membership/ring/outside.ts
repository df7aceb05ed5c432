import type { Member } from "./member.ts";
import type { Questions } from "./questions.ts";
import type { Roster } from "./roster.ts";
import { watchersPerNode } from "./timing.ts";

/** A member that fell silent less than this ago is asked each interval, and one of long ago each second. */
const recentMs = 60_000;
const rareMs = 1_000;
/** Of those outside that are asked at a time: a node that stands alone is back within seconds, whatever the size. */
const askedMax = 8;
/** A node that starts asks so many beside its presumed watchers, until it knows who lives. */
const askedAtStart = 5;

/**
 * Keeps asking those outside the ring, the dead and the never heard, so that a partition heals. Each is asked by those
 * who would watch it, so that nobody is asked by everybody.
 */
export class Outside {
  readonly #roster: Roster;
  readonly #questions: Questions;
  #turn = 0;
  #changedAt = -Infinity;
  #nextAt = -Infinity;
  #version = -1;
  #list: Member[] = [];

  constructor(roster: Roster, questions: Questions) {
    this.#roster = roster;
    this.#questions = questions;
  }

  tick(now: number): void {
    if (this.#roster.areUnknownPresumed) {
      this.#ask(this.#unknown(), askedAtStart, now);
      return;
    }
    if (this.#version !== this.#roster.version) {
      this.#version = this.#roster.version;
      this.#list = this.#own();
      this.#changedAt = now;
    }
    if (now < this.#nextAt && now - this.#changedAt > recentMs) return;
    this.#nextAt = now + rareMs;
    this.#ask(this.#list, Math.min(askedMax, Math.ceil(this.#list.length / 8)), now);
  }

  /** Never heard, nearest first. */
  #unknown(): Member[] {
    const others = [...this.#roster.after(this.#roster.ownId)];
    return others.flatMap((each) => (each && !each.standing ? [each] : []));
  }

  /** Those between this node and the fifth in the ring before it. */
  #own(): Member[] {
    const own: Member[] = [];
    let passed = 0;
    for (const each of this.#roster.before(this.#roster.ownId)) {
      if (!each) continue;
      if (!each.isAlive) own.push(each);
      else if (++passed === watchersPerNode) break;
    }
    return own;
  }

  #ask(list: readonly Member[], count: number, now: number): void {
    for (let asked = 0; asked < Math.min(count, list.length); asked++) {
      const member = list[this.#turn++ % list.length];
      if (member) this.#questions.ask(member, now);
    }
  }
}
