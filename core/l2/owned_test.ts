import { expect, test } from "bun:test";
import { addressToBytes, parseAddress } from "#core/net/mod.ts";
import { ConflictLimiter, type OwnedDifference, OwnedTable } from "./mod.ts";

const names = (difference: OwnedDifference) => ({
  added: difference.added.map((each) => each.address),
  removed: difference.removed.map((each) => each.address),
});
const ipBytes = (text: string) => {
  const address = parseAddress(text);
  return address && addressToBytes(address);
};
const any = (...addresses: string[]) => addresses.map((address) => ({ address, interfaces: [] }));

test("OwnedTable gives what is new and what is gone, and nothing for the same set again", () => {
  const owned = new OwnedTable();
  expect(names(owned.replace(any("192.0.2.1", "192.0.2.2")))).toEqual({
    added: ["192.0.2.1", "192.0.2.2"],
    removed: [],
  });
  expect(names(owned.replace(any("192.0.2.2", "192.0.2.1")))).toEqual({ added: [], removed: [] });
  expect(names(owned.replace(any("192.0.2.2", "192.0.2.3")))).toEqual({
    added: ["192.0.2.3"],
    removed: ["192.0.2.1"],
  });
});

test("OwnedTable keeps the counts of an address that moves to other interfaces", () => {
  const owned = new OwnedTable();
  const [first] = owned.replace([{ address: "192.0.2.1", interfaces: ["eth0", "eth1"] }]).added;
  if (first) first.requests = 7;
  expect(names(owned.replace([{ address: "192.0.2.1", interfaces: ["eth1", "eth0"] }]))).toEqual({
    added: [],
    removed: [],
  });
  const moved = owned.replace([{ address: "192.0.2.1", interfaces: ["eth1"] }]);
  expect(names(moved)).toEqual({ added: ["192.0.2.1"], removed: ["192.0.2.1"] });
  expect(moved.added[0]?.requests).toBe(7);
});

test("OwnedTable leaves out what is no IP address, and takes one named twice once, however it is written", () => {
  const owned = new OwnedTable();
  const wanted = any("2001:db8::1", "x", "192.0.2.1", "192.0.2.1", "2001:DB8:0::1", "192.0.2.1/32");
  expect(names(owned.replace(wanted)).added).toEqual(["2001:db8::1", "192.0.2.1"]);
  expect(names(owned.replace(any("2001:db8:0:0::1", "192.0.2.1")))).toEqual({ added: [], removed: [] });
});

test("OwnedTable finds an IPv6 address by all of its bytes, though others end alike", () => {
  const owned = new OwnedTable();
  owned.replace(any("2001:db8::1", "2001:db8:1::1", "0.0.0.1"));
  const at = (text: string) => {
    const bytes = ipBytes(text);
    return bytes && owned.ipv6(Uint8Array.from([9, 9, ...bytes]), 2)?.address;
  };
  expect(at("2001:db8::1")).toBe("2001:db8::1");
  expect(at("2001:db8:1::1")).toBe("2001:db8:1::1");
  expect(at("2001:db8:2::1")).toBeUndefined();
  expect(owned.ipv4(1)?.address).toBe("0.0.0.1");
  expect(owned.find("2001:DB8::1")?.address).toBe("2001:db8::1");
  expect(owned.find("::1")).toBeUndefined();
  owned.replace(any("2001:db8:1::1"));
  expect(at("2001:db8::1")).toBeUndefined();
  expect(at("2001:db8:1::1")).toBe("2001:db8:1::1");
});

test("ConflictLimiter admits a foreign host once a second for each address and interface", () => {
  const limiter = new ConflictLimiter();
  const mac = "02:00:00:00:00:99";
  expect(limiter.admit("192.0.2.1", mac, "eth0", 0)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth0", 999)).toBeFalse();
  expect(limiter.admit("192.0.2.2", mac, "eth0", 999)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth1", 999)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth0", 1_000)).toBeTrue();
});
