/** One Service: what its status, annotation and events must be, and why. */
export type * from "./types.ts";
