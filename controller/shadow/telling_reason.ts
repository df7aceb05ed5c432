import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";

/** Of a trace the step that tells most: what speaks against the present, else what is chosen in its place. */
export function tellingReason(trace: readonly TraceStep[]): { why?: Reason } {
  const step =
    trace.find(({ stage, verdict }) => stage === "address" && verdict === "blocked") ??
    trace.find(({ stage, verdict }) => stage === "announcer" && verdict === "chosen") ??
    trace.find(({ verdict }) => verdict === "blocked") ??
    trace.findLast(({ verdict }) => verdict === "chosen");
  return step ? { why: step.why } : {};
}
