import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import {
  address,
  claimant,
  ipv4,
  ipv6,
  type PoolOptions,
  pool,
  preferDual,
  range,
  requireDual,
  reservation,
  sharing,
  show,
  withPools,
} from "./fixtures.ts";
import type { Allocator } from "./mod.ts";

function use(allocator: Allocator, name = "p") {
  const found = allocator.poolUse(name);
  if (!found) throw new Error(name);
  const { total, used, reserved, cooling, excluded, kept } = found;
  return [total, used, reserved, cooling, excluded, kept].map(({ ipv4 }) => Number(ipv4)).join(" ");
}

function states(allocator: Allocator): string {
  return allocator
    .cells("p", 4096)
    .cells.map(({ state }) => state)
    .join(" ");
}

function give(allocator: Allocator, name: string, options = {}): string {
  return show(allocator.allocate(claimant(name, options), ipv4));
}

describe("exclude-addresses", () => {
  const excluding = (...ranges: string[]): PoolOptions => ({ policy: { excluded: ranges.map(range) } });

  test("are never given, and are no part of the capacity", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/29"], excluding("10.0.0.0-10.0.0.1", "10.0.0.3/32")));
    expect(use(allocator)).toBe("5 0 0 0 3 0");
    expect(["a", "b", "c"].map((name) => give(allocator, name))).toEqual([
      "p: 10.0.0.2",
      "p: 10.0.0.4",
      "p: 10.0.0.5",
    ]);
    const exact = allocator.allocateExactly(claimant("d"), [address("10.0.0.3")]);
    expect(show(exact)).toBe('pool "p" excludes address 10.0.0.3 (metallb.io/exclude-addresses)');
    expect(states(allocator)).toBe("excluded excluded used excluded used used free free");
  });

  test("count once with those that avoidBuggyIPs leaves out", () => {
    const options = { avoidBuggyIPs: true, ...excluding("10.0.0.0-10.0.0.3") };
    const allocator = withPools(pool("p", ["10.0.0.0/24"], options));
    expect(use(allocator)).toBe("251 0 0 0 3 0");
    expect(give(allocator, "a")).toBe("p: 10.0.0.4");
  });

  test("jump over a wide exclusion at once, in a /64 too", () => {
    const allocator = withPools(pool("p", ["2001:db8::/64"], excluding("2001:db8::/65")));
    expect(show(allocator.allocate(claimant("a"), ipv6))).toBe("p: 2001:db8:0:0:8000::");
  });

  test("leave a holder what it has, until it gives it up itself", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"]));
    give(allocator, "a");
    give(allocator, "b");
    const change = allocator.setPools([pool("p", ["10.0.0.0/30"], excluding("10.0.0.0/32"))]);
    expect([...change.touched]).toEqual(["default/a"]);
    expect(change.left.size).toBe(0);
    expect(use(allocator)).toBe("3 1 0 0 1 1");
    const [part] = allocator.holdingOf("default/a");
    expect(part && allocator.grace(part, "default/a")).toBe("excluded");
    expect(allocator.adopt(claimant("a"), [address("10.0.0.0")]).kept.map(formatAddress)).toEqual([
      "10.0.0.0",
    ]);
    expect(states(allocator)).toBe("kept used free free");
    allocator.release("default/a");
    expect(use(allocator)).toBe("3 1 0 0 1 0");
    expect(give(allocator, "c")).toBe("p: 10.0.0.2");
  });

  test("that end open the lowest addresses again", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], excluding("10.0.0.0/31")));
    give(allocator, "a");
    allocator.setPools([pool("p", ["10.0.0.0/30"])]);
    expect(give(allocator, "b")).toBe("p: 10.0.0.0");
    expect(use(allocator)).toBe("4 2 0 0 0 0");
  });
});

