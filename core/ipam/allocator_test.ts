import { describe, expect, test } from "bun:test";
import type { LabelSelector } from "#core/config/mod.ts";
import {
  address,
  claimant,
  ipv4,
  ipv6,
  pool,
  preferDual,
  preferDual6,
  requireDual,
  selector,
  show,
  withPools,
} from "./fixtures.ts";
import { Allocator } from "./mod.ts";

describe("allocate()", () => {
  test("gives the lowest free address, and a released one again before any above it", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/30"]));
    const give = (name: string) => show(allocator.allocate(claimant(name), ipv4));
    expect(["a", "b", "c"].map(give)).toEqual(["a: 10.0.0.0", "a: 10.0.0.1", "a: 10.0.0.2"]);
    allocator.release("default/b");
    allocator.release("default/a");
    expect(["d", "e", "f", "g"].map(give)).toEqual([
      "a: 10.0.0.0",
      "a: 10.0.0.1",
      "a: 10.0.0.3",
      'pool "a" has no free IPv4 address: 4 of 4 are in use',
    ]);
  });

  test("takes ranges in the order in which they were declared", () => {
    const allocator = withPools(pool("a", ["10.0.0.8/31", "10.0.0.0/31"]));
    const given = ["a", "b", "c"].map((name) => show(allocator.allocate(claimant(name), ipv4)));
    expect(given).toEqual(["a: 10.0.0.8", "a: 10.0.0.9", "a: 10.0.0.0"]);
    allocator.release("default/b");
    expect(show(allocator.allocate(claimant("d"), ipv4))).toBe("a: 10.0.0.9");
  });

  test("steps over an address that was asked for by name, and gives it once it is released", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/30"]));
    allocator.allocateExactly(claimant("pinned"), [address("10.0.0.1")]);
    expect(show(allocator.allocate(claimant("a"), ipv4))).toBe("a: 10.0.0.0");
    expect(show(allocator.allocate(claimant("b"), ipv4))).toBe("a: 10.0.0.2");
    allocator.release("default/pinned");
    expect(show(allocator.allocate(claimant("c"), ipv4))).toBe("a: 10.0.0.1");
  });

  test("leaves .0 and .255 out under avoidBuggyIPs, and does not count them", () => {
    const allocator = withPools(pool("a", ["10.0.0.254-10.0.2.1"], { avoidBuggyIPs: true }));
    expect(show(allocator.allocate(claimant("a"), ipv4))).toBe("a: 10.0.0.254");
    expect(show(allocator.allocate(claimant("b"), ipv4))).toBe("a: 10.0.1.1");
    // .0.254, .1.1 to .1.254, .2.1
    expect(allocator.poolUse("a")).toMatchObject({ total: { ipv4: 256n, ipv6: 0n }, used: { ipv4: 2 } });
    expect(show(allocator.allocateExactly(claimant("c"), [address("10.0.1.255")]))).toBe(
      'address 10.0.1.255 ends in .0 or .255, which pool "a" avoids (avoidBuggyIPs)',
    );
  });

  test("counts a /48 beside others without overflow", () => {
    const allocator = withPools(pool("a", ["2001:db8::/48", "2001:db8:1::/112", "10.0.0.0/24"]));
    expect(allocator.poolUse("a")?.total).toEqual({ ipv4: 256n, ipv6: 2n ** 80n + 65536n });
  });

  test("asks pools by priority, then by name, and those with serviceAllocation before the others", () => {
    const only = (host: number) => [`10.0.0.${host}/32`];
    const allocator = withPools(
      pool("b", only(2)),
      pool("a", only(1)),
      pool("unset", only(5), { serviceAllocation: {} }),
      pool("twenty", only(4), { serviceAllocation: { priority: 20 } }),
      pool("ten-b", only(7), { serviceAllocation: { priority: 10 } }),
      pool("ten-a", only(6), { serviceAllocation: { priority: 10 } }),
      pool("reserved", only(8), { autoAssign: false }),
    );
    const order = [1, 2, 3, 4, 5, 6, 7].map(
      (n) => show(allocator.allocate(claimant(`s${n}`), ipv4)).split(":")[0],
    );
    expect(order.slice(0, 6)).toEqual(["ten-a", "ten-b", "twenty", "unset", "a", "b"]);
    expect(order[6]).toStartWith("no pool can serve this Service");
    expect(show(allocator.allocate(claimant("s8"), ipv4, "reserved"))).toBe("reserved: 10.0.0.8");
  });

  test.each([
    ["by name", { namespaces: ["default"] }, "a: 10.0.0.0"],
    ["by label", { namespaceSelectors: [selector({ team: "x" })] }, "a: 10.0.0.0"],
    [
      "by name or label",
      { namespaces: ["other"], namespaceSelectors: [selector({ team: "x" })] },
      "a: 10.0.0.0",
    ],
    ["another name", { namespaces: ["other"] }, 'pool "a" does not serve namespace "default"'],
    [
      "another label",
      { namespaceSelectors: [selector({ team: "y" })] },
      'pool "a" does not serve namespace "default"',
    ],
    ["Service label", { serviceSelectors: [selector({ app: "web" })] }, "a: 10.0.0.0"],
    [
      "another Service label",
      { serviceSelectors: [selector({ app: "db" })] },
      'pool "a" selects Services by labels that this one does not carry',
    ],
    [
      "one of two Service labels",
      { serviceSelectors: [selector({ app: "db" }), selector({ app: "web" })] },
      "a: 10.0.0.0",
    ],
    [
      "namespace and Service label, where only the Service's fits",
      { namespaceSelectors: [selector({ team: "y" })], serviceSelectors: [selector({ app: "web" })] },
      'pool "a" does not serve namespace "default"',
    ],
    [
      "namespace and Service label, where only the namespace's fits",
      { namespaces: ["default"], serviceSelectors: [selector({ app: "db" })] },
      'pool "a" selects Services by labels that this one does not carry',
    ],
  ])("serviceAllocation: %s, in all three ways of asking", (_, serviceAllocation, expected) => {
    const who = claimant("s", { labels: { app: "web" }, namespaceLabels: { team: "x" } });
    const fresh = () => withPools(pool("a", ["10.0.0.0/24"], { serviceAllocation }));
    expect(show(fresh().allocate(who, ipv4))).toBe(expected);
    expect(show(fresh().allocate(who, ipv4, "a"))).toBe(expected);
    expect(show(fresh().allocateExactly(who, [address("10.0.0.0")]))).toBe(expected);
    expect(fresh().adopt(who, [address("10.0.0.0")]).kept).toHaveLength(expected.startsWith("a:") ? 1 : 0);
  });

  test("of a namespace whose labels are not known matches no namespaceSelector", () => {
    const anything: LabelSelector = {
      matchLabels: {},
      matchExpressions: [{ key: "x", operator: "DoesNotExist", values: [] }],
    };
    const allocator = withPools(
      pool("a", ["10.0.0.0/24"], { serviceAllocation: { namespaceSelectors: [anything] } }),
    );
    expect(show(allocator.allocate(claimant("s", { namespaceLabels: undefined }), ipv4))).toContain(
      "does not serve",
    );
  });

  const v4 = pool("p-v4", ["10.4.0.0/24"]);
  const v6 = pool("p-v6", ["2001:db8:6::/120"]);
  const dual = pool("q-dual", ["2001:db8:2::/120", "10.2.0.0/24"]);
  test.each([
    ["IPv6", ipv6, [v4, v6, dual], "p-v6: 2001:db8:6::"],
    ["PreferDualStack: the pool with both", preferDual, [v4, v6, dual], "q-dual: 10.2.0.0 2001:db8:2::"],
    [
      "PreferDualStack: IPv4 first in status whatever comes first",
      preferDual6,
      [dual],
      "q-dual: 10.2.0.0 2001:db8:2::",
    ],
    ["PreferDualStack: else the primary family", preferDual, [v6, v4], "p-v4: 10.4.0.0"],
    ["PreferDualStack: else the primary family, IPv6", preferDual6, [v4, v6], "p-v6: 2001:db8:6::"],
    ["PreferDualStack: else the secondary", preferDual, [v6], "p-v6: 2001:db8:6::"],
    ["RequireDualStack", requireDual, [v4, v6, dual], "q-dual: 10.2.0.0 2001:db8:2::"],
    [
      "RequireDualStack: both or nothing",
      requireDual,
      [v4, v6],
      'no pool can serve this Service: pool "p-v4" has no IPv6 addresses; pool "p-v6" has no IPv4 addresses',
    ],
  ])("%s", (_, families, pools, expected) => {
    expect(show(withPools(...pools).allocate(claimant("s"), families))).toBe(expected);
  });

  test("a pinned pool of one family comes before an unpinned one of both, as in MetalLB", () => {
    const pinned = pool("pinned", ["10.9.0.0/24"], { serviceAllocation: {} });
    expect(show(withPools(dual, pinned).allocate(claimant("s"), preferDual))).toBe("pinned: 10.9.0.0");
  });

  test("says of each pool why it was skipped, and which was chosen", () => {
    const allocator = withPools(
      pool("full", ["10.0.0.0/32"]),
      pool("manual", ["10.0.1.0/32"], { autoAssign: false }),
      pool("other", ["10.0.2.0/32"], { serviceAllocation: { namespaces: ["shop"] } }),
      pool("room", ["10.0.3.0/32"]),
    );
    allocator.allocate(claimant("first"), ipv4);
    const { trace } = allocator.allocate(claimant("second"), ipv4);
    expect(trace.map(({ subject, verdict, why }) => `${subject} ${verdict} ${why.code}`)).toEqual([
      "other skipped pool.namespace-not-allowed",
      "full skipped pool.exhausted",
      "manual skipped pool.not-auto-assign",
      "room chosen pool.chosen",
    ]);
  });

  test("says what to wait for: pools that may serve, not those that never will", () => {
    const allocator = withPools(
      pool("full", ["10.0.0.0/32"]),
      pool("other", ["10.0.2.0/32"], { serviceAllocation: { namespaces: ["shop"] } }),
    );
    allocator.allocate(claimant("first"), ipv4);
    const result = allocator.allocate(claimant("second"), ipv4);
    expect("why" in result && result.waitsFor).toEqual({ pools: ["full"], addresses: [] });
  });

  test("of many pools names the first few", () => {
    const many = [1, 2, 3, 4, 5, 6].map((n) => pool(`p${n}`, [`2001:db8::${n}/128`]));
    expect(show(withPools(...many).allocate(claimant("s"), ipv4))).toEndWith(
      'pool "p4" has no IPv4 addresses; and 2 more pools',
    );
  });

  test("without pools, or from a pool that is not there, says so", () => {
    expect(show(new Allocator().allocate(claimant("s"), ipv4))).toStartWith("no IPAddressPool is configured");
    expect(show(withPools(v4, v6).allocate(claimant("s"), ipv4, "p-v5"))).toBe(
      'there is no IPAddressPool named "p-v5"; known pools: p-v4, p-v6',
    );
  });
});

