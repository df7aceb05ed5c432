import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { KubeError } from "../types.ts";
import { type Effect, effectOf } from "./effects.ts";

export type Part = "controller" | "speaker";

/** A right that the API server says is missing. */
export interface Denial {
  /** As a Role writes it: `list`. */
  readonly verb: string;
  /** Plural, with the subresource: `services/status`. */
  readonly resource: string;
  readonly since: number;
  /** The API server's sentence, which names the account and the scope. */
  readonly message: string;
}

const verbs: Readonly<Record<string, string>> = { POST: "create", PUT: "update" };
/** As many rights as there are rules, many times over. */
const denialsMax = 256;

/** The rights that are missing now: noticed with the call that is refused, forgotten with the first that is not. */
export class Denials {
  readonly #denials = new Map<string, Denial>();

  constructor(
    private readonly part: Part,
    private readonly log: Logger,
    private readonly clock: Clock,
    private readonly changed: () => void,
  ) {}

  list(): Denial[] {
    return [...this.#denials.values()];
  }

  denied({ verb: called, resource }: { verb: string; resource: string }, { message }: KubeError): void {
    const verb = verbs[called] ?? called.toLowerCase();
    const key = `${verb} ${resource}`;
    if (this.#denials.has(key) || this.#denials.size >= denialsMax) return;
    this.#denials.set(key, { verb, resource, since: this.clock.now(), message });
    const { why }: Effect = effectOf(this.part, verb, resource);
    this.log.warn("a right is missing", { verb, resource, effect: why, error: message });
    this.changed();
  }

  allowed({ verb: called, resource }: { verb: string; resource: string }): void {
    if (this.#denials.size === 0) return;
    const verb = verbs[called] ?? called.toLowerCase();
    if (!this.#denials.delete(`${verb} ${resource}`)) return;
    this.log.info("a right that was missing is there", { verb, resource });
    this.changed();
  }
}
