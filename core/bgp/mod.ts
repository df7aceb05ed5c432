/** The BGP engine: codec, state machine and routing tables. It knows nothing of MetalLB's configuration. */
export * from "./codec/mod.ts";
export * from "./fsm/mod.ts";
export * from "./rib/mod.ts";
export * from "./unnumbered/mod.ts";
