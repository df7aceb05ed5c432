/**
 * Configuration that is in force and yet hardly means what it says: pools that hold addresses of nodes, gateways, Pods
 * or Services, pools that nobody announces, selectors that match nothing, aggregates that attract what they drop, wishes to the
 * election that another advertisement overrides.
 *
 * ```ts
 * for (const { kind, name, path, why } of lint(config, { nodes, services })) warn(kind, name, path, reasonText(why));
 * ```
 *
 * What is not given as a fact is not judged. A finding stops nothing.
 */
import type { Config } from "../types.ts";
import { lintAdvertisements } from "./advertisements.ts";
import { lintPolicies } from "./policies.ts";
import { lintPools } from "./pools.ts";
import { lintServices } from "./services.ts";
import type { ConfigFinding, LintFacts } from "./types.ts";

export type { ConfigFinding, LintFacts } from "./types.ts";

/** In the order of kinds and names that the configuration has; each path of an object once for each reason. */
export function lint(config: Config, facts: LintFacts = {}): ConfigFinding[] {
  return [
    ...lintPools(config, facts),
    ...lintAdvertisements(config, facts),
    ...lintPolicies(config, facts),
    ...lintServices(facts),
  ];
}
