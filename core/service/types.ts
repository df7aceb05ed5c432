import type { Reason } from "#core/reason/mod.ts";
import type { MissingPoolTimes } from "./missing_pools.ts";

/** What the product reads of a Kubernetes Service (core/v1), parsed at the door by `k8s/`. */
export interface ServiceView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly creationTimestampMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly type: string;
  readonly loadBalancerClass?: string;
  readonly loadBalancerIP?: string;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly string[];
  readonly ipFamilyPolicy: "SingleStack" | "PreferDualStack" | "RequireDualStack";
  readonly externalTrafficPolicy: "Cluster" | "Local";
  readonly selector: Readonly<Record<string, string>>;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly port: number;
    readonly nodePort?: number;
  }[];
  /** `status.loadBalancer.ingress[].ip`, in order. */
  readonly ingress: readonly string[];
}

/** One address the Service is reached by elsewhere: an endpoint of an EndpointSlice (discovery.k8s.io/v1). */
export interface EndpointView {
  readonly addresses: readonly string[];
  readonly nodeName?: string;
  /** `ready` nil or true, or else `serving` true. */
  readonly canServe: boolean;
}

/** What announcing needs of a Node (core/v1). */
export interface NodeView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networkUnavailable: boolean;
  readonly internalIPs: readonly string[];
  /** Those that begin with `metallb.io/`; absent where there are none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** `spec.podCIDRs`; absent where the cluster's network gives Pods their addresses another way. */
  readonly podCIDRs?: readonly string[];
}

export interface ServiceEvent {
  readonly type: "Normal" | "Warning";
  /** Literal as MetalLB writes it: IPAllocated, AllocationFailed, ClearAssignment, … */
  readonly reason: string;
  readonly message: string;
}

/** One line of a decision: what was looked at, whether it was taken, and why. */
export interface TraceStep {
  readonly stage: "service" | "pool" | "address" | "advertisement" | "node" | "announcer";
  /** The object in question: a pool's, an advertisement's or a node's name, or an address. */
  readonly subject: string;
  readonly verdict: "chosen" | "skipped" | "blocked" | "noted";
  readonly why: Reason;
}

/** What a Service's status, annotation and events must be, and why. */
export interface ServiceDecision {
  readonly addresses: readonly string[];
  /** Pool of the addresses; undefined where there are none. */
  readonly pool?: string;
  /** Why there is no address, when the Service wants one. */
  readonly pending?: Reason;
  readonly events: readonly ServiceEvent[];
  readonly trace: readonly TraceStep[];
}

/** A {@link ServiceDecision} as `ServiceBook` hands it out. */
export interface Decision extends ServiceDecision {
  /** `namespace/name`. */
  readonly service: string;
  /** The object seen last differs: write `addresses` as status.loadBalancer.ingress, and `pool` as the annotation. */
  readonly needsWrite: boolean;
  /** The pool says `metallb.io/on-removal: keep`: write the annotation of the same name and value, else remove it. */
  readonly outlivesPool?: true;
}

export interface ServiceBookOptions {
  /** `--lb-class`: only Services of exactly this class are served; without it, only Services that name no class. */
  readonly loadBalancerClass?: string;
  /** How long a pool that was deleted without a word is waited for; 0 (the default): not at all. */
  readonly missingPools?: MissingPoolTimes;
}
