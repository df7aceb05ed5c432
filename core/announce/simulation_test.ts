/** Random events at several speakers that are told the same facts, each compared with the election done whole. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Config, L2Advertisement } from "#core/config/mod.ts";
import { type Prefix, parsePrefix, prefixToRange } from "#core/net/mod.ts";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";
import {
  AddressGroups,
  type AnnouncedService,
  Announcements,
  electLayer2,
  type Layer2Election,
  type NodeFacts,
  type SpeakerFacts,
  spreadOf,
} from "./mod.ts";

const names = ["iris1", "iris2", "iris3", "iris4", "iris5"];
const addresses = Array.from({ length: 8 }, (_, index) => `192.168.1.${240 + index}`);
const prefix = (text: string) => parsePrefix(text) as Prefix;
const connected = [prefix("192.168.1.0/24")];

const exclude = "node.kubernetes.io/exclude-from-external-load-balancers";
/** The first five times out of six. */
const mostly = <T>(usual: T, other: T): T[] => [usual, usual, usual, usual, usual, other];
const factsOf = fc.record({
  interfaces: fc.constantFrom<SpeakerFacts["interfaces"]>(
    [{ name: "eth0", connected }],
    [{ name: "eth0", connected }],
    [{ name: "eth0", connected }],
    [
      { name: "eth0", connected: [] },
      { name: "eth1", connected },
    ],
    [],
  ),
  isTruncated: fc.constantFrom(...mostly(false, true)),
  stableSince: fc.integer({ min: 0, max: 2_000 }),
  flaps: fc.constantFrom(0, 0, 0, 2, 3, 5),
  isAnswering: fc.constantFrom(...mostly(true, false)),
});
const nodeOf = (name: string, areCapable: fc.Arbitrary<boolean>) =>
  fc.record({
    name: fc.constant(name),
    labels: fc.constantFrom<Record<string, string>>(
      {},
      {},
      { zone: "a" },
      { zone: "a" },
      { zone: "b" },
      { [exclude]: "" },
    ),
    networkUnavailable: fc.constantFrom(...mostly(false, true)),
    hasSpeaker: fc.constantFrom(true, true, true, false),
    isDraining: fc.constantFrom(...mostly(false, true)),
    facts: areCapable.chain((is) => (is ? factsOf : fc.constant(undefined))),
  });
const policyOf = fc.record({
  failbackAfterMs: fc.constantFrom(0, 0, 60_000, 600_000, Number.POSITIVE_INFINITY),
  isSpread: fc.boolean(),
  requiresConnectedRoute: fc.boolean(),
  endpointDelayMs: fc.constantFrom(0, 2_000, 60_000),
});
const selector = (zone: string) => ({ matchLabels: { zone }, matchExpressions: [] });
const advertisementOf = (name: string) =>
  fc.record({
    name: fc.constant(name),
    pools: fc.constant(new Set(["first-pool"])),
    nodeSelectors: fc.constantFrom<L2Advertisement["nodeSelectors"]>(
      [],
      [],
      [selector("a")],
      [selector("b")],
    ),
    serviceSelectors: fc.constant([]),
    interfaces: fc.constantFrom<string[]>([], [], ["eth0"], ["eth1", "eth9"]),
    preferredNodeSelectors: fc.constantFrom<L2Advertisement["preferredNodeSelectors"]>(
      [],
      [],
      [{ weight: 5, preference: selector("b") }],
    ),
    policy: fc.option(policyOf, { nil: undefined }),
  });
const steps = (areCapable: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant("service" as const),
        service: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        ingress: fc.subarray(addresses, { maxLength: 2 }),
        policy: fc.constantFrom<"Cluster" | "Local">("Cluster", "Cluster", "Local"),
        sharing: fc.constantFrom<Record<string, string>>({}, { "metallb.io/allow-shared-ip": "key" }),
      }),
      fc.record({
        kind: fc.constant("endpoints" as const),
        service: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        nodes: fc.subarray(names),
      }),
      fc.record({
        kind: fc.constant("incumbent" as const),
        service: fc.constantFrom("a", "b", "c", "d", "e", "f"),
        node: fc.constantFrom(undefined, ...names),
      }),
      fc.record({
        kind: fc.constant("node" as const),
        node: fc.constantFrom(...names).chain((name) => nodeOf(name, areCapable)),
      }),
      fc.record({
        kind: fc.constant("clock" as const),
        seconds: fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.constantFrom(1, 2, 30, 60)),
      }),
      fc.record({
        kind: fc.constant("config" as const),
        ads: fc
          .tuple(advertisementOf("x"), advertisementOf("y"))
          .chain((ads) => fc.subarray(ads, { minLength: 1 })),
      }),
    ),
    { minLength: 5, maxLength: 40 },
  );
