import fc from "fast-check";
import type { Resource } from "#core/config/mod.ts";
import type { ServiceView } from "#core/service/mod.ts";

/** `team/…` is the other namespace. The number says when it was created, where that does not matter. */
export const names = ["s1", "s2", "s3", "s4", "s5", "team/t1", "team/t2", "team/t3"];
export const name = fc.constantFrom(...names);

export type Spec = Partial<ServiceView>;

export const spec: fc.Arbitrary<Spec> = fc
  .record({
    type: fc.constantFrom("LoadBalancer", "LoadBalancer", "LoadBalancer", "LoadBalancer", "ClusterIP"),
    stack: fc.constantFrom<Spec>(
      {},
      {},
      {},
      { clusterIPs: ["fd00::1"], ipFamilies: ["IPv6"] },
      {
        clusterIPs: ["10.96.0.1", "fd00::1"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "PreferDualStack",
      },
      {
        clusterIPs: ["10.96.0.1", "fd00::1"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "RequireDualStack",
      },
    ),
    key: fc.constantFrom("", "", "", "k"),
    port: fc.constantFrom(80, 443, 53),
    asked: fc.constantFrom("", "", "", "", "", "10.0.0.1", "10.0.1.0"),
    pool: fc.constantFrom("", "", "", "", "a", "b"),
    reserve: fc.constantFrom(false, false, false, true),
  })
  .map(({ type, stack, key, port, asked, pool, reserve }) => ({
    type,
    ...stack,
    ports: [{ name: "", protocol: "TCP", port }],
    annotations: {
      ...(key && { "metallb.io/allow-shared-ip": key }),
      ...(asked && { "metallb.io/loadBalancerIPs": asked }),
      ...(pool && { "metallb.io/address-pool": pool }),
      ...(reserve && { "metallb.io/reserve": "true" }),
    },
  }));

const ranges: Readonly<Record<string, readonly string[][]>> = {
  // The last one overlaps b: where both are there, one of them is rejected.
  a: [
    ["10.0.0.0/30"],
    ["10.0.0.0/29"],
    ["10.0.0.1-10.0.0.2"],
    ["10.0.0.2-10.0.0.5", "10.0.0.0/31"],
    ["10.0.1.0/30"],
  ],
  b: [
    ["10.0.1.0/31", "2001:db8::/127"],
    ["10.0.1.1-10.0.1.3", "2001:db8::/126"],
  ],
};

/** The second pool's, too; an annotation that does not fit its addresses rejects the pool. */
const policies: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { "exclude-addresses": "10.0.0.1" },
  { "exclude-addresses": "10.0.1.1,2001:db8::1" },
  { reservations: "default/s1=10.0.0.1" },
  { reservations: "default/s2=10.0.1.1,2001:db8::1 team/t1=10.0.1.1" },
  { "reuse-after": "5s" },
  { "reuse-after": "5s", "quota-per-namespace": "default=2,*=1", "on-removal": "keep" },
  { "quota-per-namespace": "1" },
  { "on-removal": "keep" },
  { "on-removal": "release" },
];

export type PoolObjects = readonly Resource[];

function poolObject(poolName: "a" | "b"): fc.Arbitrary<Resource> {
  return fc
    .record({
      addresses: fc.constantFrom(...(ranges[poolName] ?? [])),
      annotations: fc.constantFrom(...policies),
      avoidBuggyIPs: fc.constantFrom(false, false, false, true),
      autoAssign: fc.constantFrom(true, true, true, false),
    })
    .map(({ annotations, ...rest }) => ({
      kind: "IPAddressPool",
      metadata: {
        name: poolName,
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([key, value]) => [`metallb.io/${key}`, value]),
        ),
      },
      spec: rest,
    }));
}

export const pools: fc.Arbitrary<PoolObjects> = fc
  .record({
    a: fc.option(poolObject("a"), { freq: 5 }),
    b: fc.option(poolObject("b"), { freq: 3 }),
  })
  .map(({ a, b }) => [a, b].filter((each) => each !== null));
