import { expect, test } from "bun:test";
import { parseConfig } from "#core/config/mod.ts";
import { poolAllocation, poolPolicies } from "./pool_policies.ts";

function parsed(annotations: Record<string, string>, spec: object = {}) {
  const { config, issues } = parseConfig({
    pools: [
      {
        kind: "IPAddressPool",
        metadata: { name: "first-pool", namespace: "metallb-system", annotations },
        spec: { addresses: ["192.168.1.240-192.168.1.250"], ...spec },
      },
    ],
    l2Advertisements: [],
    bgpAdvertisements: [],
    peers: [],
    bfdProfiles: [],
    communities: [],
  });
  const [pool] = config.pools;
  if (!pool) throw new Error(JSON.stringify(issues));
  return pool;
}

test("poolPolicies() says what the annotations ask for", () => {
  const pool = parsed({
    "metallb.io/exclude-addresses": "192.168.1.245, 192.168.1.247-192.168.1.248",
    "metallb.io/reservations": "shop/web=192.168.1.241",
    "metallb.io/reserved-by-services": "ops/dns=192.168.1.242",
    "metallb.io/reuse-after": "10m",
    "metallb.io/quota-per-namespace": "team-a=10,*=5",
    "metallb.io/on-removal": "keep",
  });
  expect(poolPolicies(pool)).toEqual({
    excluded: ["192.168.1.245", "192.168.1.247-192.168.1.248"],
    reservations: [
      { namespace: "shop", name: "web", addresses: ["192.168.1.241"], by: "pool" },
      { namespace: "ops", name: "dns", addresses: ["192.168.1.242"], by: "service" },
    ],
    reuseAfterMs: 600_000,
    quota: { namespaces: [{ namespace: "team-a", limit: 10 }], others: 5 },
    onRemoval: "keep",
  });
});

test("poolPolicies() and poolAllocation() are undefined where nothing is asked for", () => {
  expect(poolPolicies(parsed({}))).toBeUndefined();
  expect(poolAllocation(parsed({}))).toBeUndefined();
});

test("poolAllocation() writes selectors as kubectl takes them", () => {
  const serviceAllocation = {
    priority: 10,
    namespaces: ["team-a"],
    namespaceSelectors: [{ matchLabels: { tier: "gold" } }],
    serviceSelectors: [
      {
        matchLabels: { exposure: "public" },
        matchExpressions: [
          { key: "zone", operator: "NotIn", values: ["a", "b"] },
          { key: "beta", operator: "DoesNotExist" },
        ],
      },
    ],
  };
  expect(poolAllocation(parsed({}, { serviceAllocation }))).toEqual({
    priority: 10,
    namespaces: ["team-a"],
    namespaceSelectors: ["tier=gold"],
    serviceSelectors: ["exposure=public,zone notin (a,b),!beta"],
  });
});