describe("reservations", () => {
  const keeping = (...texts: string[]): PoolOptions => ({ policy: { reservations: texts.map(reservation) } });

  test("go to their Service first and to nobody else", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], keeping("default/db=10.0.0.0")));
    expect(states(allocator)).toBe("reserved free free free");
    expect(give(allocator, "a")).toBe("p: 10.0.0.1");
    expect(show(allocator.allocateExactly(claimant("a"), [address("10.0.0.0")]))).toBe(
      'pool "p" reserves address 10.0.0.0 for default/db',
    );
    expect(give(allocator, "db")).toBe("p: 10.0.0.0");
    expect(use(allocator)).toBe("4 2 0 0 0 0");
    allocator.release("default/db");
    expect(use(allocator)).toBe("4 1 1 0 0 0");
    expect([give(allocator, "b"), give(allocator, "c")]).toEqual(["p: 10.0.0.2", "p: 10.0.0.3"]);
    expect(give(allocator, "d")).toBe(
      'pool "p" has no free IPv4 address: 3 of 4 are in use, 1 are reserved for other Services, 0 cool down before they are reused',
    );
    expect(give(allocator, "db")).toBe("p: 10.0.0.0");
  });

  test("come before pool order and autoAssign, and bring their pool's other family", () => {
    const first = pool("first", ["10.1.0.0/24", "2001:db8:1::/120"]);
    const options = { autoAssign: false, ...keeping("default/db=10.0.0.9") };
    const allocator = withPools(first, pool("p", ["10.0.0.0/24", "2001:db8::/120"], options));
    expect(show(allocator.allocate(claimant("db"), requireDual))).toBe("p: 10.0.0.9 2001:db8::");
    expect(show(allocator.allocate(claimant("a"), preferDual))).toBe("first: 10.1.0.0 2001:db8:1::");
  });

  test("do not put out who was there before", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"]));
    give(allocator, "a");
    allocator.setPools([pool("p", ["10.0.0.0/30"], keeping("default/db=10.0.0.0"))]);
    const [part] = allocator.holdingOf("default/a");
    expect(part && allocator.grace(part, "default/a")).toBe("reserved");
    expect(give(allocator, "db")).toBe("p: 10.0.0.1");
    allocator.release("default/a");
    expect(give(allocator, "b")).toBe("p: 10.0.0.2");
  });

  test("are free for all when they end", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], keeping("default/db=10.0.0.0")));
    give(allocator, "a");
    allocator.setPools([pool("p", ["10.0.0.0/30"])]);
    expect(give(allocator, "b")).toBe("p: 10.0.0.0");
  });

  test("are shared only while their Service is there to share", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], keeping("default/db=10.0.0.0")));
    const on = (port: string) => sharing("k", [port]);
    expect(give(allocator, "a", on("1/TCP"))).toBe("p: 10.0.0.1");
    expect(give(allocator, "db", on("2/TCP"))).toBe("p: 10.0.0.0");
    expect(give(allocator, "b", on("1/TCP"))).toBe("p: 10.0.0.0");
    allocator.release("default/db");
    expect(give(allocator, "c", on("3/TCP"))).toBe("p: 10.0.0.1");
    expect(give(allocator, "db", on("2/TCP"))).toBe("p: 10.0.0.0");
    expect(give(allocator, "d", on("3/TCP"))).toBe("p: 10.0.0.0");
  });

  test("may be one address of several Services, which share it", () => {
    const options = keeping("default/tcp=10.0.0.0", "default/udp=10.0.0.0");
    const allocator = withPools(pool("p", ["10.0.0.0/30"], options));
    expect(give(allocator, "udp", sharing("k", ["53/UDP"]))).toBe("p: 10.0.0.0");
    expect(give(allocator, "tcp", sharing("k", ["53/TCP"]))).toBe("p: 10.0.0.0");
  });

  test("are recorded and forgotten one by one", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"]));
    allocator.record(reservation("default/db=10.0.0.0"));
    expect(give(allocator, "a")).toBe("p: 10.0.0.1");
    allocator.setPools([pool("p", ["10.0.0.0/29"])]);
    expect(give(allocator, "b")).toBe("p: 10.0.0.2");
    allocator.record({ service: "default/db", addresses: [] });
    expect(give(allocator, "c")).toBe("p: 10.0.0.0");
  });
});

