import { describe, expect, test } from "bun:test";
import type { L2Advertisement, L2Policy } from "#core/config/mod.ts";
import { type Prefix, parsePrefix } from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import type { ServiceView } from "#core/service/mod.ts";
import {
  type AnnouncedService,
  areExtrasInForce,
  electLayer2,
  type GroupFacts,
  type NodeFacts,
  parseDrain,
  type SpeakerFacts,
} from "./mod.ts";
import { dampedUntilMs } from "./standing.ts";
import { utcText } from "./utc.ts";

const nowMs = Date.UTC(2026, 0, 31, 12);
const seconds = (ms: number) => Math.floor((nowMs - ms) / 1000);
const prefix = (text: string) => parsePrefix(text) as Prefix;
const facts = (more: Partial<SpeakerFacts> = {}): SpeakerFacts => ({
  interfaces: [{ name: "eth0", connected: [prefix("192.168.1.0/24")] }],
  isTruncated: false,
  stableSince: seconds(86_400_000),
  flaps: 0,
  isAnswering: true,
  ...more,
});
const address = "192.168.1.240";
/** In MetalLB's order over the address. */
const order = ["iris1", "iris2", "iris3"].toSorted((a, b) => {
  const digest = (name: string) => new Bun.CryptoHasher("sha256").update(`${name}#${address}`).digest();
  return Buffer.compare(digest(a), digest(b));
});
const [first = "", second = "", third = ""] = order;
/** Of the first in the order; the others are as they should be. */
const nodes = (ofFirst: Partial<NodeFacts> = {}, others: Partial<NodeFacts> = {}): NodeFacts[] =>
  order.map((name, index) => ({
    name,
    labels: {},
    networkUnavailable: false,
    hasSpeaker: true,
    facts: facts(),
    ...(index === 0 ? ofFirst : others),
  }));
const policy = (more: Partial<L2Policy>): L2Policy => ({
  failbackAfterMs: 0,
  isSpread: false,
  requiresConnectedRoute: false,
  endpointDelayMs: 0,
  ...more,
});
const ad = (more: Partial<L2Advertisement> = {}): L2Advertisement => ({
  name: "l2",
  pools: new Set(["p"]),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodeSelectors: [],
  ...more,
});
const service = (annotations: Record<string, string> = {}): AnnouncedService => ({
  pool: "p",
  endpoints: [{ addresses: ["10.0.0.1"], nodeName: "iris1", canServe: true }],
  view: {
    namespace: "default",
    name: "demo",
    externalTrafficPolicy: "Cluster",
    labels: {},
    annotations,
    ingress: [address],
  } as unknown as ServiceView,
});
const elect = (members: NodeFacts[], advertisement = ad(), group: GroupFacts = {}, at = nowMs) =>
  electLayer2(
    [service()],
    address,
    [advertisement],
    { nodes: members, ignoreExcludeLabel: false },
    group,
    at,
  );
const whyOf = (election: ReturnType<typeof elect>, node: string) => {
  const why = election.ranking.find((row) => row.node === node)?.why;
  return why && `${why.code}: ${reasonText(why)}`;
};