type Step = typeof steps extends (areCapable: fc.Arbitrary<boolean>) => fc.Arbitrary<readonly (infer One)[]>
  ? One
  : never;

/** The facts as they are, and the speakers that are told them. */
class Ring {
  readonly services = new Map<string, ServiceView>();
  readonly endpoints = new Map<string, EndpointView[]>();
  readonly incumbents = new Map<string, string>();
  /** When each node's first endpoint of a Service was seen, but for those of the start. */
  readonly since = new Map<string, Map<string, number>>();
  readonly #arrived: [service: string, node: string][] = [];
  #decidedMs: number | undefined;
  readonly groups = new AddressGroups();
  readonly speakers: ReadonlyMap<string, Announcements>;
  nodes: NodeFacts[];
  ads: readonly L2Advertisement[] = [];
  nowMs = 1_000_000;

  constructor(nodes: NodeFacts[], ad: Partial<L2Advertisement> = {}) {
    this.nodes = nodes;
    const options = (node: string) => ({ node, ignoreExcludeLabel: false });
    this.speakers = new Map(nodes.map(({ name }) => [name, new Announcements(options(name))]));
    this.setAds([
      {
        name: "x",
        pools: new Set(["first-pool"]),
        nodeSelectors: [],
        serviceSelectors: [],
        interfaces: [],
        preferredNodeSelectors: [],
        ...ad,
      },
    ]);
    this.#tell((speaker) => speaker.setNodes(nodes));
  }

  setAds(ads: readonly L2Advertisement[]): void {
    this.ads = ads;
    const range = prefixToRange(prefix("192.168.1.0/24"));
    const pool = { name: "first-pool", labels: {}, ranges: [range], autoAssign: true, avoidBuggyIPs: false };
    const config: Config = {
      pools: [pool],
      l2Advertisements: ads,
      bgpAdvertisements: [],
      peers: [],
      bfdProfiles: [],
    };
    this.#tell((speaker) => speaker.setConfig(config));
  }

  setService(
    name: string,
    ingress: readonly string[],
    policy: "Cluster" | "Local" = "Cluster",
    annotations: Record<string, string> = {},
  ): void {
    const view: ServiceView = {
      namespace: "default",
      name,
      uid: name,
      creationTimestampMs: 0,
      labels: {},
      annotations,
      type: "LoadBalancer",
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      externalTrafficPolicy: policy,
      selector: {},
      ports: [],
      ingress,
    };
    this.services.set(name, view);
    this.groups.set(name, ingress);
    this.#tell((speaker) => speaker.setService(name, view));
  }

  setEndpoints(name: string, nodes: readonly string[]): void {
    const endpoints = nodes.map((nodeName) => ({ addresses: ["10.244.0.2"], nodeName, canServe: true }));
    const had = (this.endpoints.get(name) ?? []).map(({ nodeName }) => nodeName as string);
    for (const node of had) if (!nodes.includes(node)) this.since.get(name)?.delete(node);
    for (const node of nodes) if (!had.includes(node)) this.#arrived.push([name, node]);
    this.endpoints.set(name, endpoints);
    this.#tell((speaker) => speaker.setEndpoints(name, endpoints));
  }

  setIncumbent(name: string, node: string | undefined): void {
    if (node === undefined) this.incumbents.delete(name);
    else this.incumbents.set(name, node);
    this.#tell((speaker) => speaker.setIncumbent(name, node));
  }

  setNode(node: NodeFacts): void {
    this.nodes = this.nodes.map((each) => (each.name === node.name ? node : each));
    this.#tell((speaker) => speaker.setNodes(this.nodes));
  }

  take(step: Step): void {
    if (step.kind === "service") this.setService(step.service, step.ingress, step.policy, step.sharing);
    else if (step.kind === "endpoints") this.setEndpoints(step.service, step.nodes);
    else if (step.kind === "incumbent") this.setIncumbent(step.service, step.node);
    else if (step.kind === "clock") this.nowMs += step.seconds * 1_000;
    else if (step.kind === "config")
      this.setAds(step.ads.map(({ policy, ...ad }) => ({ ...ad, ...(policy && { policy }) })));
    else {
      const { facts, ...node } = step.node;
      this.setNode({ ...node, ...(facts && { facts }) });
    }
  }

