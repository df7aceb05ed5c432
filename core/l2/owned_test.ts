import { expect, test } from "bun:test";
import { ConflictLimiter, type OwnedDifference, OwnedTable } from "./mod.ts";

const names = (difference: OwnedDifference) => ({
  added: difference.added.map((each) => each.address),
  removed: difference.removed.map((each) => each.address),
});
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

test("OwnedTable leaves out what is no IPv4 address, and takes one named twice once", () => {
  const owned = new OwnedTable();
  expect(names(owned.replace(any("2001:db8::1", "x", "192.0.2.1", "192.0.2.1"))).added).toEqual([
    "192.0.2.1",
  ]);
});

test("ConflictLimiter admits a foreign host once a second for each address and interface", () => {
  const limiter = new ConflictLimiter();
  const mac = "02:00:00:00:00:99";
  expect(limiter.admit(1, mac, "eth0", 0)).toBeTrue();
  expect(limiter.admit(1, mac, "eth0", 999)).toBeFalse();
  expect(limiter.admit(2, mac, "eth0", 999)).toBeTrue();
  expect(limiter.admit(1, mac, "eth1", 999)).toBeTrue();
  expect(limiter.admit(1, mac, "eth0", 1_000)).toBeTrue();
});
