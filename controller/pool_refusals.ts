import type { ReasonCode } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { PoolRefusal } from "#server/ports.ts";

const full: readonly ReasonCode[] = ["pool.exhausted", "pool.exhausted-kept-back"];
const lacking: readonly ReasonCode[] = [...full, "pool.quota", "pool.held"];

/** The pools that would serve the Service, had they something to give; else those that do not serve it. */
export function poolRefusals(trace: readonly TraceStep[]): PoolRefusal[] {
  const refusing = trace.filter(({ stage, verdict }) => stage === "pool" && verdict !== "chosen");
  const serving = refusing.filter(({ why }) => lacking.includes(why.code));
  return (serving.length > 0 ? serving : refusing).map(({ subject, why }) => ({ pool: subject, why }));
}

/** Pools that serve the Service and have no address left for anybody. */
export function fullPools(trace: readonly TraceStep[]): string[] {
  return trace
    .filter(({ stage, why }) => stage === "pool" && full.includes(why.code))
    .map((step) => step.subject);
}
