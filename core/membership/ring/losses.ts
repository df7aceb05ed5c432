import type { Post } from "./post.ts";
import { flapWindowMs } from "./timing.ts";

/** How often this node was lost to the others within the window, as its watchers told it. */
export class Losses {
  readonly #post: Post;
  #at: number[] = [];
  #count = 0;

  constructor(post: Post) {
    this.#post = post;
  }

  get count(): number {
    return this.#count;
  }

  /** A watcher counted so many. Each of them tells, so the highest count is taken and not their sum. */
  told(count: number, now: number): void {
    this.#forget(now);
    while (this.#at.length < count) this.#at.push(now);
    this.tick(now);
  }

  tick(now: number): void {
    this.#forget(now);
    if (this.#at.length === this.#count) return;
    this.#count = this.#at.length;
    this.#post.put({ type: "flaps", count: this.#count });
  }

  #forget(now: number): void {
    this.#at = this.#at.filter((at) => now - at < flapWindowMs);
  }
}
