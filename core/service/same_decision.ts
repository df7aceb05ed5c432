import { reasonText } from "#core/reason/mod.ts";
import type { Decision } from "./types.ts";

/** True where nobody has to be told of the second: the trace may differ. */
export function sameDecision(a: Decision | undefined, b: Decision): boolean {
  return (
    a !== undefined &&
    b.events.length === 0 &&
    a.needsWrite === b.needsWrite &&
    a.pool === b.pool &&
    a.outlivesPool === b.outlivesPool &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, at) => address === b.addresses[at]) &&
    samePending(a, b)
  );
}

function samePending(a: Decision | undefined, b: Decision): boolean {
  return (a?.pending && reasonText(a.pending)) === (b.pending && reasonText(b.pending));
}
