/**
 * The ring of watchers driven in the data-plane worker: UDP beside memberlist's port, authenticated, with the default
 * gateway as witness.
 */
export { type FlapsHandler, RingDriver, type ToldHandler, type VerdictHandler } from "./ring_driver.ts";
