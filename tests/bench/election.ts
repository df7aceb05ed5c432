/** What one speaker decides at layer 2 among 10,000 Services: at first, when a node dies, and when it is back. */
import { Announcements, type NodeFacts } from "#core/announce/mod.ts";
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
    "a node dies",
    "moved",
    "it is back",
    "moved",
    "one Service changes, us",
    "heap MB",
  ],
  rows,
);

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
  const death = decideAfter(nodes("node2"));
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
