import { describe, expect, test } from "bun:test";
import { parseConfig, type Resource } from "#core/config/mod.ts";
import { serviceOf } from "../testing.ts";
import { Given, otherChoices } from "./choices.ts";

const pool = (name: string, range: string): Resource => ({
  kind: "IPAddressPool",
  metadata: { name },
  spec: { addresses: [range] },
});
const { config } = parseConfig({
  pools: [pool("a", "10.0.1.0/28"), pool("b", "10.0.2.0/28")],
  l2Advertisements: [],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
});
const holder = (name: string, ip: string, from: string, more = {}) =>
  serviceOf({
    name,
    uid: name,
    ingress: [ip],
    annotations: { "metallb.io/ip-allocated-from-pool": from },
    ...more,
  });
const facts = { namespaces: [], config, heldPools: new Set<string>(), loadBalancerClass: "" };

describe("otherChoices()", () => {
  const services = [holder("old", "10.0.1.0", "a"), holder("new", "10.0.2.0", "b")];

  test("tells that another pool was chosen than would be here, where the order is by name", () => {
    expect(otherChoices({ ...facts, services }, new Set(["default/new"]))).toMatchObject([
      {
        service: "default/new",
        has: { addresses: ["10.0.2.0"], pool: "b" },
        wants: { addresses: ["10.0.1.1"], pool: "a" },
      },
    ]);
  });

  test("has nothing to say of the same choice, of a request, and of who was given nothing new", () => {
    const same = [services[0] ?? serviceOf(), holder("new", "10.0.1.1", "a")];
    expect(otherChoices({ ...facts, services: same }, new Set(["default/new"]))).toEqual([]);
    const asked = holder("new", "10.0.2.0", "b", { loadBalancerIP: "10.0.2.0" });
    expect(otherChoices({ ...facts, services: [asked] }, new Set(["default/new"]))).toEqual([]);
    expect(otherChoices({ ...facts, services }, new Set())).toEqual([]);
  });
});

test("Given tells who was given an address since, and at first of nobody", () => {
  const given = new Given();
  const first = [holder("a", "10.0.1.0", "a"), serviceOf({ name: "b", uid: "b" })];
  expect(given.since(first, "")).toEqual(new Set());
  const then = [holder("a", "10.0.1.0", "a"), holder("b", "10.0.1.1", "a")];
  expect(given.since(then, "")).toEqual(new Set(["default/b"]));
  expect(given.since(then, "")).toEqual(new Set());
  // Deleted and made anew.
  expect(given.since([holder("a", "10.0.1.0", "a", { uid: "another" })], "")).toEqual(new Set(["default/a"]));
});
