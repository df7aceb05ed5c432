import { expect, test } from "bun:test";
import type { Layer2Entry } from "#core/announce/mod.ts";
import { AnnounceFailures } from "./announce_failures.ts";
import type { InterfaceState } from "./data_plane/mod.ts";

const address = "192.0.2.1";
const change = (interfaces: string[], winner = "node1") => ({
  address,
  after: {
    address,
    hashed: address,
    place: "first",
    services: ["shop/web"],
    interfaces,
    winner,
  } as Layer2Entry,
});
const links = (...names: string[]) =>
  names.map((name) => ({ name: name.replace("!", ""), isUsable: !name.endsWith("!") }) as InterfaceState);

test("AnnounceFailures finds an address without an interface once, and again after it was mended", () => {
  const failures = new AnnounceFailures("node1");
  expect(failures.decided([change(["eth7"])])).toEqual([]);
  const failure = { services: ["shop/web"], wanted: ["eth7"], present: ["eth0"] };
  expect(failures.interfaces(links("eth0"))).toEqual([failure]);
  expect(failures.interfaces(links("eth0"))).toEqual([]);
  expect(failures.decided([change(["eth7"])])).toEqual([]);
  expect(failures.interfaces(links("eth0", "eth7"))).toEqual([]);
  expect(failures.interfaces(links("eth0", "eth7!"))).toEqual([failure]);
});

test("AnnounceFailures is silent where every interface will do, and where another node is elected", () => {
  const failures = new AnnounceFailures("node1");
  failures.interfaces(links("eth0"));
  expect(failures.decided([change([])])).toEqual([]);
  expect(failures.decided([change(["eth7"], "node2")])).toEqual([]);
});
