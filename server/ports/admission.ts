import type { ConfigIssue, Resource } from "#core/config/mod.ts";

/** A write of a metallb.io object that the API server asks about. */
export interface AdmissionRequest {
  operation: "CREATE" | "UPDATE" | "DELETE";
  kind: string;
  namespace: string;
  name: string;
  /** As it would be stored; absent on DELETE. BGPPeers are v1beta2, whatever version was written. */
  object?: Resource;
  /** As it is stored; absent on CREATE. */
  oldObject?: Resource;
  /** Deletion waits for finalizers; what remains is taking those away. */
  isBeingDeleted: boolean;
}

/** Without an issue the write is allowed. */
export interface AdmissionVerdict {
  issues: ConfigIssue[];
  /** For whoever writes, in words. */
  warnings: string[];
}

/** Judges writes from memory and at once; undefined while the configuration is not known yet. */
export interface AdmissionPort {
  review(request: AdmissionRequest): AdmissionVerdict | undefined;
}
