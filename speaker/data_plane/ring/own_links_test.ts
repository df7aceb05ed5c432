import { expect, test } from "bun:test";
import type { InterfaceState } from "../protocol.ts";
import { ownLinks } from "./own_links.ts";

const link = (name: string, changes: Partial<InterfaceState> = {}): InterfaceState => ({
  name,
  index: 2,
  mac: "02:00:00:00:00:01",
  isUp: true,
  hasCarrier: true,
  isUsable: true,
  addresses: [`10.0.0.${name.length}`],
  ...changes,
});
const names = (interfaces: InterfaceState[], address: string) => {
  const { links, hasCarrier } = ownLinks(interfaces, address);
  return [links.map(({ name }) => name), hasCarrier];
};

test("ownLinks() are the ones that hold the ring's address, whatever else has a carrier", () => {
  const storage = link("storage");
  expect(names([link("eth0"), storage], "10.0.0.4")).toEqual([["eth0"], true]);
  expect(names([link("eth0", { hasCarrier: false }), storage], "10.0.0.4")).toEqual([[], false]);
  expect(names([link("eth0", { isUp: false }), storage], "10.0.0.4")).toEqual([[], false]);
});

test("ownLinks() are all that serve where the ring listens on every address", () => {
  expect(names([link("eth0"), link("storage")], "0.0.0.0")).toEqual([["eth0", "storage"], true]);
  expect(names([link("eth0", { hasCarrier: false }), link("storage")], "0.0.0.0")).toEqual([
    ["storage"],
    true,
  ]);
  expect(names([link("wg0", { mac: "", isUsable: false })], "0.0.0.0")).toEqual([[], true]);
  expect(names([], "0.0.0.0")).toEqual([[], true]);
});