describe("allocateExactly()", () => {
  const pools = [
    pool("a", ["10.0.0.0/24", "2001:db8::/120"]),
    pool("b", ["10.1.0.0/24", "2001:db8:1::/120"]),
  ];
  test.each([
    [["10.0.0.7"], undefined, "a: 10.0.0.7"],
    [["2001:db8::7", "10.0.0.7"], undefined, "a: 2001:db8::7 10.0.0.7"],
    [["10.0.0.7"], "a", "a: 10.0.0.7"],
    [["10.0.0.7"], "b", 'address 10.0.0.7 belongs to pool "a", but the Service asks for pool "b"'],
    [["10.0.0.7"], "c", 'there is no IPAddressPool named "c"; known pools: a, b'],
    [
      ["10.9.0.7"],
      undefined,
      "address 10.9.0.7 is in no IPAddressPool; known ranges: 10.0.0.0/24 (a), 2001:db8::/120 (a), 10.1.0.0/24 (b), 2001:db8:1::/120 (b)",
    ],
    [
      ["10.0.0.7", "2001:db8:1::7"],
      undefined,
      'address 10.0.0.7 is in pool "a", but 2001:db8:1::7 in pool "b"; both must come from one pool',
    ],
    [["10.0.0.1"], undefined, "address 10.0.0.1 is held by Service default/holder"],
    [["10.0.0.1", "2001:db8::9"], undefined, "address 10.0.0.1 is held by Service default/holder"],
  ])("%j from %p", (texts, poolName, expected) => {
    const allocator = withPools(...pools);
    allocator.allocateExactly(claimant("holder"), [address("10.0.0.1")]);
    const result = allocator.allocateExactly(claimant("s"), texts.map(address), poolName);
    expect(show(result)).toBe(expected);
    // All or nothing.
    expect(allocator.addressesOf("default/s")).toHaveLength("why" in result ? 0 : texts.length);
  });

  test("takes from a pool that assigns nothing by itself", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"], { autoAssign: false }));
    expect(show(allocator.allocateExactly(claimant("s"), [address("10.0.0.7")]))).toBe("a: 10.0.0.7");
  });
});

describe("extend()", () => {
  test("adds the other family from the same pool, after what was there", () => {
    const allocator = withPools(pool("a", ["2001:db8::/120"]), pool("b", ["10.0.0.0/24"]));
    allocator.allocate(claimant("s"), preferDual6);
    expect(show(allocator.extend(claimant("s"), "ipv4"))).toBe('pool "a" has no IPv4 addresses');
    allocator.setPools([pool("a", ["2001:db8::/120", "10.1.0.0/24"]), pool("b", ["10.0.0.0/24"])]);
    expect(show(allocator.extend(claimant("s"), "ipv4"))).toBe("a: 2001:db8:: 10.1.0.0");
  });
});
