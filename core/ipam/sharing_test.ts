import { describe, expect, test } from "bun:test";
import { formatAddress } from "#core/net/mod.ts";
import { address, claimant, ipv4, pool, sharing, show, withPools } from "./fixtures.ts";
import { notShared } from "./mod.ts";

describe("sharing", () => {
  const first = claimant("first", sharing("key", ["80/TCP"]));
  const at = [address("10.0.0.1")];

  test.each([
    ["another port", sharing("key", ["443/TCP"]), undefined],
    ["another protocol on the port", sharing("key", ["80/UDP"]), undefined],
    [
      "the same port",
      sharing("key", ["443/TCP", "80/TCP"]),
      "address 10.0.0.1 cannot be shared: port 80/TCP is used by Service default/first",
    ],
    [
      "another key",
      sharing("other", ["443/TCP"]),
      'address 10.0.0.1 is held by Service default/first, whose sharing key is "key", not "other"',
    ],
    [
      "no key",
      { sharing: notShared },
      'address 10.0.0.1 is held by Service default/first, whose sharing key is "key", not ""',
    ],
    [
      "another backend",
      sharing("key", ["443/TCP"], "app=web"),
      "address 10.0.0.1 is shared with Service default/first, whose externalTrafficPolicy or selector differs",
    ],
    [
      "key and backend that read the same in a row",
      sharing("ke", ["443/TCP"], "y"),
      'address 10.0.0.1 is held by Service default/first, whose sharing key is "key", not "ke"',
    ],
    ["another namespace", { ...sharing("key", ["443/TCP"]), namespace: "shop" }, undefined],
  ])("%s", (_, options, refusal) => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"]));
    allocator.allocateExactly(first, at);
    expect(show(allocator.allocateExactly(claimant("second", options), at))).toBe(refusal ?? "a: 10.0.0.1");
    expect(allocator.holdersOf(address("10.0.0.1"))?.services).toHaveLength(refusal ? 1 : 2);
    expect(allocator.poolUse("a")).toMatchObject({ used: { ipv4: 1, ipv6: 0 }, services: refusal ? 1 : 2 });
  });

  test("whoever has no key shares with nobody", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"]));
    allocator.allocateExactly(claimant("first"), at);
    expect(show(allocator.allocateExactly(claimant("second", sharing("key")), at))).toBe(
      "address 10.0.0.1 is held by Service default/first",
    );
  });

  test("allocate() gives the lowest address that is free or has room", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"]));
    const give = (name: string, options: object) => show(allocator.allocate(claimant(name, options), ipv4));
    expect(give("alone", {})).toBe("a: 10.0.0.0");
    expect(give("web", sharing("key", ["80/TCP"]))).toBe("a: 10.0.0.1");
    expect(give("tls", sharing("key", ["443/TCP"]))).toBe("a: 10.0.0.1");
    expect(give("web2", sharing("key", ["80/TCP"]))).toBe("a: 10.0.0.2");
    expect(give("dns", sharing("key", ["53/UDP"]))).toBe("a: 10.0.0.1");
    allocator.release("default/alone");
    expect(give("ssh", sharing("key", ["22/TCP"]))).toBe("a: 10.0.0.0");
    allocator.release("default/web");
    expect(give("web3", sharing("key", ["80/TCP"]))).toBe("a: 10.0.0.0");
    expect(give("web4", sharing("key", ["80/TCP"]))).toBe("a: 10.0.0.1");
  });

  test("whoever is alone on an address changes key, ports and backend in place", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"]));
    allocator.allocateExactly(first, at);
    expect(allocator.adopt(claimant("first", sharing("other", ["81/TCP"], "x=y")), at).refused).toEqual([]);
    expect(show(allocator.allocateExactly(claimant("second", sharing("other", ["80/TCP"], "x=y")), at))).toBe(
      "a: 10.0.0.1",
    );
    expect(
      show(allocator.allocateExactly(claimant("third", sharing("other", ["81/TCP"], "x=y")), at)),
    ).toContain("port 81/TCP");
  });

  test("of two, one that changes its key loses the address, and the other keeps it", () => {
    const allocator = withPools(pool("a", ["10.0.0.0/24"]));
    allocator.allocateExactly(first, at);
    allocator.allocateExactly(claimant("second", sharing("key", ["443/TCP"])), at);
    const { kept, refused, openings } = allocator.adopt(claimant("second", sharing("mine", ["443/TCP"])), at);
    expect([kept.length, refused.map(({ why }) => why.code)]).toEqual([0, ["address.sharing-key"]]);
    expect(openings.map(({ address }) => formatAddress(address))).toEqual(["10.0.0.1"]);
    expect(allocator.holdersOf(address("10.0.0.1"))?.services).toEqual(["default/first"]);
  });

  test("a port that is given up opens the address to others", () => {
    const allocator = withPools(pool("a", ["10.0.0.1/32"]));
    allocator.allocate(first, ipv4);
    allocator.allocate(claimant("second", sharing("key", ["443/TCP", "8080/TCP"])), ipv4);
    const third = claimant("third", sharing("key", ["8080/TCP"]));
    expect(show(allocator.allocate(third, ipv4))).toContain("no free IPv4");
    const { openings } = allocator.adopt(claimant("second", sharing("key", ["443/TCP"])), at);
    expect(openings).toHaveLength(1);
    expect(show(allocator.allocate(third, ipv4))).toBe("a: 10.0.0.1");
  });
});
