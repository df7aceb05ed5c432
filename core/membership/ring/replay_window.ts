/** How many numbers behind the highest are still told apart. RFC 4303 §3.4.3 wants at least 32. */
const windowSize = 32;

/**
 * Takes each number once (RFC 4303 §3.4.3). A number that is overtaken on the way is still taken; one that is too far
 * behind to know counts as seen.
 */
export class ReplayWindow {
  #highest = 0;
  /** Bit n: `#highest - n` was seen. */
  #seen = 0;

  /** False for a number that was taken before, or lies too far behind. Numbers begin with 1. */
  accept(number: number): boolean {
    const behind = this.#highest - number;
    if (behind >= windowSize) return false;
    if (behind >= 0) {
      if ((this.#seen & (1 << behind)) !== 0) return false;
      this.#seen |= 1 << behind;
      return true;
    }
    this.#seen = -behind >= windowSize ? 1 : (this.#seen << -behind) | 1;
    this.#highest = number;
    return true;
  }
}
