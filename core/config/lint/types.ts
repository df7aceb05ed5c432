import type { Reason } from "#core/reason/mod.ts";
import type { NodeLabels } from "../types.ts";

/** One thing about one object that a person should know: where, and why. */
export interface ConfigFinding {
  readonly severity: "warning";
  /** Of metallb.io, or Service; a Service's name is `namespace/name`. */
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly why: Reason;
}

/** What the cluster is like, as far as it is known. */
export interface LintFacts {
  readonly nodes?: readonly (NodeLabels & {
    readonly internalIPs: readonly string[];
    readonly podCIDRs?: readonly string[];
  })[];
  /** Addresses of routers that nodes send their traffic to. */
  readonly gateways?: readonly string[];
  /** Of every type: their clusterIPs show where the Service network lies. */
  readonly services?: readonly ServiceFacts[];
}

export interface ServiceFacts {
  /** `namespace/name`. */
  readonly service: string;
  readonly clusterIPs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly externalTrafficPolicy: "Cluster" | "Local";
  readonly hasSelector: boolean;
  /** What it holds, and from which pool. */
  readonly addresses: readonly string[];
  readonly pool?: string;
}
