import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Config, Pool } from "#core/config/mod.ts";
import { parseAddress } from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";
import { Announcements, electLayer2, type Layer2Change, type NodeFacts, RouteTable } from "./mod.ts";

const address = (text: string) => parseAddress(text) ?? { family: "ipv4" as const, value: 0n };
const config: Config = {
  pools: [
    {
      name: "first-pool",
      labels: {},
      ranges: [{ first: address("192.168.1.240"), last: address("192.168.1.250") }],
      autoAssign: true,
      avoidBuggyIPs: false,
    },
  ],
  l2Advertisements: [
    {
      name: "l2",
      pools: new Set(["first-pool"]),
      nodeSelectors: [],
      serviceSelectors: [],
      interfaces: [],
      preferredNodeSelectors: [],
    },
  ],
  bgpAdvertisements: [
    {
      name: "bgp",
      pools: new Set(["first-pool"]),
      nodeSelectors: [],
      serviceSelectors: [],
      aggregationLength: 32,
      aggregationLengthV6: 128,
      communities: [],
      peers: [],
    },
  ],
  peers: [],
  bfdProfiles: [],
};
const nodes = (...alive: string[]): NodeFacts[] =>
  ["node1", "node2", "node3"].map((name) => ({
    name,
    labels: {},
    networkUnavailable: false,
    hasSpeaker: alive.includes(name),
  }));
const view = (name: string, ingress: string[], policy: "Cluster" | "Local" = "Cluster"): ServiceView => ({
  namespace: "default",
  name,
  uid: name,
  creationTimestampMs: 0,
  labels: {},
  annotations: {},
  type: "LoadBalancer",
  clusterIPs: ["10.96.0.1"],
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
  externalTrafficPolicy: policy,
  selector: {},
  ports: [],
  ingress,
});
const on = (...names: string[]): EndpointView[] =>
  names.map((nodeName) => ({ addresses: ["10.244.0.2"], nodeName, canServe: true }));
const names = ["node1", "node2", "node3"];
const start = (node = "node1") => {
  const announcements = new Announcements({ node, ignoreExcludeLabel: false });
  announcements.setConfig(config);
  announcements.setNodes(nodes(...names));
  return announcements;
};
/** The same facts at every node, and what each makes of them. */
const everywhere = (names: readonly string[], change: (at: Announcements) => void) => {
  const speakers = new Map(names.map((name) => [name, start(name)]));
  const tell = (next: (at: Announcements) => void) =>
    new Map(
      [...speakers].map(([name, at]) => {
        next(at);
        return [name, at.decide(0).layer2] as const;
      }),
    );
  tell(change);
  const places = () =>
    new Map([...speakers].map(([name, at]) => [name, [...at.layer2()].map(({ place }) => place)]));
  const at = (place: string) => [...places()].flatMap(([name, [own]]) => (own === place ? [name] : []));
  return { tell, at };
};
const winners = (changes: readonly Layer2Change[]) =>
  changes.map((change) => [change.address, change.before?.winner, change.after?.winner]);

