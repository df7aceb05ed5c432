import { type CallLimits, type Clock, type KubeClient, KubeError, sleep } from "#k8s/mod.ts";

interface Parts {
  client: KubeClient;
  clock: Clock;
  /** Asked before each write, and again when it would go out. */
  leads(): boolean;
  /** Aborts when the present term ends; undefined: there is none. */
  term(): AbortSignal | undefined;
  /** For one write; the server is told. */
  writeMs: number;
}

/**
 * The client of whoever leads. Reads pass; a write is refused where this replica does not lead, is given up with the
 * term that it belongs to, and has an end at the server too: when another replica begins, none of ours can still land
 * (docs/decisions/011-two-controllers.md).
 */
export class LeaderClient implements KubeClient {
  readonly #parts: Parts;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Until then a write that nobody answered may still be carried out. */
  #doubtUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  readonly get: KubeClient["get"];
  readonly list: KubeClient["list"];
  readonly pages: KubeClient["pages"];
  readonly watch: KubeClient["watch"];
  readonly review: KubeClient["review"];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { client } = parts;
    this.get = (...given) => client.get(...given);
    this.list = (...given) => client.list(...given);
    this.pages = (...given) => client.pages(...given);
    this.watch = (...given) => client.watch(...given);
    this.review = (...given) => client.review(...given);
  }

  readonly create: KubeClient["create"] = (resource, object) =>
    this.#write((limits) => this.#parts.client.create(resource, object, limits));

  readonly patch: KubeClient["patch"] = (resource, target, type, body, options) =>
    this.#write((limits) =>
      this.#parts.client.patch(resource, target, type, body, { ...options, ...limits }),
    );

  readonly remove: KubeClient["remove"] = (resource, name, namespace) =>
    this.#write((limits) => this.#parts.client.remove(resource, name, namespace, limits));

  /**
   * Lets nothing more through, and waits for what is under way. False where one of the writes may still be carried out
   * after that.
   */
  async close(limitMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    this.#isClosed = true;
    const late = new AbortController();
    await Promise.race([Promise.allSettled(this.#underWay), sleep(clock, limitMs, late.signal)]);
    late.abort();
    return this.#underWay.size === 0 && clock.steady() >= this.#doubtUntil;
  }

  async #write<T>(send: (limits: CallLimits) => Promise<T>): Promise<T> {
    const { term, writeMs, clock } = this.#parts;
    this.#mayGo();
    const signal = term();
    const limits = { timeoutMs: writeMs, mayGo: () => this.#mayGo(), ...(signal && { signal }) };
    const write = send(limits);
    this.#underWay.add(write);
    try {
      return await write;
    } catch (error) {
      // A server that ran out of time (5xx) does not know either.
      const isRefused = error instanceof KubeError && error.code < 500;
      if (!isRefused && !(error instanceof NotLeadingError)) this.#doubtUntil = clock.steady() + writeMs;
      throw error;
    } finally {
      this.#underWay.delete(write);
    }
  }

  #mayGo(): void {
    if (this.#isClosed || !this.#parts.leads()) throw new NotLeadingError();
  }
}

/** A write that came too late. */
export class NotLeadingError extends Error {
  constructor() {
    super("this replica of the controller does not lead");
    this.name = "NotLeadingError";
  }
}