describe("extras of the election", () => {
  const [never, tenMinutes] = [
    policy({ failbackAfterMs: Number.POSITIVE_INFINITY }),
    policy({ failbackAfterMs: 600_000 }),
  ];
  const young = { facts: facts({ stableSince: seconds(60_000) }) };

  test.each<[string, NodeFacts[], L2Advertisement, GroupFacts, string, RegExp]>([
    [
      "no interface up",
      nodes({ facts: facts({ interfaces: [] }) }),
      ad(),
      {},
      second,
      /no-usable-interface: .* no interface that is up/,
    ],
    [
      "not the advertised interface",
      nodes({ facts: facts({ interfaces: [{ name: "eth7", connected: [] }] }) }),
      ad({ interfaces: ["eth0", "eth1"] }),
      {},
      second,
      /no-matching-interface: .*eth0, eth1/,
    ],
    [
      "a failed self-check",
      nodes({ facts: facts({ isAnswering: false }) }),
      ad(),
      {},
      second,
      /not-answering/,
    ],
    [
      "no connected route, where one is asked for",
      nodes({ facts: facts({ interfaces: [{ name: "eth0", connected: [prefix("10.0.0.0/8")] }] }) }),
      ad({ policy: policy({ requiresConnectedRoute: true }) }),
      {},
      second,
      /no-connected-route: .*192\.168\.1\.240/,
    ],
    ["drain", nodes({ isDraining: true }), ad(), {}, second, /draining: .*metallb\.io\/drain/],
    [
      "flapping",
      nodes({ facts: facts({ flaps: 4, stableSince: seconds(60_000) }) }),
      ad(),
      {},
      second,
      /damped: .*4 times .*until 2026-01-31T12:01:00Z/,
    ],
    [
      "failback never, another has it",
      nodes(),
      ad({ policy: never }),
      { incumbent: third },
      third,
      /incumbent-stays/,
    ],
    [
      "failback after 10m, stable for one, another has it",
      nodes(young),
      ad({ policy: tenMinutes }),
      { incumbent: third },
      second,
      /held-back: .*2026-01-31T12:09:00Z/,
    ],
    [
      "bounded spread",
      nodes(),
      ad({ policy: policy({ isSpread: true }) }),
      { spread: { first: third } },
      third,
      /spread-elsewhere/,
    ],
  ])(
    "story 17, 30: the first of the order is passed over for %s, and the reason says so",
    (_, members, advertisement, group, winner, why) => {
      const election = elect(members, advertisement, group);
      expect(election.winner).toBe(winner);
      expect(whyOf(election, first)).toMatch(why);
      expect(election.note).toBeUndefined();
    },
  );

  test.each<[string, NodeFacts[], L2Advertisement, GroupFacts]>([
    [
      "no route, where none is asked for",
      nodes({ facts: facts({ interfaces: [{ name: "eth0", connected: [] }] }) }),
      ad(),
      {},
    ],
    [
      "more interfaces than it could say",
      nodes({ facts: facts({ interfaces: [], isTruncated: true }) }),
      ad({ interfaces: ["eth9"] }),
      {},
    ],
    ["two losses", nodes({ facts: facts({ flaps: 2, stableSince: seconds(0) }) }), ad(), {}],
    ["many losses long ago", nodes({ facts: facts({ flaps: 9 }) }), ad(), {}],
    [
      "failback never and an announcer that is drained",
      order.map((name) => ({ ...(nodes()[0] as NodeFacts), name, isDraining: name === third })),
      ad({ policy: never }),
      { incumbent: third },
    ],
    [
      "failback never and an announcer that died",
      order.map((name) => ({ ...(nodes()[0] as NodeFacts), name, hasSpeaker: name !== third })),
      ad({ policy: never }),
      { incumbent: third },
    ],
    [
      "failback after 10m, and it has been stable for longer",
      nodes(),
      ad({ policy: tenMinutes }),
      { incumbent: third },
    ],
    ["failback immediate", nodes(young), ad({ policy: policy({}) }), { incumbent: third }],
  ])("the first of the order wins with %s", (_, members, advertisement, group) => {
    expect(elect(members, advertisement, group).winner).toBe(first);
  });

  test("story 12: the last candidate is never dropped, however it stands", () => {
    for (const alone of [
      { isDraining: true },
      { facts: facts({ isAnswering: false, interfaces: [] }) },
      { facts: facts({ flaps: 9, stableSince: seconds(0) }) },
    ]) {
      const election = elect(nodes(alone, { hasSpeaker: false }));
      expect(election.winner).toBe(first);
      expect(whyOf(election, first)).toMatch(/last-resort/);
    }
  });

  test("an unable node never wins over an able one, be that drained and damped", () => {
    const able = { isDraining: true, facts: facts({ flaps: 9, stableSince: seconds(0) }) };
    expect(elect(nodes({ facts: facts({ isAnswering: false }) }, able)).winner).toBe(second);
  });

  test("in a mixed ring nothing but MetalLB's order counts, and the election says why", () => {
    const members = nodes({ isDraining: true, facts: facts({ isAnswering: false, flaps: 9 }) });
    const mixed = members.map(({ facts: said, ...node }) =>
      node.name === third || !said ? node : { ...node, facts: said },
    );
    expect([areExtrasInForce(members), areExtrasInForce(mixed)]).toEqual([true, false]);
    const election = elect(mixed, ad({ policy: never }), { incumbent: third, spread: { first: third } });
    expect(election.ranking.map(({ node }) => node)).toEqual(order);
    expect(election.note).toMatchObject({ code: "announce.extras-off", params: { node: third, count: 1 } });
    const gone = mixed.map((node) => (node.name === third ? { ...node, hasSpeaker: false } : node));
    expect(elect(gone).winner).toBe(second);
  });

  test("of advertisements that ask differently the most conservative counts", () => {
    const both = [ad({ name: "a", policy: tenMinutes }), ad({ name: "b", policy: never })];
    const cluster = { nodes: nodes(), ignoreExcludeLabel: false };
    const election = (ads: L2Advertisement[], group: GroupFacts) =>
      electLayer2([service()], address, ads, cluster, group, nowMs).winner;
    expect(election(both, { incumbent: third })).toBe(third);
  });

  test("a Service that shares its address is not announced by advertisements that select Services, as in MetalLB", () => {
    const selecting = ad({ serviceSelectors: [{ matchLabels: {}, matchExpressions: [] }] });
    for (const name of ["metallb.io/allow-shared-ip", "metallb.universe.tf/allow-shared-ip"]) {
      const cluster = { nodes: nodes(), ignoreExcludeLabel: false };
      const { winner, blocked } = electLayer2([service({ [name]: "" })], address, [selecting], cluster);
      expect([winner, blocked?.code]).toEqual([undefined, "announce.shared-with-service-selectors"]);
    }
    expect(elect(nodes(), selecting).winner).toBe(first);
  });
});

describe("dampedUntilMs()", () => {
  test.each([
    [0, undefined],
    [2, undefined],
    [3, 60],
    [4, 120],
    [5, 240],
    [8, 1_920],
    [9, 3_600],
    [65_535, 3_600],
  ])("after %p losses a node waits for %p s of stability", (flaps, wait) => {
    const until = dampedUntilMs(facts({ flaps, stableSince: 1_000 }));
    expect(until).toBe(wait === undefined ? undefined : (1_000 + wait) * 1_000);
  });
});

describe("parseDrain()", () => {
  test.each<[string | undefined, unknown]>([
    [undefined, { isDraining: false }],
    ["true", { isDraining: true }],
    ["", { isDraining: true }],
    ["false", { isDraining: false }],
    ["yes", { wrong: expect.stringContaining('"true" to drain') }],
  ])("reads %p", (text, expected) => {
    expect(parseDrain(text === undefined ? {} : { "metallb.io/drain": text })).toEqual(expected as never);
  });
});

test("utcText() names any second as the platform's calendar does", () => {
  for (let at = 0; at < 4_102_444_800; at += 40_001_017) {
    expect(utcText(at * 1_000 + 999)).toBe(new Date(at * 1_000).toISOString().replace(".000", ""));
  }
});