describe("Announcements", () => {
  test("decides when a Service has both an address and an endpoint, and again only on change", () => {
    const announcements = start();
    announcements.setService("default/demo", view("demo", ["192.168.1.240"]));
    expect(announcements.decide(0).layer2[0]?.after?.blocked?.code).toBe("announce.no-endpoints");
    announcements.setEndpoints("default/demo", on("node1"));
    const { layer2, routes } = announcements.decide(0);
    expect(layer2[0]?.after?.place).toMatch(/^(first|second|later)$/);
    expect(routes.map((route) => route.service)).toEqual(["default/demo"]);
    announcements.setEndpoints("default/demo", on("node1", "node2"));
    expect(announcements.decide(0)).toMatchObject({ layer2: [], routes: [] });
  });

  test("the heir takes an address when its announcer dies, gives it back, and each names the other", () => {
    const { tell, at } = everywhere(names, (speaker) => {
      speaker.setService("default/demo", view("demo", ["192.168.1.240"]));
      speaker.setEndpoints("default/demo", on("node1"));
    });
    const [[winner = "", ...more], [heir = ""]] = [at("first"), at("second")];
    expect(more).toEqual([]);
    const others = names.filter((name) => name !== winner);
    const taken = tell((speaker) => speaker.setNodes(nodes(...others)));
    expect(at("first")).toEqual([heir]);
    expect(winners(taken.get(heir) ?? [])).toEqual([["192.168.1.240", winner, heir]]);
    const back = tell((speaker) => speaker.setNodes(nodes(...names)));
    expect(at("first")).toEqual([winner]);
    expect(winners(back.get(heir) ?? [])).toEqual([["192.168.1.240", heir, winner]]);
  });

  test("the last in line learns from whom it takes, though nobody told it who was first", () => {
    const { tell, at } = everywhere(names, (speaker) => {
      speaker.setService("default/demo", view("demo", ["192.168.1.240"]));
      speaker.setEndpoints("default/demo", on("node1"));
    });
    const [[winner = ""], [last = ""]] = [at("first"), at("later")];
    const taken = tell((speaker) => speaker.setNodes(nodes(last)));
    expect(winners(taken.get(last) ?? [])).toEqual([["192.168.1.240", winner, last]]);
  });

  test("the addresses of a dual-stack Service, and of one that shares one of them, have one winner always", () => {
    const [pool] = config.pools as [Pool];
    const ranges = [...pool.ranges, { first: address("fd00:1::240"), last: address("fd00:1::250") }];
    const one = ["192.168.1.245", "fd00:1::245"];
    for (const ingress of [one, one.toReversed()]) {
      const announcements = start();
      announcements.setConfig({ ...config, pools: [{ ...pool, ranges }] });
      announcements.setService("default/dual", view("dual", ingress));
      announcements.setService("default/shared", view("shared", ["fd00:1::245"]));
      announcements.setEndpoints("default/dual", on("node1"));
      announcements.setEndpoints("default/shared", on("node2"));
      for (const alive of [["node1", "node2", "node3"], ["node1", "node2"], ["node2", "node3"], ["node3"]]) {
        announcements.setNodes(nodes(...alive));
        announcements.decide(0);
        const entries = [...announcements.layer2()];
        expect(entries.map((entry) => entry.address).sort()).toEqual(one);
        expect(new Set(entries.map(({ place, winner }) => `${place} ${winner}`)).size).toBe(1);
      }
    }
  });

  test("withdraws when the Service goes, changes type or loses its address", () => {
    const cases: [string, ServiceView | undefined][] = [
      ["deleted", undefined],
      ["ClusterIP", { ...view("demo", ["192.168.1.240"]), type: "ClusterIP" }],
      ["no address", view("demo", [])],
    ];
    for (const [, after] of cases) {
      const announcements = start();
      announcements.setEndpoints("default/demo", on("node1"));
      announcements.setService("default/demo", view("demo", ["192.168.1.240"]));
      announcements.setNodes(nodes("node1"));
      announcements.decide(0);
      announcements.setService("default/demo", after);
      const { layer2, routes } = announcements.decide(0);
      expect(winners(layer2)).toEqual([["192.168.1.240", "node1", undefined]]);
      expect(routes[0]?.after).toEqual([]);
      expect([...announcements.layer2()]).toEqual([]);
    }
  });

  test.each<[string, Partial<Config>, boolean]>([
    ["its pool shrank", { pools: [{ ...(config.pools[0] as Pool), ranges: [] }] }, true],
    ["its pool is gone, and an advertisement covers every pool", { pools: [] }, true],
    [
      "its pool is gone, and an advertisement names it",
      {
        pools: [],
        l2Advertisements: config.l2Advertisements.map((ad) => ({
          ...ad,
          pools: new Set(),
          ipAddressPools: ["first-pool"],
        })),
      },
      true,
    ],
    [
      "its pool is gone, and advertisements name others",
      {
        pools: [],
        l2Advertisements: config.l2Advertisements.map((ad) => ({
          ...ad,
          pools: new Set(),
          ipAddressPools: ["other"],
        })),
      },
      false,
    ],
  ])("a Service that keeps its address stays announced: %s", (_, change, isAnnounced) => {
    const announcements = start();
    announcements.setEndpoints("default/demo", on("node1"));
    const kept = {
      ...view("demo", ["192.168.1.240"]),
      annotations: { "metallb.io/ip-allocated-from-pool": "first-pool" },
    };
    announcements.setService("default/demo", kept);
    announcements.decide(0);
    announcements.setNodes(nodes("node1"));
    announcements.setConfig({ ...config, ...change });
    announcements.decide(0);
    expect([...announcements.layer2()][0]?.winner !== undefined).toBe(isAnnounced);
  });

  test("announces no address that is in no pool and came from none", () => {
    const announcements = start();
    announcements.setEndpoints("default/demo", on("node1"));
    announcements.setService("default/demo", view("demo", ["10.9.9.9"]));
    const { layer2, routes } = announcements.decide(0);
    expect(layer2[0]?.after?.winner).toBeUndefined();
    expect(routes).toEqual([]);
  });

  const step = fc.oneof(
    fc.record({
      kind: fc.constant("service" as const),
      name: fc.constantFrom("a", "b", "c"),
      ingress: fc.constantFrom<string[]>(
        [],
        ["192.168.1.240"],
        ["192.168.1.241"],
        ["192.168.1.240", "192.168.1.241"],
      ),
      policy: fc.constantFrom("Cluster" as const, "Local" as const),
    }),
    fc.record({
      kind: fc.constant("endpoints" as const),
      name: fc.constantFrom("a", "b", "c"),
      nodes: fc.subarray(["node1", "node2", "node3"]),
    }),
    fc.record({ kind: fc.constant("nodes" as const), alive: fc.subarray(["node1", "node2", "node3"]) }),
  );

  test("step by step ends where deciding everything at once ends", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const stepwise = start();
        const table = new RouteTable();
        const atOnce = start();
        for (const each of steps) {
          for (const target of [stepwise, atOnce]) {
            if (each.kind === "service") {
              target.setService(`default/${each.name}`, view(each.name, each.ingress, each.policy));
            } else if (each.kind === "endpoints")
              target.setEndpoints(`default/${each.name}`, on(...each.nodes));
            else target.setNodes(nodes(...each.alive));
          }
          for (const change of stepwise.decide(0).routes) table.apply(change);
        }
        const whole = new RouteTable();
        for (const change of atOnce.decide(0).routes) whole.apply(change);
        // To whom an address was lost is told once, and not how it was first used.
        const byAddress = (entries: Announcements) =>
          [...entries.layer2()]
            .map(({ winner, blocked, isProbed: _, ...entry }) => ({
              ...entry,
              ...(entry.place === "first" || entry.place === "second" ? { winner, blocked } : {}),
            }))
            .toSorted((a, b) => (a.address < b.address ? -1 : 1));
        expect(byAddress(stepwise)).toEqual(byAddress(atOnce));
        expect([...table.prefixes()].sort()).toEqual([...whole.prefixes()].sort());
        for (const prefix of whole.prefixes()) {
          expect(table.routeFor(prefix, "router")).toEqual(whole.routeFor(prefix, "router"));
          expect(table.servicesOf(prefix)).toEqual(whole.servicesOf(prefix));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("RouteTable", () => {
  const prefix = { address: address("192.168.1.240"), length: 32 };
  const route = (communities: string[], peers: string[] = [], localPref?: number) => ({
    prefix,
    advertisement: "x",
    peers,
    communities,
    ...(localPref === undefined ? {} : { localPref }),
  });

  test("unites communities of Services behind one prefix and keeps it until the last goes", () => {
    const table = new RouteTable();
    table.apply({ service: "a/one", before: [], after: [route(["64500:1"], [], 50)] });
    expect([...table.apply({ service: "a/two", before: [], after: [route(["64500:2"], [], 200)] })]).toEqual([
      "192.168.1.240/32",
    ]);
    expect(table.routeFor("192.168.1.240/32", "any")).toEqual({
      prefix,
      communities: ["64500:1", "64500:2"],
      localPref: 200,
    });
    table.apply({ service: "a/two", before: [route([])], after: [] });
    expect(table.routeFor("192.168.1.240/32", "any")?.communities).toEqual(["64500:1"]);
    table.apply({ service: "a/one", before: [route([])], after: [] });
    expect(table.routeFor("192.168.1.240/32", "any")).toBeUndefined();
    expect([...table.prefixes()]).toEqual([]);
  });

  test("sends a route only to the peers its advertisement names", () => {
    const table = new RouteTable();
    table.apply({
      service: "a/one",
      before: [],
      after: [route(["64500:1"], ["router1"]), route(["64500:2"])],
    });
    expect(table.routeFor("192.168.1.240/32", "router1")?.communities).toEqual(["64500:1", "64500:2"]);
    expect(table.routeFor("192.168.1.240/32", "router2")?.communities).toEqual(["64500:2"]);
  });
});

describe("story 18: with metallb.io/endpoint-delay", () => {
  const facts = { interfaces: [], isTruncated: true, stableSince: 0, flaps: 0, isAnswering: true };
  const policy = {
    failbackAfterMs: 0,
    isSpread: false,
    requiresConnectedRoute: false,
    endpointDelayMs: 5_000,
  };
  const delayed: Config = {
    ...config,
    l2Advertisements: config.l2Advertisements.map((ad) => ({ ...ad, policy })),
  };
  const capable = nodes(...names).map((node) => ({ ...node, facts }));
  const vip = "192.168.1.240";
  const order = ["node1", "node2", "node3"].toSorted((a, b) => {
    const digest = (name: string) => new Bun.CryptoHasher("sha256").update(`${name}#${vip}`).digest();
    return Buffer.compare(digest(a), digest(b));
  }) as [string, string, string];
  const [first, second, third] = order;
  /** Speakers whose clocks say the same; who announces, by their own decisions. */
  const ring = (members: NodeFacts[] = capable) => {
    const speakers = new Map(names.map((name) => [name, start(name)]));
    const all = (tell: (at: Announcements) => void) => speakers.forEach(tell);
    all((at) => {
      at.setConfig(delayed);
      at.setNodes(members);
      at.setService("default/demo", view("demo", [vip], "Local"));
    });
    const leads = (nowMs: number) => {
      all((at) => at.decide(nowMs));
      return [...speakers].flatMap(([name, at]) =>
        [...at.layer2()].some(({ place }) => place === "first") ? [name] : [],
      );
    };
    const endpoints = (...where: string[]) => all((at) => at.setEndpoints("default/demo", on(...where)));
    return { leads, endpoints, speakers };
  };

  test("a node that just got its first local endpoint takes the address only after the delay", () => {
    const { leads, endpoints, speakers } = ring();
    endpoints(third);
    expect(leads(1_000)).toEqual([third]);
    endpoints(third, first);
    expect(leads(10_000)).toEqual([third]);
    expect(speakers.get(first)?.nextDeadline()).toBe(15_000);
    expect(leads(14_999)).toEqual([third]);
    expect(leads(15_000)).toEqual([first]);
    expect(speakers.get(first)?.nextDeadline()).toBeUndefined();
  });

  test("the last candidate is never dropped: the only endpoint is served from at once", () => {
    const { leads, endpoints } = ring();
    endpoints(third);
    leads(1_000);
    endpoints(first);
    expect(leads(10_000)).toEqual([first]);
    endpoints(first, second);
    expect(leads(10_500)).toEqual([first]);
  });

  test("an endpoint that replaces another on its node without a break is not new; one after a break is", () => {
    const { leads, endpoints } = ring();
    endpoints(first, third);
    expect(leads(1_000)).toEqual([first]);
    endpoints(first, first, third);
    endpoints(first, third);
    expect(leads(10_000)).toEqual([first]);
    endpoints(third);
    expect(leads(20_000)).toEqual([third]);
    endpoints(first, third);
    expect(leads(20_100)).toEqual([third]);
    expect(leads(25_100)).toEqual([first]);
  });

  test("who announces a new Service keeps it from a node whose endpoint is younger still", () => {
    const { leads, endpoints, speakers } = ring();
    leads(500);
    endpoints(third);
    expect(leads(1_000)).toEqual([third]);
    for (const at of speakers.values()) at.setIncumbent("default/demo", third);
    endpoints(third, first);
    expect(leads(1_500)).toEqual([third]);
    expect(leads(6_499)).toEqual([third]);
    expect(leads(6_500)).toEqual([first]);
  });

  test("is not heeded in a ring with MetalLB's speakers", () => {
    const { leads, endpoints } = ring(nodes(...names));
    endpoints(third);
    leads(1_000);
    endpoints(third, first);
    expect(leads(10_000)).toEqual([first]);
  });

  test("the election says until when a node is passed over, and why", () => {
    const services = [
      {
        view: view("demo", [vip], "Local"),
        pool: "first-pool",
        endpoints: on(first, third),
        endpointsSince: new Map([[first, 10_000]]),
      },
    ];
    const cluster = { nodes: capable, ignoreExcludeLabel: false };
    const { winner, ranking } = electLayer2(services, vip, delayed.l2Advertisements, cluster, {}, 12_000);
    expect(winner).toBe(third);
    expect(ranking.map(({ node, why }) => [node, reasonText(why)]).slice(0, 2)).toEqual([
      [third, expect.stringContaining("metallb.io/endpoint-delay")],
      [first, expect.stringContaining("until 1970-01-01T00:00:15Z (metallb.io/endpoint-delay)")],
    ]);
  });
});
