import type { Allocator, Claimant, HeldPart, Opening, PoolStep, WaitsFor } from "#core/ipam/mod.ts";
import { type Reason, reasonText } from "#core/reason/mod.ts";
import type { ServiceDecision, ServiceEvent, ServiceView, TraceStep } from "./types.ts";

/**
 * Adopting: what Services hold is registered as it is listed. Following: another decides, and this book shows what it
 * decided. Allocating: this book decides.
 */
export type Phase = "adopting" | "following" | "allocating";

/** What converging one Service needs beside the Service itself. */
export interface ConvergeContext {
  /** `namespace/name` as the caller has it: one text for all, whose hash is known, where there are many Services. */
  readonly key?: string;
  readonly phase: Phase;
  readonly loadBalancerClass: string | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
  /** The decision in force; an event is not repeated for what it says already. */
  readonly previous: ServiceDecision | undefined;
}

/** A decision in the making. */
export class Draft {
  readonly key: string;
  readonly events: ServiceEvent[] = [];
  readonly trace: TraceStep[] = [];
  readonly openings: Opening[] = [];
  /** Before anything was decided. */
  readonly heldBefore: readonly HeldPart[];
  pending: Reason | undefined;
  waitsFor: WaitsFor | undefined;

  constructor(
    readonly view: ServiceView,
    readonly allocator: Allocator,
    readonly context: ConvergeContext,
    readonly claimant: Claimant,
  ) {
    this.key = claimant.service;
    const held = allocator.holdingOf(this.key);
    this.heldBefore = held.length === 0 ? held : [...held];
  }

  /** MetalLB's own reasons and wording where it has one; a Warning that stands already is not repeated. */
  warn(eventReason: string, message: string, why: Reason, type: ServiceEvent["type"] = "Warning"): void {
    const { previous } = this.context;
    const text = withoutCounts(why);
    const stands = (other: Reason | undefined) => other !== undefined && withoutCounts(other) === text;
    if (stands(previous?.pending) || previous?.trace.some((step) => stands(step.why))) return;
    this.events.push({ type, reason: eventReason, message: `${message}: ${reasonText(why)}` });
  }

  note(
    verdict: TraceStep["verdict"],
    why: Reason,
    stage: TraceStep["stage"] = "service",
    subject = this.key,
  ) {
    this.trace.push({ stage, subject, verdict, why });
  }

  steps(steps: readonly PoolStep[]): void {
    this.trace.push(...steps);
  }

  release(): void {
    this.openings.push(...this.allocator.release(this.key));
  }

  /** The Service gets no address, and waits for what may change that. */
  fail(why: Reason, waitsFor: WaitsFor = { pools: [], addresses: [] }): void {
    this.pending = why;
    this.waitsFor = waitsFor;
    this.note("blocked", why);
  }
}

const exhaustion: ReadonlySet<Reason["code"]> = new Set([
  "pool.exhausted",
  "pool.exhausted-kept-back",
  "pool.all-failed",
]);

/** A pool that was full and still is, with other counts, is no news. */
function withoutCounts(why: Reason): string {
  if (!exhaustion.has(why.code)) return reasonText(why);
  if (why.code === "pool.all-failed") return reasonText(why).replace(/[0-9]+/g, "");
  return `exhausted ${why.params.pool} ${why.params.family}`;
}
