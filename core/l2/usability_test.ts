import { describe, expect, test } from "bun:test";
import { formatPrefix } from "#core/net/mod.ts";
import { compileExclusions, defaultExcludedInterfaces, type Link, LinkTable, unusableReason } from "./mod.ts";

const eth0: Link = {
  index: 2,
  name: "eth0",
  mac: "02:00:00:00:00:01",
  isUp: true,
  hasCarrier: true,
  canBroadcast: true,
  isArpOff: false,
};

describe("unusableReason()", () => {
  const excluded = compileExclusions(defaultExcludedInterfaces);

  test.each<[string, Partial<Link>, string | undefined]>([
    ["a plain interface that is up", {}, undefined],
    ["one that is down", { isUp: false, hasCarrier: false }, "down"],
    ["one without carrier", { hasCarrier: false }, "no-carrier"],
    ["a member of a bridge, bond or VRF", { masterIndex: 7 }, "enslaved"],
    ["one with ARP switched off", { isArpOff: true }, "no-arp"],
    ["a point-to-point interface", { canBroadcast: false }, "no-broadcast"],
    ["a tunnel without an Ethernet address", { mac: "" }, "not-ethernet"],
    ["a pod's veth", { name: "veth12ab" }, "excluded"],
    ["Calico's", { name: "cali0" }, "excluded"],
    ["loopback", { name: "lo" }, "excluded"],
    ["one whose name only begins like loopback", { name: "lo0" }, undefined],
  ])("judges %s", (_, changes, expected) => {
    expect<string | undefined>(unusableReason({ ...eth0, ...changes }, excluded)).toBe(expected);
  });

  test("excludes nothing by name where no pattern is given", () => {
    expect(unusableReason({ ...eth0, name: "veth0" }, compileExclusions([]))).toBeUndefined();
  });

  test("patterns are not anchored, as MetalLB's are not", () => {
    expect(unusableReason(eth0, compileExclusions(["th"]))).toBe("excluded");
  });
});

describe("LinkTable", () => {
  test("says whether an event brought anything new", () => {
    const table = new LinkTable();
    expect(table.apply({ type: "link", link: eth0 })).toBeTrue();
    expect(table.apply({ type: "link", link: { ...eth0 } })).toBeFalse();
    expect(table.apply({ type: "link", link: { ...eth0, mac: "02:00:00:00:00:02" } })).toBeTrue();
    expect(table.apply({ type: "link", link: { ...eth0, masterIndex: 9 } })).toBeTrue();
    expect(table.apply({ type: "address", index: 2, address: "192.0.2.1", prefixLength: 24 })).toBeTrue();
    expect(table.apply({ type: "address", index: 2, address: "192.0.2.1", prefixLength: 24 })).toBeFalse();
    expect(table.addresses(2)).toEqual(["192.0.2.1"]);
    expect(table.apply({ type: "address-gone", index: 2, address: "192.0.2.9" })).toBeFalse();
    expect(table.apply({ type: "address-gone", index: 2, address: "192.0.2.1" })).toBeTrue();
    expect(table.apply({ type: "link-gone", index: 2 })).toBeTrue();
    expect(table.apply({ type: "link-gone", index: 2 })).toBeFalse();
  });

  test("gives the networks of an interface, each once", () => {
    const table = new LinkTable();
    for (const [address, prefixLength] of [
      ["192.0.2.7", 24],
      ["192.0.2.9", 24],
      ["198.51.100.1", 32],
      ["2001:db8::5", 64],
    ] as const)
      table.apply({ type: "address", index: 2, address, prefixLength });
    const networks = () => table.connected(2).map(formatPrefix);
    expect(networks()).toEqual(["192.0.2.0/24", "198.51.100.1/32", "2001:db8::/64"]);
    expect(table.apply({ type: "address", index: 2, address: "198.51.100.1", prefixLength: 31 })).toBeTrue();
    expect(networks()).toContain("198.51.100.0/31");
    expect(table.connected(3)).toEqual([]);
  });

  test("an interface that is made again under its name starts without the old addresses", () => {
    const table = new LinkTable();
    table.apply({ type: "link", link: eth0 });
    table.apply({ type: "address", index: 2, address: "192.0.2.1", prefixLength: 24 });
    table.apply({ type: "link-gone", index: 2 });
    table.apply({ type: "link", link: { ...eth0, index: 3 } });
    expect(table.links().map(({ index, name }) => [index, name, table.addresses(index)])).toEqual([
      [3, "eth0", []],
    ]);
  });
});
