import { describe, expect, test } from "bun:test";
import { type Reason, reason, reasonText } from "#core/reason/mod.ts";
import type { PoolSummary } from "#server/ports.ts";
import { attention, type Troubles } from "./attention.ts";
import { missingRights } from "./missing_rights.ts";
import { session } from "./testing.ts";

const calm: Troubles = {
  cached: undefined,
  denials: [],
  isHolding: false,
  silentSpeakers: [],
  conflicts: [],
  foreign: [],
  ringBlocked: [],
  unannounced: [],
  pending: [],
  refusals: () => [],
  sessions: [session()],
  pools: [],
  issues: [],
  findings: [],
};

function pool(parts: Partial<PoolSummary> = {}): PoolSummary {
  return {
    name: "first-pool",
    ranges: [],
    autoAssign: true,
    avoidBuggyIPs: false,
    ipv4: { total: "10", used: 1 },
    ipv6: { total: "0", used: 0 },
    serviceCount: 1,
    l2Advertisements: ["example"],
    bgpAdvertisements: [],
    ...parts,
  };
}

const pendingWhy = reason("pool.exhausted", { pool: "first-pool", family: "IPv4", used: 10, total: 10 });
const waiting = (service: string) => ({
  service,
  why: pendingWhy,
  fullPools: ["first-pool"],
  at: 5,
});

