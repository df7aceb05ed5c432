import { describe, expect, test } from "bun:test";
import type { Layer2Entry } from "#core/announce/mod.ts";
import { Standings } from "./standings.ts";

const entry = (
  address: string,
  winner: string | undefined,
  interfaces: string[] = [],
  services = ["shop/web"],
) =>
  ({
    address,
    hashed: address,
    place: winner === "a" ? "first" : "second",
    services,
    interfaces,
    ...(winner !== undefined && { winner }),
  }) as Layer2Entry;

describe("Standings", () => {
  test("a Service is announced when the data plane says so of one of its addresses, not when it is decided", () => {
    const standings = new Standings("a");
    const changes = ["192.0.2.1", "2001:db8::1"].map((address) => ({ address, after: entry(address, "a") }));
    expect([...standings.decided(changes, 0)]).toEqual(["shop/web"]);
    expect(standings.of("shop/web", 0)).toEqual({ is: "awaited" });
    expect(standings.announced("192.0.2.1", 0)).toEqual(["shop/web"]);
    expect(standings.of("shop/web", 0)).toEqual({ is: "announced", interfaces: [] });
  });

  test("interfaces are sorted, whatever order the advertisements had", () => {
    const standings = new Standings("a");
    standings.decided([{ address: "192.0.2.1", after: entry("192.0.2.1", "a", ["eth2", "eth0"]) }], 0);
    standings.announced("192.0.2.1", 0);
    expect(standings.of("shop/web", 0)).toEqual({ is: "announced", interfaces: ["eth0", "eth2"] });
  });

  test("lost to another node it is overdue after a while; withdrawn it is nothing at once", () => {
    const standings = new Standings("a");
    const own = entry("192.0.2.1", "a");
    standings.decided([{ address: "192.0.2.1", after: own }], 0);
    standings.announced("192.0.2.1", 0);
    standings.decided([{ address: "192.0.2.1", before: own, after: entry("192.0.2.1", "b") }], 1_000);
    expect(standings.of("shop/web", 1_000)).toEqual({ is: "lost", isOverdue: false });
    expect(standings.dueAt("shop/web")).toBe(16_000);
    expect(standings.of("shop/web", 16_000)).toEqual({ is: "lost", isOverdue: true });
    standings.decided([{ address: "192.0.2.1", before: entry("192.0.2.1", "b"), after: own }], 17_000);
    standings.decided([{ address: "192.0.2.1", before: own }], 18_000);
    expect(standings.of("shop/web", 18_000)).toEqual({ is: "nothing" });
  });

  test("a second Service on a shared address stands like the first, and leaves alone", () => {
    const standings = new Standings("a");
    const alone = entry("192.0.2.1", "a");
    const shared = entry("192.0.2.1", "a", [], ["shop/web", "shop/dns"]);
    standings.decided([{ address: "192.0.2.1", after: alone }], 0);
    standings.announced("192.0.2.1", 0);
    expect(standings.decided([{ address: "192.0.2.1", before: alone, after: shared }], 1)).toContain(
      "shop/dns",
    );
    expect(standings.of("shop/dns", 1)).toEqual({ is: "announced", interfaces: [] });
    standings.decided([{ address: "192.0.2.1", before: shared, after: alone }], 2);
    expect(standings.of("shop/dns", 2)).toEqual({ is: "nothing" });
    expect(standings.of("shop/web", 2)).toEqual({ is: "announced", interfaces: [] });
  });

  test("what the data plane took as the first in line is announced as soon as it is decided", () => {
    const standings = new Standings("a");
    expect(standings.announced("192.0.2.1", 1_000)).toEqual([]);
    standings.decided([{ address: "192.0.2.1", after: entry("192.0.2.1", "a") }], 1_200);
    expect(standings.of("shop/web", 1_200)).toEqual({ is: "announced", interfaces: [] });
  });

  test("what other nodes announce concerns nobody here", () => {
    const standings = new Standings("a");
    expect(standings.decided([{ address: "192.0.2.1", after: entry("192.0.2.1", "b") }], 0).size).toBe(0);
    expect(standings.of("shop/web", 0)).toEqual({ is: "nothing" });
  });
});
