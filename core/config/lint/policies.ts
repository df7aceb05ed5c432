import { type ReasonCode, reason } from "#core/reason/mod.ts";
import { l2PolicyAnnotations } from "../l2_policy.ts";
import { matchesAnySelector } from "../selector.ts";
import type { Config, L2Advertisement } from "../types.ts";
import type { ConfigFinding, LintFacts } from "./types.ts";

/** What one L2Advertisement asks of the election in vain, for another one of the same Services asks otherwise. */
export function lintPolicies({ l2Advertisements }: Config, facts: LintFacts): ConfigFinding[] {
  return l2Advertisements.flatMap((ad) => {
    const others = l2Advertisements.filter((other) => other !== ad);
    const failbackMs = (each: L2Advertisement) => each.policy?.failbackAfterMs ?? 0;
    const find = (name: keyof typeof l2PolicyAnnotations, code: ReasonCode, isInTheWay: Judge) => {
      for (const other of others) {
        const pool = isInTheWay(other) ? sharedPool(ad, other, facts) : undefined;
        if (pool !== undefined) return [finding(ad.name, name, code, other.name, pool)];
      }
      return [];
    };
    return [
      ...find("failback", "lint.failback-differs", (other) => failbackMs(other) > failbackMs(ad)),
      ...(ad.policy?.isSpread
        ? find("spread", "lint.spread-partial", (other) => !other.policy?.isSpread)
        : []),
    ];
  });
}

type Judge = (other: L2Advertisement) => boolean;

/** A pool of which both select a Service: any that select by labels, one that is there. */
function sharedPool(
  a: L2Advertisement,
  b: L2Advertisement,
  { services = [] }: LintFacts,
): string | undefined {
  const shared = [...a.pools].filter((pool) => b.pools.has(pool)).sort();
  if (a.serviceSelectors.length === 0 && b.serviceSelectors.length === 0) return shared[0];
  return shared.find((each) =>
    services.some(
      ({ pool, labels, addresses }) =>
        pool === each &&
        addresses.length > 0 &&
        matchesAnySelector(a.serviceSelectors, labels) &&
        matchesAnySelector(b.serviceSelectors, labels),
    ),
  );
}

function finding(
  name: string,
  annotation: keyof typeof l2PolicyAnnotations,
  code: ReasonCode,
  other: string,
  pool: string,
): ConfigFinding {
  const path = `metadata.annotations["${l2PolicyAnnotations[annotation]}"]`;
  return { severity: "warning", kind: "L2Advertisement", name, path, why: reason(code, { other, pool }) };
}
