interface Known<T> {
  readonly value: T;
  readonly since: Moment;
  readonly isTold: boolean;
}

/** By the wall's clock, for people, and by the steady one, for durations; milliseconds. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

/** What {@link Lasting.set} found. */
export interface Lasted<T> {
  /** Those that have lasted, with the time since when. */
  readonly lasting: (T & { since: number })[];
  /** Of these, whoever was not among them before. */
  readonly begun: T[];
  /** Was among them, and is over. */
  readonly ended: T[];
  /** Some have not lasted yet: look again. */
  readonly isRipening: boolean;
}

/** Keeps of what is said again and again only what stays true for a while, and tells once when it begins and ends. */
export class Lasting<T> {
  readonly #forMs: number;
  readonly #keyOf: (value: T) => string;
  #known = new Map<string, Known<T>>();

  constructor(forMs: number, keyOf: (value: T) => string) {
    this.#forMs = forMs;
    this.#keyOf = keyOf;
  }

  /** All that is true now. */
  set(values: readonly T[], now: Moment): Lasted<T> {
    const known = new Map<string, Known<T>>();
    const lasting: (T & { since: number })[] = [];
    const begun: T[] = [];
    for (const value of values) {
      const key = this.#keyOf(value);
      const { since = now, isTold = false } = this.#known.get(key) ?? {};
      const hasLasted = now.steady - since.steady >= this.#forMs;
      known.set(key, { value, since, isTold: hasLasted });
      if (!hasLasted) continue;
      lasting.push({ ...value, since: since.wall });
      if (!isTold) begun.push(value);
    }
    const ended = [...this.#known].flatMap(([key, one]) =>
      one.isTold && !known.has(key) ? [one.value] : [],
    );
    this.#known = known;
    return { lasting, begun, ended, isRipening: lasting.length < known.size };
  }
}
