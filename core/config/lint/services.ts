import { reason } from "#core/reason/mod.ts";
import type { ConfigFinding, LintFacts, ServiceFacts } from "./types.ts";

/**
 * MetalLB takes the selector of a Service with externalTrafficPolicy Local as a part of its sharing key, and an empty
 * one is the key of the policy Cluster: such a Service may share where it should not. Kept, for compatibility.
 */
export function lintServices({ services = [] }: LintFacts): ConfigFinding[] {
  const clusterHolders = new Map<string, string>();
  for (const { service, externalTrafficPolicy, addresses } of services) {
    if (externalTrafficPolicy !== "Cluster") continue;
    for (const address of addresses) clusterHolders.set(address, service);
  }
  const isSuspect = ({ externalTrafficPolicy, hasSelector }: ServiceFacts) =>
    externalTrafficPolicy === "Local" && !hasSelector;
  return services.filter(isSuspect).flatMap(({ service, addresses }) => {
    const address = addresses.find((each) => clusterHolders.has(each));
    if (address === undefined) return [];
    const other = clusterHolders.get(address) ?? "";
    const why = reason("lint.local-without-selector", { address, other });
    return [{ severity: "warning", kind: "Service", name: service, path: "spec.selector", why }];
  });
}