describe("reuse-after", () => {
  const waiting = (reuseAfterMs: number): PoolOptions => ({ policy: { reuseAfterMs } });

  test("holds a freed address back, and says when it opens", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/31"], waiting(600_000)));
    allocator.advance(1_000_000);
    give(allocator, "a");
    expect(allocator.nextDeadline()).toBeUndefined();
    allocator.release("default/a");
    expect(allocator.nextDeadline()).toBe(1_600_000);
    expect(states(allocator)).toBe("cooling free");
    expect(allocator.cells("p", 10).cells[0]?.coolsUntilMs).toBe(1_600_000);
    expect([give(allocator, "b"), give(allocator, "c")]).toEqual([
      "p: 10.0.0.1",
      'pool "p" has no free IPv4 address: 1 of 2 are in use, 0 are reserved for other Services, 1 cool down before they are reused',
    ]);
    expect(show(allocator.allocateExactly(claimant("c"), [address("10.0.0.0")]))).toBe(
      'address 10.0.0.0 was given back less than 600 s ago; pool "p" waits that long before it is reused (metallb.io/reuse-after)',
    );
    expect(allocator.advance(1_599_999)).toEqual([]);
    expect(allocator.advance(1_600_000)).toEqual([{ address: address("10.0.0.0"), pool: "p" }]);
    expect(use(allocator)).toBe("2 1 0 0 0 0");
    expect(give(allocator, "c")).toBe("p: 10.0.0.0");
  });

  test("gives a Service of the same name its own back at once", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], waiting(60_000)));
    give(allocator, "a");
    give(allocator, "b");
    allocator.release("default/b");
    allocator.release("default/a");
    expect(give(allocator, "b")).toBe("p: 10.0.0.1");
    expect(allocator.nextDeadline()).toBe(60_000);
    expect(use(allocator)).toBe("4 1 0 1 0 0");
  });

  test("follows an edit of the duration, of the ranges and of the pool's life", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], waiting(60_000)));
    give(allocator, "a");
    allocator.release("default/a");
    allocator.setPools([pool("p", ["10.0.0.0/29"], waiting(30_000))]);
    expect(allocator.nextDeadline()).toBe(30_000);
    allocator.setPools([pool("p", ["10.0.0.4/30"], waiting(30_000))]);
    expect(allocator.nextDeadline()).toBeUndefined();
    allocator.setPools([pool("p", ["10.0.0.0/29"])]);
    expect(give(allocator, "b")).toBe("p: 10.0.0.0");
  });

  test("skips an address above the search that comes to it later", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], waiting(60_000)));
    allocator.allocateExactly(claimant("a"), [address("10.0.0.1")]);
    allocator.release("default/a");
    expect([give(allocator, "b"), give(allocator, "c")]).toEqual(["p: 10.0.0.0", "p: 10.0.0.2"]);
    allocator.advance(60_000);
    expect(give(allocator, "d")).toBe("p: 10.0.0.1");
  });
});

