import { describe, expect, test } from "bun:test";
import { parseConfig } from "#core/config/mod.ts";
import type { EndpointView, NodeView } from "#core/service/mod.ts";
import { ServiceBook } from "#core/service/mod.ts";
import type { VersionedService } from "#k8s/mod.ts";
import { explain } from "./explain.ts";
import { configOf, serviceOf } from "./testing.ts";
import { World } from "./world.ts";

const pools = [configOf("IPAddressPool", "first-pool", { addresses: ["192.0.2.0/28"] })];
const layer2 = configOf("L2Advertisement", "l2", {});
const bgp = configOf("BGPAdvertisement", "bgp", {});

function world(advertisements: { l2?: boolean; bgp?: boolean }, speakers = ["node1", "node2", "node3"]) {
  const { config } = parseConfig({
    pools,
    l2Advertisements: advertisements.l2 ? [layer2] : [],
    bgpAdvertisements: advertisements.bgp ? [bgp] : [],
    peers: [],
    bfdProfiles: [],
    communities: [],
  });
  const book = new ServiceBook();
  book.setPools(config.pools);
  book.startAllocating();
  const views = new Map<string, VersionedService>();
  const endpoints = new Map<string, EndpointView[]>();
  const alive = new Set(speakers);
  const nodes: NodeView[] = ["node1", "node2", "node3"].map((name) => ({
    name,
    labels: {},
    networkUnavailable: false,
    internalIPs: [],
  }));
  const made = new World({
    book,
    services: { get: (key) => views.get(key) },
    nodes: { values: () => nodes.values() },
    endpoints: { of: (key) => endpoints.get(key) ?? [] },
    speakers: {
      livesOn: (node) => alive.has(node),
      factsOn: () => undefined,
      announcerOf: () => undefined,
    },
    clock: { now: () => 0 },
    config: () => config,
  });
  const add = (name: string, ready = true, parts: Partial<VersionedService> = {}) => {
    const view = serviceOf({ name, uid: name, ...parts });
    const key = `default/${name}`;
    views.set(key, view);
    endpoints.set(key, [{ addresses: ["10.1.0.1"], nodeName: "node2", canServe: ready }]);
    book.upsert(view);
    made.serviceChanged(key);
    const decision = book.decision(key);
    if (!decision) throw new Error(`No decision for ${key}`);
    return decision;
  };
  return { world: made, add, alive, book, views };
}

describe("World", () => {
  test("whyUnannounced() names what is missing, the nearest cause first", () => {
    const bare = world({});
    expect(bare.world.whyUnannounced(bare.add("web")).code).toBe("announce.no-advertisement");
    const one = world({ l2: true });
    expect(one.world.whyUnannounced(one.add("web", false)).code).toBe("announce.no-endpoints");
    expect(one.world.whyUnannounced(one.add("dns")).code).toBe("announce.not-yet");
    const silent = world({ l2: true }, []);
    expect(silent.world.whyUnannounced(silent.add("web")).code).toBe("announce.no-candidate");
    const routed = world({ bgp: true }, []);
    expect(routed.world.whyUnannounced(routed.add("web")).code).toBe("announce.speaker-absent");
    expect(routed.world.whyUnannounced(routed.add("dns", false)).code).toBe("announce.no-endpoints");
  });

  test("an election is remembered, and made anew when speakers or the Service change", () => {
    const { world: made, add, alive, views, book } = world({ l2: true });
    const [address = ""] = add("web").addresses;
    const first = made.election(address);
    expect(made.election(address)).toBe(first);
    alive.delete(first?.winner ?? "");
    made.factsChanged();
    expect(made.election(address)?.winner).not.toBe(first?.winner);

    views.delete("default/web");
    book.remove("default/web");
    made.serviceChanged("default/web");
    expect(made.election(address)).toBeUndefined();
  });

  test("explain() goes from the pool over advertisement and nodes to the announcer", () => {
    const { world: made, add } = world({ l2: true, bgp: true }, ["node1", "node2"]);
    const steps = explain(add("web"), made);
    const told = steps.map(({ stage, verdict, why }) => `${stage} ${verdict} ${why.code}`);
    expect(told).toContain("advertisement chosen announce.selected");
    expect(told).toContain("announcer chosen announce.won");
    expect(told).toContain("node skipped announce.lost");
    expect(told).toContain("node blocked announce.speaker-absent");
    expect(told).toContain("announcer chosen announce.over-bgp");
    const stages = steps.map(({ stage }) => stage);
    expect(stages.indexOf("advertisement")).toBeLessThan(stages.indexOf("announcer"));
  });

  test("explain() says that no advertisement selects the pool", () => {
    const { world: made, add } = world({});
    expect(explain(add("web"), made).at(-1)).toMatchObject({
      stage: "advertisement",
      subject: "first-pool",
      verdict: "blocked",
    });
  });
});
