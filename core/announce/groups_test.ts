import { expect, test } from "bun:test";
import fc from "fast-check";
import { AddressGroups } from "./groups.ts";

test("AddressGroups.holdersOf() follows an address that comes to be shared, and is no longer", () => {
  const groups = new AddressGroups();
  const holders = () => [...groups.holdersOf("192.0.2.1")].sort();
  groups.set("shop/web", ["192.0.2.1"]);
  expect(holders()).toEqual(["shop/web"]);
  groups.set("shop/api", ["192.0.2.1"]);
  expect(holders()).toEqual(["shop/api", "shop/web"]);
  groups.set("shop/web", []);
  expect(holders()).toEqual(["shop/api"]);
  groups.set("shop/api", []);
  expect(holders()).toEqual([]);
});

test("AddressGroups.groupOf() is what hangs together by shared addresses, whatever came before", () => {
  const services = ["a/a", "a/b", "a/c", "a/d"];
  const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.9", "2001:db8::1"];
  const step = fc.record({
    service: fc.constantFrom(...services),
    holds: fc.subarray(addresses, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const groups = new AddressGroups();
      const held = new Map<string, string[]>();
      for (const { service, holds } of steps) {
        groups.set(service, holds);
        held.set(service, holds);
        for (const each of services) expect(groups.groupOf(each)).toEqual(closure(each, held));
      }
    }),
  );

  /** Grown until nothing is added any more; of these addresses their order as texts is their order. */
  function closure(service: string, held: Map<string, string[]>) {
    if ((held.get(service) ?? []).length === 0) return undefined;
    let members = [service];
    for (let count = 0; count !== members.length; ) {
      count = members.length;
      const shared = new Set(members.flatMap((each) => held.get(each) ?? []));
      members = services.filter((each) => held.get(each)?.some((address) => shared.has(address)));
    }
    const all = [...new Set(members.flatMap((each) => held.get(each) ?? []))].sort();
    const [firstAddress] = members.flatMap((each) => held.get(each)?.slice(0, 1) ?? []).sort();
    return { addresses: all, services: members.sort(), firstAddress: firstAddress as string };
  }
});
