import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseAllDocuments, stringify } from "yaml";
import { type Config, parseConfig, type Resource } from "#core/config/mod.ts";
import { formatAddress, formatRange } from "#core/net/mod.ts";
import { convertText } from "./convert_text.ts";
import { sayFor } from "./texts.ts";

/** An old configuration as MetalLB 0.12 read it, and what that meant, written down side by side by the generator. */
interface Case {
  readonly old: unknown;
  readonly pools: readonly {
    name: string;
    ranges: string[];
    autoAssign: boolean;
    buggy: boolean;
    layer2: boolean;
    bgp: string[];
  }[];
  readonly peers: readonly string[];
}

const aliases = { "no-export": "65535:65281", backup: "64512:7" };
const communityNames = [...Object.keys(aliases), "64512:1", "1:65535"];

const advertisement = fc.record(
  {
    length: fc.integer({ min: 24, max: 32 }),
    localpref: fc.integer({ min: 1, max: 1000 }),
    communities: fc.uniqueArray(fc.constantFrom(...communityNames), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
type Advertisement = { length?: number; localpref?: number; communities?: string[] };

const meaningOf = ({ length = 32, localpref, communities = [] }: Advertisement) =>
  `/${length} ${localpref ?? "-"} ${communities.map((name) => aliases[name as "backup"] ?? name).sort()}`;

/** A range is covered by no shorter prefix than its own, so it is advertised address by address. */
const poolShape = fc
  .record({
    isRange: fc.boolean(),
    autoAssign: fc.option(fc.boolean(), { nil: undefined }),
    buggy: fc.option(fc.boolean(), { nil: undefined }),
    // Of one length only one local preference is accepted, and no two advertisements were equal.
    bgp: fc.option(fc.uniqueArray(advertisement, { maxLength: 3, selector: ({ length = 32 }) => length }), {
      nil: undefined,
    }),
  })
  .map(({ isRange, bgp, ...others }) => ({
    ...others,
    isRange,
    bgp: isRange ? bgp?.slice(0, 1).map(({ length: _, ...each }): Advertisement => each) : bgp,
  }));
const peerShape = fc.record({
  asns: fc.constantFrom([64512, 64512], [64512, 64513]),
  port: fc.option(fc.constantFrom(179, 1179), { nil: undefined }),
  hold: fc.option(fc.constantFrom(["120s", 120_000], ["1m30.9s", 90_000], ["0s", 0]), { nil: undefined }),
  password: fc.option(fc.constantFrom("secret", "0123", "yes", "1e3"), { nil: undefined }),
  node: fc.option(fc.constantFrom("node1", "node2"), { nil: undefined }),
});

const cases = fc.tuple(fc.array(poolShape, { maxLength: 5 }), fc.array(peerShape, { maxLength: 4 })).map(
  ([poolShapes, peerShapes]): Case => ({
    old: {
      "bgp-communities": aliases,
      "address-pools": poolShapes.map(({ isRange, autoAssign, buggy, bgp }, index) => ({
        name: `pool-${index}`,
        protocol: bgp ? "bgp" : "layer2",
        addresses: [isRange ? `10.${index}.0.10-10.${index}.0.99` : `10.${index}.0.0/24`],
        ...(autoAssign !== undefined && { "auto-assign": autoAssign }),
        ...(buggy !== undefined && { "avoid-buggy-ips": buggy }),
        ...(bgp && {
          "bgp-advertisements": bgp.map(({ length, ...others }) => ({
            ...others,
            ...(length !== undefined && { "aggregation-length": length }),
          })),
        }),
      })),
      peers: peerShapes.map(({ asns: [mine, theirs], port, hold, password, node }, index) => ({
        "my-asn": mine,
        "peer-asn": theirs,
        "peer-address": `10.99.0.${index + 1}`,
        ...(port !== undefined && { "peer-port": port }),
        ...(hold && { "hold-time": hold[0] }),
        ...(password !== undefined && { password }),
        ...(node !== undefined && { "node-selectors": [{ "match-labels": { name: node } }] }),
      })),
    },
    pools: poolShapes.map(({ isRange, autoAssign, buggy, bgp }, index) => ({
      name: `pool-${index}`,
      ranges: [isRange ? `10.${index}.0.10-10.${index}.0.99` : `10.${index}.0.0/24`],
      autoAssign: autoAssign ?? true,
      buggy: buggy ?? false,
      layer2: bgp === undefined,
      bgp: bgp ? (bgp.length > 0 ? bgp : [{}]).map(meaningOf).sort() : [],
    })),
    peers: peerShapes.map(
      ({ asns: [mine, theirs], port = 179, hold = ["90s", 90_000], password = "", node = "" }, index) =>
        `${mine} ${theirs} 10.99.0.${index + 1} ${port} ${hold?.[1]} ${password} ${node}`,
    ),
  }),
);

const kinds = {
  IPAddressPool: "pools",
  L2Advertisement: "l2Advertisements",
  BGPAdvertisement: "bgpAdvertisements",
  BGPPeer: "peers",
  BFDProfile: "bfdProfiles",
  Community: "communities",
} as const;

function parsed(yaml: string): Config {
  const objects = parseAllDocuments(yaml).map((each) => each.toJS() as Resource);
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const lists = Object.fromEntries(Object.entries(kinds).map(([kind, list]) => [list, of(kind)]));
  const { config, issues } = parseConfig(lists as Record<(typeof kinds)[keyof typeof kinds], Resource[]>);
  expect(issues).toEqual([]);
  return config;
}

test("the converted configuration means what the old one meant", () => {
  fc.assert(
    fc.property(cases, ({ old, pools, peers }) => {
      // As Go's YAML library would have written it: nothing quoted that need not be.
      const { yaml, isWhole } = convertText(stringify(old), { say: sayFor({}) });
      expect(isWhole).toBe(true);
      const config = parsed(yaml);
      expect(
        config.pools.map(({ name, ranges, autoAssign, avoidBuggyIPs }) => ({
          name,
          ranges: ranges.map(formatRange),
          autoAssign,
          buggy: avoidBuggyIPs,
          layer2: config.l2Advertisements.some((each) => each.pools.has(name)),
          bgp: config.bgpAdvertisements
            .filter((each) => each.pools.has(name))
            .map(
              ({ aggregationLength, localPref, communities }) =>
                `/${aggregationLength} ${localPref ?? "-"} ${[...communities].sort()}`,
            )
            .sort(),
        })),
      ).toEqual([...pools]);
      expect(
        config.peers.map(
          ({ myASN, peerASN, peerAddress, peerPort, holdTimeMs, password = "", nodeSelectors }) =>
            `${myASN} ${peerASN} ${peerAddress && formatAddress(peerAddress)} ${peerPort} ${holdTimeMs} ${password} ${nodeSelectors[0]?.matchLabels.name ?? ""}`,
        ),
      ).toEqual([...peers]);
    }),
    { numRuns: 200 },
  );
});
