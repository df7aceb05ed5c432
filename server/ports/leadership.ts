import type { Instant } from "./common.ts";

/** Which of several replicas of the controller gives addresses and writes, as the replica that is asked knows it. */
export interface LeadershipView {
  /**
   * `leader`: this one. `standby`: another one, or for the moment none. `alone`: this one, without a Lease, which its
   * account may not use. `sole`: this one, for there is no election. `waiting`: nothing is known of the Lease yet.
   * `shadow`: never this one (`--shadow`).
   */
  role: "leader" | "standby" | "alone" | "sole" | "waiting" | "shadow";
  /** The Pod that answers. */
  self: string;
  /** The Pod that holds the Lease. */
  leader?: string;
  /** When it took the Lease. */
  since?: Instant;
  /** Why the Lease cannot be used, in the API server's words. */
  problem?: string;
}
