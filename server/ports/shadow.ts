import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { Instant } from "./common.ts";

/** What a controller that only looks on (`--shadow`) would do otherwise than the one that acts. */
export interface ShadowReport {
  /** When it compared last; absent until everything was listed. */
  comparedAt?: Instant;
  /** Services of its class of type LoadBalancer. */
  services: number;
  changes: ShadowChange[];
  /** Addresses given while it looked on that it would have chosen otherwise; the latest first. They stay. */
  choices?: ShadowChoice[];
  /** Layer 2 announcers that were compared with the cluster's ServiceL2Status objects. */
  elections: number;
  otherAnnouncers: ShadowElection[];
  /** Why announcers could not be compared. */
  notCompared?: string;
}

/**
 * What would happen to a Service. `moves`: other addresses than it has; `loses`: none any more; `gains`: it waits, and
 * would get some; `records`: the same addresses, and another pool in the annotation.
 */
export type ShadowChangeKind = "moves" | "loses" | "gains" | "records";

export interface ShadowChange {
  /** `namespace/name` */
  service: string;
  kind: ShadowChangeKind;
  has: { addresses: readonly string[]; pool?: string };
  wants: { addresses: readonly string[]; pool?: string };
  /** What weighs most. */
  why?: Reason;
  /** Every step of the decision. */
  trace: readonly TraceStep[];
  /** Seen first. */
  since: Instant;
}

/** A Service that was given other addresses than it would have been given here. */
export type ShadowChoice = Omit<ShadowChange, "kind">;

export interface ShadowElection {
  service: string;
  /** Whom the ServiceL2Status names, sorted; more than one announce it at once. */
  has: readonly string[];
  /** Whom the election names; absent: nobody. */
  wants?: string;
  /** What weighs most. */
  why?: Reason;
  /** Every node's place. */
  trace: readonly TraceStep[];
  since: Instant;
}
