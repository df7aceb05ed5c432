import type { Post } from "./post.ts";
import type { Timing } from "./timing.ts";

/**
 * What the default gateway has to say on this node's own link: it answered, it did not, or there is none. Where there
 * is none, the link's carrier is all there is to go by.
 */
export type WitnessAnswer = "confirms" | "silent" | "absent";

/** Keeps the last answer for a while, and asks when there is none. */
export class Witness {
  readonly #post: Post;
  readonly #timing: Timing;
  #answer: WitnessAnswer | undefined;
  #answeredAt = -Infinity;
  #askedAt = -Infinity;

  constructor(post: Post, timing: Timing) {
    this.#post = post;
    this.#timing = timing;
  }

  /** The last answer, while it is fresh. */
  answer(now: number): WitnessAnswer | undefined {
    return now - this.#answeredAt < this.#timing.witnessValidMs ? this.#answer : undefined;
  }

  confirms(now: number): boolean {
    const answer = this.answer(now);
    return answer === "confirms" || answer === "absent";
  }

  ask(now: number): void {
    const isFresh = this.confirms(now) && now - this.#answeredAt < this.#timing.witnessValidMs / 2;
    if (isFresh || now - this.#askedAt < 2 * this.#timing.intervalMs) return;
    this.#askedAt = now;
    this.#post.put({ type: "ask-witness" });
  }

  answered(answer: WitnessAnswer, now: number): void {
    this.#answer = answer;
    this.#answeredAt = now;
  }
}
