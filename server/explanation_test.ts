import { describe, expect, test } from "bun:test";
import { reason } from "#core/reason/mod.ts";
import { summaryOf } from "./explanation.ts";
import { words } from "./i18n/mod.ts";
import type { ServiceDetail } from "./ports.ts";

const web: ServiceDetail = {
  namespace: "shop",
  name: "web",
  addresses: ["192.0.2.1"],
  pool: "first-pool",
  ports: ["80/TCP"],
  externalTrafficPolicy: "Cluster",
  endpointsReady: 1,
  announcers: [],
  createdAt: 0,
  trace: [],
  events: [],
};
const bgp = (...nodes: string[]) => nodes.map((node) => ({ node, protocol: "bgp" as const }));
const kept = reason("address.kept-excluded", { pool: "first-pool", address: "192.0.2.1" });

describe("summaryOf()", () => {
  test.each<[string, Partial<ServiceDetail>, string]>([
    [
      "is announced",
      { announcers: [{ node: "node1", protocol: "layer2" }, ...bgp("node1", "node2", "node3")] },
      "shop/web has 192.0.2.1 from pool “first-pool”, announced by node1 (layer 2), 3 nodes (BGP).",
    ],
    [
      "is announced by nobody",
      { pending: reason("announce.no-endpoints") },
      "shop/web has 192.0.2.1 from pool “first-pool”, but nobody announces it: the Service has no endpoint that is ready.",
    ],
    [
      "is not announced yet",
      {},
      "shop/web has 192.0.2.1 from pool “first-pool”, but nobody announces it yet.",
    ],
    [
      "keeps its address",
      {
        announcers: bgp("node1"),
        trace: [{ stage: "address", subject: "192.0.2.1", verdict: "noted", why: kept }],
      },
      'shop/web has 192.0.2.1 from pool “first-pool”, announced by node1 (BGP); pool "first-pool" excludes address 192.0.2.1 by now; the Service keeps it until it gives it up itself.',
    ],
    [
      "waits",
      { addresses: [], pending: reason("pool.not-auto-assign", { pool: "gold" }) },
      'shop/web waits for an address: pool "gold" has autoAssign: false, so it serves only Services that ask for it.',
    ],
    ["is being decided", { addresses: [] }, "shop/web waits for an address: being decided."],
  ])("says of a Service that it %s", (_, parts, expected) => {
    expect(summaryOf({ ...web, ...parts }, words("en"))).toBe(expected);
  });

  test("speaks the reader's language, also of each pool that has nothing to give", () => {
    const refusals = ["a", "b"].map((pool) => ({
      pool,
      why: reason("pool.exhausted", { pool, family: "IPv4", used: 1, total: "1" }),
    }));
    const pending = reason("pool.all-failed", { details: "in English" });
    const { pool: _, ...rest } = web;
    expect(summaryOf({ ...rest, addresses: [], pending, refusals }, words("ko"))).toBe(
      'shop/web 서비스가 주소를 기다립니다: "a" 풀에 남은 IPv4 주소가 없습니다. 1개 중 1개를 쓰고 있습니다. "b" 풀에 남은 IPv4 주소가 없습니다. 1개 중 1개를 쓰고 있습니다.',
    );
  });
});
