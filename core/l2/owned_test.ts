import { expect, test } from "bun:test";
import { addressToBytes, parseAddress } from "#core/net/mod.ts";
import { ConflictLimiter, OwnedTable } from "./mod.ts";

const ipBytes = (text: string) => {
  const address = parseAddress(text);
  return address && addressToBytes(address);
};
const all = (owned: OwnedTable) => Array.from(owned.values(), ({ address }) => address);

test("OwnedTable says what is new, and keeps the entry of what is there, however it is written", () => {
  const owned = new OwnedTable();
  const first = owned.set("2001:db8::1", []);
  expect(first).toMatchObject({ what: "new", entry: { address: "2001:db8::1", isAnswered: true } });
  expect(owned.set("2001:DB8:0::1", [])).toEqual({ what: "same", entry: first?.entry as never });
  expect(owned.set("192.0.2.1", [])?.what).toBe("new");
  expect(owned.set("192.0.2.1", [])?.what).toBe("same");
  expect(all(owned)).toEqual(["2001:db8::1", "192.0.2.1"]);
  expect(owned.size).toBe(2);
});

test.each(["x", "192.0.2.1/32", "", "::1%eth0"])("OwnedTable takes no %p, which is no IP address", (text) => {
  const owned = new OwnedTable();
  expect(owned.set(text, [])).toBeUndefined();
  expect(owned.remove(text)).toBeUndefined();
  expect(owned.size).toBe(0);
});

test("OwnedTable keeps an address's entry and counts when it moves to other interfaces", () => {
  const owned = new OwnedTable();
  const first = owned.set("192.0.2.1", ["eth0", "eth1"]);
  if (first) first.entry.requests = 7;
  expect(owned.set("192.0.2.1", ["eth1", "eth0"])?.what).toBe("same");
  const moved = owned.set("192.0.2.1", ["eth1"]);
  expect(moved?.what).toBe("moved");
  expect(moved?.entry).toBe(first?.entry as never);
  expect(moved?.entry).toMatchObject({ requests: 7, interfaces: new Set(["eth1"]) });
});

test("OwnedTable gives what is removed, once", () => {
  const owned = new OwnedTable();
  owned.set("192.0.2.1", []);
  expect(owned.remove("192.0.2.1")?.address).toBe("192.0.2.1");
  expect(owned.remove("192.0.2.1")).toBeUndefined();
  expect(owned.ipv4(0xc0000201)).toBeUndefined();
});

test("OwnedTable finds an IPv6 address by all of its bytes, though others end alike", () => {
  const owned = new OwnedTable();
  for (const address of ["2001:db8::1", "2001:db8:1::1", "0.0.0.1"]) owned.set(address, []);
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
  expect(owned.findBytes(Uint8Array.of(0, 0, 0, 1))?.address).toBe("0.0.0.1");
  expect(owned.findBytes(ipBytes("2001:db8:1::1") as Uint8Array)?.address).toBe("2001:db8:1::1");
  expect(owned.findBytes(Uint8Array.of(1))).toBeUndefined();
  owned.remove("2001:db8::1");
  expect(at("2001:db8::1")).toBeUndefined();
  expect(at("2001:db8:1::1")).toBe("2001:db8:1::1");
});

test("ConflictLimiter admits a foreign host once in its interval for each address and interface", () => {
  const limiter = new ConflictLimiter(1_000);
  const mac = "02:00:00:00:00:99";
  expect(limiter.admit("192.0.2.1", mac, "eth0", 0)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth0", 999)).toBeFalse();
  expect(limiter.admit("192.0.2.2", mac, "eth0", 999)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth1", 999)).toBeTrue();
  expect(limiter.admit("192.0.2.1", mac, "eth0", 1_000)).toBeTrue();
});