describe("quota-per-namespace", () => {
  const limited = (others: number, byNamespace = {}): PoolOptions => ({
    policy: { quota: { byNamespace, others } },
  });
  const inTeam = (name: string, team: string, more = {}) =>
    claimant(name, { service: `${team}/${name}`, namespace: team, ...more });

  test("refuses beyond the limit of a namespace, and names holders and limit", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/28"], limited(1, { a: 2 })));
    const results = [
      inTeam("1", "a"),
      inTeam("2", "a"),
      inTeam("3", "a"),
      inTeam("1", "b"),
      inTeam("2", "b"),
    ];
    expect(results.map((each) => show(allocator.allocate(each, ipv4)))).toEqual([
      "p: 10.0.0.0",
      "p: 10.0.0.1",
      'namespace "a" has used up its quota in pool "p": it holds 2 of at most 2 (metallb.io/quota-per-namespace)',
      "p: 10.0.0.2",
      'namespace "b" has used up its quota in pool "p": it holds 1 of at most 1 (metallb.io/quota-per-namespace)',
    ]);
    expect(show(allocator.allocateExactly(inTeam("3", "a"), [address("10.0.0.9")]))).toContain("at most 2");
    allocator.release("a/1");
    expect(show(allocator.allocate(inTeam("3", "a"), ipv4))).toBe("p: 10.0.0.0");
  });

  test("sends whom it refuses to the next pool, and takes nothing from who has more", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/28"]), pool("q", ["10.1.0.0/28"]));
    for (const name of ["1", "2"]) allocator.allocate(inTeam(name, "a"), ipv4);
    allocator.setPools([pool("p", ["10.0.0.0/28"], limited(1)), pool("q", ["10.1.0.0/28"])]);
    expect(allocator.adopt(inTeam("2", "a"), [address("10.0.0.1")]).kept).toHaveLength(1);
    expect(show(allocator.allocate(inTeam("3", "a"), ipv4))).toBe("q: 10.1.0.0");
  });

  test("counts a shared address once, and still lets the namespace share it", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/28"], limited(1)));
    const on = (name: string, port: string) => inTeam(name, "a", sharing("k", [port]));
    const results = [on("1", "1/TCP"), on("2", "2/TCP"), on("3", "2/TCP"), on("4", "3/TCP")];
    expect(results.map((each) => show(allocator.allocate(each, ipv4)).slice(0, 12))).toEqual([
      "p: 10.0.0.0",
      "p: 10.0.0.0",
      'namespace "a',
      "p: 10.0.0.0",
    ]);
    allocator.release("a/1");
    expect(show(allocator.allocate(on("5", "1/TCP"), ipv4))).toBe("p: 10.0.0.0");
  });

  test("gives a dual-stack Service the one address that is left of it", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/28", "2001:db8::/124"], limited(1)));
    expect(show(allocator.allocate(inTeam("1", "a"), requireDual))).toContain("at most 1");
    expect(show(allocator.allocate(inTeam("1", "a"), preferDual))).toBe("p: 10.0.0.0");
    const extended = allocator.extend(inTeam("1", "a"), "ipv6");
    expect("why" in extended && reasonText(extended.why)).toContain("at most 1");
  });
});

describe("on-removal", () => {
  const keeping: PoolOptions = { policy: { onRemoval: "keep" } };

  test("keep: what leaves a pool by shrinking stays with its holder, and comes back into the pool", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], keeping));
    for (const name of ["a", "b"]) give(allocator, name);
    const change = allocator.setPools([pool("p", ["10.0.0.0/32"], keeping)]);
    expect([[...change.touched], change.left.size]).toEqual([["default/b"], 0]);
    expect(use(allocator)).toBe("1 1 0 0 0 1");
    expect(allocator.heldIn("p").map(({ kept }) => kept)).toEqual([undefined, "outside"]);
    allocator.setPools([pool("p", ["10.0.0.0/30"], keeping)]);
    expect(use(allocator)).toBe("4 2 0 0 0 0");
  });

  test("keep: so does what was in a pool that is deleted, until a pool of that name says otherwise", () => {
    const allocator = withPools(pool("p", ["10.0.0.0/30"], keeping), pool("q", ["10.1.0.0/30"]));
    give(allocator, "a");
    allocator.setPools([pool("q", ["10.1.0.0/30"])]);
    const [part] = allocator.holdingOf("default/a");
    expect(part && allocator.grace(part, "default/a")).toBe("removed");
    expect(allocator.outlives("p")).toBe(true);
    const change = allocator.setPools([pool("p", ["10.0.0.2/31"]), pool("q", ["10.1.0.0/30"])]);
    expect([...change.left.keys()]).toEqual(["default/a"]);
  });

  test("keep: by the word of a Service's annotation after a restart", () => {
    const allocator = withPools(pool("q", ["10.1.0.0/30"]));
    allocator.keepRemoved("p");
    expect(allocator.adopt(claimant("a"), [address("10.0.0.1")], "p").kept).toHaveLength(1);
    expect(allocator.adopt(claimant("b"), [address("10.0.0.2")], "other").kept).toHaveLength(0);
  });
});