describe("attention()", () => {
  test("is empty when nothing is wrong", () => {
    expect(attention({ ...calm, pools: [pool()] })).toEqual([]);
  });

  test("a right that is missing is said with what it is for, once for all speakers that lack it", () => {
    const denial = { verb: "list", resource: "nodes", since: 3, message: "nodes is forbidden" };
    const denials = missingRights(
      [{ verb: "create", resource: "events", since: 5, message: "events is forbidden" }],
      ["node4", "node1", "node2", "node3"].map((node) => ({ node, denials: [denial] })),
    );
    const items = attention({ ...calm, denials });
    expect(items.map(({ severity, kind, why }) => `${severity} ${kind} ${why && reasonText(why)}`)).toEqual([
      "critical forbidden speaker node1, node2, node3 (+1) may not list nodes: nodes are not seen, so no announcer is elected after a restart of the speaker",
      "warning forbidden controller may not create events: what happens is told by no event; logs and the console tell it nevertheless",
    ]);
  });

  test("puts what harms most first and links to what it speaks of", () => {
    const items = attention({
      ...calm,
      cached: { since: 7, problem: "ECONNREFUSED" },
      silentSpeakers: [{ node: "node2", problem: "connection refused", at: 3 }],
      pending: [waiting("shop/web")],
      issues: [
        {
          kind: "IPAddressPool",
          name: "bad",
          path: "spec.addresses[0]",
          code: "x",
          message: "spec.addresses[0]: no range",
        },
      ],
      sessions: [session({ state: "Active", lastError: { at: 1, text: "Bad Peer AS" }, since: 2 })],
    });
    expect(items.map(({ severity, kind, href }) => `${severity} ${kind} ${href}`)).toEqual([
      "critical api-away /",
      "critical speaker-silent /speakers",
      "critical session-down /bgp",
      "warning service-pending /services/shop/web",
      "warning config-rejected /configuration",
    ]);
    expect(items[0]).toMatchObject({ text: "ECONNREFUSED", since: 7 });
    expect(items[2]?.text).toBe("Active: Bad Peer AS");
    expect(items[3]?.why).toEqual(pendingWhy);
    expect(items[4]?.text).toBe("spec.addresses[0]: no range");
  });

  test.each([
    [{ ipv4: { total: "10", used: 8 } }, []],
    [{ ipv4: { total: "10", used: 9 } }, ["warning pool-nearly-full"]],
    [{ ipv4: { total: "10", used: 10 } }, ["warning pool-full"]],
    [{ ipv4: { total: "10", used: 6, reserved: 3, cooling: 1 } }, ["warning pool-full"]],
    [{ l2Advertisements: [] }, ["critical pool-unadvertised"]],
    [{ l2Advertisements: [], serviceCount: 0 }, ["warning pool-unadvertised"]],
    [{ ipv4: { total: "0", used: 0 }, ipv6: { total: String(1n << 64n), used: 3 } }, []],
  ])("a pool with %j", (parts, expected) => {
    const items = attention({ ...calm, pools: [pool(parts)] });
    expect(items.map(({ severity, kind }) => `${severity} ${kind}`)).toEqual(expected);
  });

  test("a full pool that somebody waits for is critical, and says how many wait", () => {
    const pools = [pool({ ipv4: { total: "10", used: 10 } }), pool({ name: "calm" })];
    const items = attention({ ...calm, pools, pending: [waiting("shop/web"), waiting("shop/api")] });
    expect(items[0]).toMatchObject({
      severity: "critical",
      kind: "pool-full",
      subject: "first-pool",
      waiting: 2,
    });
    expect(items.filter(({ kind }) => kind === "pool-full")).toHaveLength(1);
  });

  test("what the sum of several pools' reasons is made of stands beside it", () => {
    const refusals = [{ pool: "gold", why: reason("pool.not-auto-assign", { pool: "gold" }) }];
    const why = reason("pool.all-failed", { details: "in English" });
    const pending = [{ service: "shop/web", why, fullPools: [], at: 1 }, waiting("shop/api")];
    const items = attention({
      ...calm,
      pending,
      refusals: (service) => (service === "shop/web" ? refusals : []),
    });
    expect(items.map((item) => item.refusals)).toEqual([refusals, undefined]);
  });

  test("many alike are one line with a count and a link to all; other reasons stay apart", () => {
    const pending = Array.from({ length: 4_000 }, (_, n) => waiting(`shop/web-${n}`));
    const other = { service: "shop/odd", why: reason("pool.none"), fullPools: [], at: 1 };
    const items = attention({ ...calm, pending: [...pending, other] });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ subject: "shop/web-0", count: 4_000, href: "/services?state=pending" });
    expect(items[1]).toMatchObject({ subject: "shop/odd", count: 1, href: "/services/shop/odd" });
  });

  test("an address without announcer is the network's trouble unless it has no endpoint", () => {
    const at = 1;
    const items = attention({
      ...calm,
      unannounced: [
        { service: "shop/a", why: reason("announce.no-endpoints"), at },
        { service: "shop/b", why: reason("announce.no-candidate"), at },
      ],
      conflicts: [{ address: "192.0.2.1", nodes: ["a", "b"], at }],
    });
    expect(items.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual([
      "critical 192.0.2.1",
      "critical shop/b",
      "warning shop/a",
    ]);
  });

  test("tells what lint finds, but an unadvertised pool only once", () => {
    const finding = (kind: string, name: string, why: Reason) =>
      ({ severity: "warning", kind, name, path: "spec", why }) as const;
    const items = attention({
      ...calm,
      findings: [
        finding("IPAddressPool", "lan", reason("lint.gateway", { range: "r", address: "a" })),
        finding("IPAddressPool", "lan", reason("lint.pool-unadvertised")),
        finding("Service", "shop/web", reason("lint.local-without-selector", { address: "a", other: "o" })),
      ],
    });
    expect(items.map(({ kind, subject, href, why }) => `${kind} ${subject} ${href} ${why?.code}`)).toEqual([
      "config-lint IPAddressPool lan /configuration lint.gateway",
      "config-lint shop/web /services/shop/web lint.local-without-selector",
    ]);
  });

  test("names the other host of a conflict, its MAC and ours, since when", () => {
    const conflict = { address: "192.0.2.1", mac: "02:00:00:00:00:99", ownMac: "02:00:00:00:00:01" };
    const heard = { interface: "eth0", node: "node1", since: 7, lastAt: 9 };
    const [item] = attention({ ...calm, foreign: [{ ...conflict, ...heard, phase: "owned" }] });
    expect(item).toMatchObject({ severity: "critical", kind: "address-conflict", since: 7 });
    expect(item?.why).toEqual(reason("conflict.owned", { ...conflict, interface: "eth0", node: "node1" }));
    expect(item?.href).toBe("/layer2?search=192.0.2.1");
  });

  test("warns of a ring port that is blocked, and of many in one line", () => {
    const blocked = (count: number) =>
      attention({
        ...calm,
        ringBlocked: Array.from({ length: count }, (_, index) => ({ node: `node${index}`, port: 7947 })),
      });
    expect(blocked(1)).toMatchObject([{ severity: "warning", href: "/speakers/node0", count: 1 }]);
    expect(blocked(9)).toMatchObject([{ severity: "warning", href: "/speakers", count: 9 }]);
  });
});
