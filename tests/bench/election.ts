/** What one speaker decides at layer 2 among 10,000 Services: at first, when its neighbour dies, and when it is back. */
import { Announcements, type NodeFacts, spreadOf } from "#core/announce/mod.ts";
import type { Config } from "#core/config/mod.ts";
import { nthAddress, pool, view } from "./examples.ts";
import { costOf, heapBytes, table } from "./measure.ts";

const services = 10_000;

const config: Config = {
  pools: [pool("first-pool", "10.0.0.0/16")],
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
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
};

const rows = [3, 100, 1_000].map(measure);
table(
  `${services.toLocaleString("en")} Services, one speaker's decisions: CPU ms, and how many announcements moved`,
  [
    "nodes",
    "first decision",
    "a neighbour dies",
    "moved",
    "it is back",
    "moved",
    "one Service changes, us",
    "heap MB",
  ],
  rows,
);
table(
  "The plan of bounded spread over the same, which every speaker makes anew at each change: CPU ms",
  ["nodes", "plan"],
  [3, 100, 1_000].map(spread),
);

function spread(count: number): number[] {
  const facts = { interfaces: [], isTruncated: true, stableSince: 0, flaps: 0, isAnswering: true };
  const nodes = Array.from({ length: count }, (_, index): NodeFacts => {
    return { name: `node${index + 1}`, labels: {}, networkUnavailable: false, hasSpeaker: true, facts };
  });
  const endpoints = [{ addresses: ["10.244.1.1"], nodeName: "node1", canServe: true }];
  const groups = Array.from({ length: services }, (_, index) => {
    const firstAddress = nthAddress("10.0.0.0", index);
    const service = { pool: "first-pool", endpoints, view: view(index, { ingress: [firstAddress] }) };
    return { firstAddress, services: [service] };
  });
  const policy = { failbackAfterMs: 0, isSpread: true, requiresConnectedRoute: false, endpointDelayMs: 0 };
  const ads = config.l2Advertisements.map((ad) => ({ ...ad, policy }));
  const { cpuMs } = costOf(() => void spreadOf(groups, ads, { nodes, ignoreExcludeLabel: false }, 0));
  return [count, cpuMs];
}

function measure(count: number): number[] {
  const nodes = (dead?: string): NodeFacts[] =>
    Array.from({ length: count }, (_, index) => {
      const name = `node${index + 1}`;
      return { name, labels: {}, networkUnavailable: false, hasSpeaker: name !== dead };
    });
  const before = heapBytes();
  const announcements = new Announcements({ node: "node1", ignoreExcludeLabel: false });
  announcements.setConfig(config);
  announcements.setNodes(nodes());
  for (let index = 0; index < services; index++) {
    const key = `default/s${index}`;
    announcements.setService(key, view(index, { ingress: [nthAddress("10.0.0.0", index)] }));
    announcements.setEndpoints(key, [{ addresses: ["10.244.1.1"], nodeName: "node1", canServe: true }]);
  }
  const first = costOf(() => void announcements.decide(0));
  const heap = heapBytes() - before;

  let moved = 0;
  const decideAfter = (facts: readonly NodeFacts[]) =>
    costOf(() => {
      announcements.setNodes(facts);
      moved = announcements.decide(0).layer2.length;
    }).cpuMs;
  // Of whom it inherits most.
  const behind = [...announcements.standby()].map(({ winner }) => winner ?? "");
  const inherited = (name: string) => behind.filter((each) => each === name).length;
  const [neighbour = "node2"] = [...new Set(behind)].toSorted((a, b) => inherited(b) - inherited(a));
  const death = decideAfter(nodes(neighbour));
  const movedByDeath = moved;
  const back = decideAfter(nodes());
  const movedBack = moved;

  const changes = 100;
  const one = costOf(() => {
    for (let index = 0; index < changes; index++) {
      const endpoint = { addresses: ["10.244.1.2"], nodeName: "node1", canServe: true };
      announcements.setEndpoints(`default/s${index}`, [endpoint]);
      announcements.decide(0);
    }
  });
  const oneUs = (one.cpuMs * 1e3) / changes;
  return [count, first.cpuMs, death, movedByDeath, back, movedBack, oneUs, heap / 2 ** 20];
}
