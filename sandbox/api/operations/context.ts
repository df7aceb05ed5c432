import type { Conversions } from "../crd/mod.ts";
import type { Registry } from "../kinds/mod.ts";
import type { RuleEvaluator } from "../schema/mod.ts";
import type { Store } from "../store/mod.ts";
import type { WatchHub } from "../watch/mod.ts";

/** The server that an operation works on. */
export interface ApiContext {
  readonly store: Store;
  readonly registry: Registry;
  readonly hub: WatchHub;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls the webhooks that convert custom objects between versions. */
  readonly conversions: Conversions;
  /** Evaluates `x-kubernetes-validations`, where there is one who can. */
  readonly evaluateRules?: RuleEvaluator | undefined;
}

/** What every write may ask for. */
export interface WriteOptions {
  readonly dryRun?: boolean | undefined;
  /** What becomes of unknown fields: refused, told of by {@link warn}, or dropped. Dropped where absent. */
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore" | undefined;
  readonly warn?: ((text: string) => void) | undefined;
  /** Who writes, for `metadata.managedFields`; the sandbox itself where absent. */
  readonly fieldManager?: string | undefined;
}

/** Seconds since the epoch as metav1.Time writes them. */
export function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
