/**
 * Custom resources of the API group metallb.io, parsed: a {@link Config}, and a list of what was rejected and why.
 *
 * ```ts
 * const { config, issues } = parseConfig(resources, previous);
 * for (const { kind, name, message } of issues) report(kind, name, message);
 * ```
 *
 * A rejected object stands in the issues and leaves the others alone; where `previous` (the last `config`) holds its
 * last accepted version, that one stays in force. {@link validateResource} and {@link validateRemoval} are the same
 * code for the admission of one object.
 */

export { parseDuration } from "./duration.ts";
export { type L2Policy, l2PolicyAnnotations } from "./l2_policy.ts";
export { type ConfigFinding, type LintFacts, lint } from "./lint/mod.ts";
export { type NodeOverrides, nodeAnnotations, overridePeers } from "./node_overrides.ts";
export { parseConfig } from "./parse_config.ts";
export { peerAnnotations } from "./peer_annotations.ts";
export {
  formatReservations,
  type NamespaceQuota,
  type PoolPolicy,
  policyAnnotations,
  type Reservation,
} from "./pool_policy.ts";
export { matchesAnySelector, matchesSelector } from "./selector.ts";
export { selectsNode } from "./selects_node.ts";
export type * from "./types.ts";
export { validateRemoval, validateResource } from "./validate_resource.ts";