  decide(): void {
    // A clock that was set back tells nothing of ages.
    if (this.#decidedMs !== undefined && this.nowMs < this.#decidedMs) this.since.clear();
    for (const [service, node] of this.#arrived.splice(0)) {
      if (this.#decidedMs === undefined) continue;
      this.since.set(service, (this.since.get(service) ?? new Map()).set(node, this.nowMs));
    }
    this.#decidedMs = this.nowMs;
    for (const speaker of this.speakers.values()) speaker.decide(this.nowMs);
  }

  /** By the election done whole: of each group's first address. */
  elections(): Map<string, { addresses: readonly string[]; election: Layer2Election }> {
    const cluster = { nodes: this.nodes, ignoreExcludeLabel: false };
    const groups = new Map(
      [...this.groups.services()].map((service) => {
        const group = this.groups.groupOf(service) as NonNullable<ReturnType<AddressGroups["groupOf"]>>;
        const services = group.services.map((name) => this.#announced(name));
        const incumbent = group.services.map((name) => this.incumbents.get(name)).find((node) => node);
        return [group.firstAddress, { ...group, services, ...(incumbent && { incumbent }) }] as const;
      }),
    );
    const spread = spreadOf(groups.values(), this.ads, cluster, this.nowMs);
    return new Map(
      [...groups].map(([first, { services, addresses, incumbent }]) => {
        const place = spread.get(first);
        const facts = { ...(incumbent && { incumbent }), ...(place && { spread: place }) };
        const election = electLayer2(services, first, this.ads, cluster, facts, this.nowMs);
        return [first, { addresses, election }];
      }),
    );
  }

  /** Nodes that announce the address, by their own decision. */
  announcers(address: string): string[] {
    return [...this.speakers].flatMap(([name, speaker]) =>
      [...speaker.layer2()].some((entry) => entry.address === address && entry.place === "first")
        ? [name]
        : [],
    );
  }

  #announced(name: string): AnnouncedService {
    const view = this.services.get(name) as ServiceView;
    const since = this.since.get(name);
    const endpoints = this.endpoints.get(name) ?? [];
    return { view, pool: "first-pool", endpoints, ...(since && { endpointsSince: since }) };
  }

  #tell(change: (speaker: Announcements) => void): void {
    for (const speaker of this.speakers.values()) change(speaker);
  }
}

function expectAgreement(ring: Ring): void {
  const expected = new Map<string, Layer2Election>();
  for (const { addresses, election } of ring.elections().values()) {
    for (const address of addresses) expected.set(address, election);
  }
  for (const [name, speaker] of ring.speakers) {
    const isAlive = ring.nodes.some((node) => node.name === name && node.hasSpeaker);
    const entries = [...speaker.layer2()];
    expect(entries.map(({ address }) => address).sort()).toEqual([...expected.keys()].sort());
    for (const entry of entries) {
      const { winner, ranking } = expected.get(entry.address) as Layer2Election;
      const rank = ranking.find(({ node }) => node === name)?.rank ?? 0;
      const place = !isAlive || rank === 0 ? "none" : (["first", "second"][rank - 1] ?? "later");
      expect(`${name} ${entry.address} ${entry.place}`).toBe(`${name} ${entry.address} ${place}`);
      if (place === "first" || place === "second") expect(entry.winner).toBe(winner as string);
    }
    const heirs = new Set(
      [...expected.values()].flatMap(({ winner, ranking }) =>
        winner === name ? ranking.filter(({ rank }) => rank === 2).map(({ node }) => node) : [],
      ),
    );
    expect(new Set(speaker.heirs())).toEqual(heirs);
    const behind = [...speaker.standby()].map(({ address, winner }) => `${address} ${winner}`).sort();
    expect(behind).toEqual(
      [...expected]
        .filter(([, { ranking }]) => ranking.some(({ node, rank }) => node === name && rank === 2))
        .map(([address, { winner }]) => `${address} ${winner}`)
        .sort(),
    );
  }
}

const plain = (name: string): NodeFacts => ({
  name,
  labels: {},
  networkUnavailable: false,
  hasSpeaker: true,
});
const start = () => new Ring(names.map(plain));

describe("every speaker by itself", () => {
  test.each<[string, fc.Arbitrary<boolean>]>([
    ["capable ones", fc.constant(true)],
    ["MetalLB's only", fc.constant(false)],
    ["a mixed ring", fc.constantFrom(true, true, true, true, false)],
  ])("names the winner of the whole election, at each step of any course of events: %s", (_, areCapable) => {
    fc.assert(
      fc.property(
        fc.tuple(...names.map((name) => nodeOf(name, areCapable))),
        steps(areCapable),
        (nodes, course) => {
          const ring = start();
          for (const [index, service] of ["a", "b", "c", "d", "e", "f"].entries()) {
            ring.setService(service, [addresses[index] as string]);
            ring.setEndpoints(service, names);
          }
          for (const { facts, ...node } of nodes) ring.setNode({ ...node, ...(facts && { facts }) });
          for (const step of course) {
            ring.take(step);
            ring.decide();
            expectAgreement(ring);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
