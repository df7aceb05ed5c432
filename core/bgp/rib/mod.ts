/** Routing tables of one peer. */
export type { Route } from "./route.ts";
