/** MetalLB tries once a minute; here the first tries come sooner, and those that fail come to that. */
const firstWaitMs = 5000;
const longestWaitMs = 60_000;
/** Whoever joins one learns of all others: more at a time would only be load. */
const atATimeMax = 3;

interface Seed {
  failures: number;
  nextAt: number;
  isBeingTried: boolean;
}

/** Addresses where a fellow speaker should be, and when to try which of them. Time and chance are given. */
export class Seeds {
  readonly #random: () => number;
  #seeds = new Map<string, Seed>();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A new address is tried at once. */
  set(addresses: Iterable<string>, now: number): void {
    const fresh = (): Seed => ({ failures: 0, nextAt: now, isBeingTried: false });
    this.#seeds = new Map([...addresses].map((address) => [address, this.#seeds.get(address) ?? fresh()]));
  }

  /** Infinity where nothing is to be tried. */
  nextDeadline(isMember: (address: string) => boolean): number {
    let deadline = Infinity;
    for (const [address, { isBeingTried, nextAt }] of this.#seeds)
      if (!isBeingTried && !isMember(address)) deadline = Math.min(deadline, nextAt);
    return this.#tried() >= atATimeMax ? Infinity : deadline;
  }

  /** Those to be tried now; each is to be told {@link tried}. */
  due(now: number, isMember: (address: string) => boolean): string[] {
    const due = [...this.#seeds].filter(
      ([address, { isBeingTried, nextAt }]) => !isBeingTried && nextAt <= now && !isMember(address),
    );
    const chosen: string[] = [];
    while (due.length > 0 && this.#tried() < atATimeMax) {
      const [[address, seed] = ["", undefined]] = due.splice(Math.floor(this.#random() * due.length), 1);
      if (!seed) break;
      seed.isBeingTried = true;
      chosen.push(address);
    }
    return chosen;
  }

  /** Waits 5 to 10 s before the next try, then 10 to 20 s, …, 60 to 120 s. */
  tried(address: string, hasJoined: boolean, now: number): void {
    const seed = this.#seeds.get(address);
    if (!seed) return;
    seed.isBeingTried = false;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** seed.failures);
    seed.failures = hasJoined ? 0 : seed.failures + 1;
    seed.nextAt = now + waitMs * (1 + this.#random());
  }

  #tried(): number {
    let count = 0;
    for (const { isBeingTried } of this.#seeds.values()) if (isBeingTried) count++;
    return count;
  }
}
