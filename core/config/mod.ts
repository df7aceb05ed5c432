/** Custom resources of the API group metallb.io, parsed: a {@link Config}, and a list of what was rejected and why. */
export type * from "./types.ts";
