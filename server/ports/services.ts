import type { Reason } from "#core/reason/mod.ts";
import type { TraceStep } from "#core/service/mod.ts";
import type { Instant, Page } from "./common.ts";

/** Why a pool gives a Service no address. */
export interface PoolRefusal {
  pool: string;
  why: Reason;
}

export interface ServiceRow {
  namespace: string;
  name: string;
  addresses: string[];
  pool?: string;
  ports: string[];
  externalTrafficPolicy: "Cluster" | "Local";
  endpointsReady: number;
  announcers: { node: string; protocol: "layer2" | "bgp" }[];
  createdAt: Instant;
  /** Why no address, or why nobody announces it. */
  pending?: Reason;
  /**
   * Of a Service that waits: the pools that serve it and have nothing to give now; where there are none, those that do
   * not serve it. Absent where no pool was asked.
   */
  refusals?: PoolRefusal[];
}

export type ServiceSort = "name" | "address" | "pool" | "age" | "state";

export interface ServiceQuery {
  /** Matches namespace/name, address, pool and announcer, case-insensitively. */
  search: string;
  sort: ServiceSort;
  descending: boolean;
  state: "all" | "assigned" | "pending" | "unannounced";
  /** From 1. */
  page: number;
  pageSize: number;
}

export interface ServicePage extends Page<ServiceRow> {
  /** Of what the search finds, how many are in each state, whatever state is asked for. */
  counts?: Record<ServiceQuery["state"], number>;
}

export interface ServiceDetail extends ServiceRow {
  trace: TraceStep[];
  events: {
    at: Instant;
    type: "Normal" | "Warning";
    reason: string;
    message: string;
    source: string;
    count: number;
  }[];
}
