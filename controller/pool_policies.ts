import type { LabelSelector, Pool } from "#core/config/mod.ts";
import { formatAddress, formatRange } from "#core/net/mod.ts";
import type { PoolAllocation, PoolPolicies } from "#server/ports.ts";
import { splitKey } from "./service_name.ts";

/** What the pool's annotations ask for, as the console shows it. */
export function poolPolicies({ policy }: Pool): PoolPolicies | undefined {
  if (!policy) return undefined;
  const { excluded, reservations, recorded, reuseAfterMs, quota, onRemoval } = policy;
  const reserved = [
    ...reservations.map((one) => ({ ...one, by: "pool" as const })),
    ...recorded.map((one) => ({ ...one, by: "service" as const })),
  ];
  return {
    ...(excluded.length > 0 && {
      excluded: excluded.map((range) =>
        range.first.value === range.last.value ? formatAddress(range.first) : formatRange(range),
      ),
    }),
    ...(reserved.length > 0 && {
      reservations: reserved.map(({ service, addresses, by }) => ({
        ...splitKey(service),
        addresses: addresses.map(formatAddress),
        by,
      })),
    }),
    ...(reuseAfterMs > 0 && { reuseAfterMs }),
    ...(quota && {
      quota: {
        namespaces: Object.entries(quota.byNamespace).map(([namespace, limit]) => ({ namespace, limit })),
        ...(quota.others !== undefined && { others: quota.others }),
      },
    }),
    ...(onRemoval && { onRemoval }),
  };
}

/** Undefined: the pool serves every Service. */
export function poolAllocation({ serviceAllocation }: Pool): PoolAllocation | undefined {
  if (!serviceAllocation) return undefined;
  const { priority, namespaces, namespaceSelectors, serviceSelectors } = serviceAllocation;
  return {
    priority,
    namespaces: [...namespaces],
    namespaceSelectors: namespaceSelectors.map(selectorText),
    serviceSelectors: serviceSelectors.map(selectorText),
  };
}

/** As `kubectl get -l` takes it; an empty one selects everything. */
function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  const terms = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values }) => {
      if (operator === "Exists") return key;
      if (operator === "DoesNotExist") return `!${key}`;
      return `${key} ${operator === "In" ? "in" : "notin"} (${values.join(",")})`;
    }),
  ];
  return terms.length === 0 ? "*" : terms.join(",");
}
