import { expect, test } from "bun:test";
import fc from "fast-check";
import { rangesOverlap } from "#core/net/mod.ts";
import { none, object } from "./fixtures.ts";
import { type ConfigResources, parseConfig, type Resource } from "./mod.ts";

const kinds = {
  pools: "IPAddressPool",
  l2Advertisements: "L2Advertisement",
  bgpAdvertisements: "BGPAdvertisement",
  peers: "BGPPeer",
  bfdProfiles: "BFDProfile",
  communities: "Community",
} as const;
type List = keyof typeof kinds;

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 });
const name = fc.constantFrom("a", "b", "c", "d", "e");
const specs: Record<List, fc.Arbitrary<unknown>> = {
  pools: fc.record({
    addresses: fc.array(
      fc.constantFrom(
        "10.0.0.0/30",
        "10.0.0.2-10.0.0.9",
        "10.0.0.8/29",
        "10.0.1.0/24",
        "2001:db8::/126",
        "nonsense",
      ),
      { maxLength: 3 },
    ),
  }),
  l2Advertisements: fc.record({ ipAddressPools: fc.array(name, { maxLength: 2 }) }),
  bgpAdvertisements: fc.record({
    ipAddressPools: fc.array(name, { maxLength: 2 }),
    localPref: some(fc.constantFrom(100, 200)),
    aggregationLength: some(fc.constantFrom(24, 30, 32)),
    communities: fc.array(fc.constantFrom("x", "1:1"), { maxLength: 1 }),
  }),
  peers: fc.record({
    myASN: fc.constantFrom(0, 1),
    peerASN: fc.constant(2),
    peerAddress: fc.constant("10.0.0.1"),
    bfdProfile: some(name),
  }),
  bfdProfiles: fc.record({ echoMode: fc.boolean(), detectMultiplier: some(fc.constantFrom(1, 3)) }),
  communities: fc.record({ communities: fc.constant([{ name: "x", value: "1:2" }]) }),
};

function resources(list: List): fc.Arbitrary<Resource[]> {
  return fc.uniqueArray(
    fc
      .tuple(name, fc.integer({ min: 1, max: 3 }), specs[list])
      .map(([name, day, spec]) => object(kinds[list], name, spec, day)),
    { selector: ({ metadata }) => metadata.name, size: "max", maxLength: 5 },
  );
}

const world: fc.Arbitrary<ConfigResources> = fc.record(
  Object.fromEntries((Object.keys(kinds) as List[]).map((list) => [list, resources(list)])) as Record<
    List,
    fc.Arbitrary<Resource[]>
  >,
);

test("parseConfig() does not depend on the order of the lists", () => {
  fc.assert(
    fc.property(world, (resources) => {
      const reversed = Object.fromEntries(
        Object.entries(resources).map(([list, all]) => [list, (all as Resource[]).toReversed()]),
      ) as unknown as ConfigResources;
      expect(parseConfig(reversed)).toEqual(parseConfig(resources));
    }),
  );
});

test("parseConfig() accepts or rejects each object, and its own answer again changes nothing", () => {
  fc.assert(
    fc.property(world, (resources) => {
      const { config, issues } = parseConfig(resources);
      for (const list of [
        "pools",
        "peers",
        "bfdProfiles",
        "l2Advertisements",
        "bgpAdvertisements",
      ] as const) {
        const accepted = config[list].map(({ name }) => name);
        const rejected = issues.filter(({ kind }) => kind === kinds[list]).map(({ name }) => name);
        expect([...accepted, ...new Set(rejected)].sort()).toEqual(
          resources[list].map(({ metadata }) => metadata.name).sort(),
        );
      }
      const ranges = config.pools.flatMap((pool) => pool.ranges);
      for (const [at, range] of ranges.entries()) {
        expect(ranges.slice(at + 1).some((other) => rangesOverlap(range, other))).toBe(false);
      }
      expect(parseConfig(resources, config).config).toEqual(config);
    }),
  );
});

const fields = fc.constantFrom(
  ...[
    "addresses",
    "autoAssign",
    "serviceAllocation",
    "ipAddressPools",
    "ipAddressPoolSelectors",
    "nodeSelectors",
  ],
  ...[
    "serviceSelectors",
    "interfaces",
    "preferredNodeSelectors",
    "aggregationLength",
    "localPref",
    "communities",
  ],
  ...["peers", "myASN", "peerASN", "peerAddress", "holdTime", "routerID", "passwordSecret", "echoInterval"],
  ...["matchLabels", "matchExpressions", "key", "operator", "values", "name", "value", "weight", "priority"],
);
const junk = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fields, tie("value"), { maxKeys: 6 }),
  ),
})).value;

test("parseConfig() takes any JSON for a spec, and says what is wrong at a path inside it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...(Object.keys(kinds) as List[])), junk, (list, spec) => {
      const { issues } = parseConfig({
        ...none,
        [list]: [{ kind: kinds[list], metadata: { name: "a" }, spec }],
      });
      for (const { path, message } of issues) {
        expect(path).toStartWith("spec");
        expect(message).toStartWith(`${path}: `);
      }
    }),
    { numRuns: 1000 },
  );
});
