import type { PoolUse } from "#core/ipam/mod.ts";
import type { Family } from "#core/net/mod.ts";

/** metav1.Condition. */
interface Condition {
  type: string;
  status: "True" | "False";
  reason: string;
  message: string;
  lastTransitionTime: string;
}

/** The status of an IPAddressPool: MetalLB's four counters, and where there is something to say, ours. */
export interface PoolStatus {
  assignedIPv4: number;
  assignedIPv6: number;
  /** What the next Service may be given. */
  availableIPv4: number;
  availableIPv6: number;
  conditions: Condition[];
  /** Counts of addresses that are kept from others, such as `reservedIPv4`; only those that are not 0. */
  withheld?: Record<string, number>;
  /** Namespaces that hold addresses under a quota; at most {@link quotasMax}. */
  quotas?: { namespace: string; assigned: number; limit?: number }[];
}

const quotasMax = 100;
const families = [
  ["ipv4", "IPv4"],
  ["ipv6", "IPv6"],
] as const satisfies [Family, string][];

/** What the status must be. Time and words of a condition change only when the condition does. */
export function poolStatus(use: PoolUse, stored: unknown, now: number): PoolStatus {
  const { used, total, reserved, cooling, excluded, kept } = use;
  const available = (family: Family) =>
    count(total[family] - BigInt(used[family] + reserved[family] + cooling[family]));
  const withheld: Record<string, number> = {};
  for (const [what, counts] of Object.entries({ reserved, cooling, excluded, kept })) {
    for (const [family, name] of families)
      if (counts[family] > 0) withheld[`${what}${name}`] = count(counts[family]);
  }
  const exhausted = families
    .filter(([family]) => total[family] > 0n && available(family) === 0)
    .map(([, name]) => name);
  return {
    assignedIPv4: used.ipv4,
    assignedIPv6: used.ipv6,
    availableIPv4: available("ipv4"),
    availableIPv6: available("ipv6"),
    conditions: [exhaustedCondition(exhausted, stored, now)],
    ...(Object.keys(withheld).length > 0 && { withheld }),
    ...(use.quotas.length > 0 && {
      quotas: use.quotas.slice(0, quotasMax).map(({ namespace, held, limit }) => ({
        namespace,
        assigned: held,
        ...(Number.isFinite(limit) && { limit }),
      })),
    }),
  };
}

function exhaustedCondition(families: string[], stored: unknown, now: number): Condition {
  const isExhausted = families.length > 0;
  const condition = {
    type: "Exhausted",
    status: isExhausted ? "True" : "False",
    reason: isExhausted ? "NoFreeAddress" : "AddressesFree",
    message: isExhausted ? `no ${families.join(" and no ")} address is free` : "addresses are free",
  } as const;
  const before = (stored as Partial<PoolStatus> | undefined)?.conditions?.find(
    ({ type }) => type === condition.type,
  );
  const isSame = before?.status === condition.status;
  return {
    ...condition,
    lastTransitionTime: isSame
      ? before.lastTransitionTime
      : new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

/** As a JSON merge patch (RFC 7386): what is stored and no longer wanted is null. */
export function replacing(stored: unknown, wanted: PoolStatus): Record<string, unknown> {
  const before = (stored ?? {}) as Partial<PoolStatus>;
  const gone = Object.fromEntries(
    Object.keys(before)
      .filter((key) => !(key in wanted))
      .map((key) => [key, null]),
  );
  const withheld = wanted.withheld && {
    ...Object.fromEntries(Object.keys(before.withheld ?? {}).map((key) => [key, null])),
    ...wanted.withheld,
  };
  return { ...gone, ...wanted, ...(withheld && { withheld }) };
}

/** The fields are int64; beyond 2^53 - 1 a JSON number loses its last digits in most readers, so we stop there. */
function count(value: bigint | number): number {
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(BigInt(value) < largest ? value : largest);
}
