import type { ReasonCode } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { ServiceRow } from "#server/ports.ts";

const full: readonly ReasonCode[] = ["pool.exhausted", "pool.exhausted-kept-back"];
const lacking: readonly ReasonCode[] = [...full, "pool.quota", "pool.held"];

/** The pools that would serve the Service, had they something to give. */
export function lackingPools(trace: readonly TraceStep[]): NonNullable<ServiceRow["lacking"]> {
  return trace
    .filter(({ stage, why }) => stage === "pool" && lacking.includes(why.code))
    .map(({ subject, why }) => ({ pool: subject, why }));
}

/** Those of them that have no address left for anybody. */
export function fullPools(trace: readonly TraceStep[]): string[] {
  return lackingPools(trace)
    .filter(({ why }) => full.includes(why.code))
    .map(({ pool }) => pool);
}
