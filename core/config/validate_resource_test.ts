import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { none, object, pools } from "./fixtures.ts";
import { parseConfig, validateRemoval, validateResource } from "./mod.ts";

describe("validateResource()", () => {
  const existing = {
    ...none,
    pools,
    peers: [object("BGPPeer", "tor", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.1", bfdProfile: "fast" })],
    bfdProfiles: [object("BFDProfile", "fast", {})],
  };

  test("gives the issues of that object only", () => {
    const broken = { ...existing, pools: [...pools, object("IPAddressPool", "broken", { addresses: [] })] };
    expect(validateResource(object("IPAddressPool", "new", { addresses: ["10.5.0.0/24"] }), broken)).toEqual(
      [],
    );
  });

  test("an edit that overlaps a younger pool is the edit's fault", () => {
    const edited = object("IPAddressPool", "v4", { addresses: ["10.1.0.0/16"] }, 1);
    const younger = {
      ...existing,
      pools: pools.map((pool) => ({
        ...pool,
        metadata: { ...pool.metadata, creationTimestamp: "2030-01-01T00:00:00Z" },
      })),
    };
    expect(validateResource(edited, younger).map(({ name, code }) => `${name} ${code}`)).toEqual([
      "v4 pool.overlap",
    ]);
  });

  test("an update is not compared with its own old version", () => {
    expect(validateResource(object("IPAddressPool", "v4", { addresses: ["10.0.0.0/25"] }), existing)).toEqual(
      [],
    );
  });

  test.each([
    [
      "a profile",
      object("BGPPeer", "new", { myASN: 1, peerASN: 2, peerAddress: "10.0.0.2", bfdProfile: "later" }),
    ],
    ["an alias", object("BGPAdvertisement", "new", { communities: ["later"] })],
    ["a pool", object("L2Advertisement", "new", { ipAddressPools: ["later"] })],
  ])("lets an object name %s that may be applied after it", (_, resource) => {
    expect(validateResource(resource, existing)).toEqual([]);
  });

  test("knows nothing of other kinds", () => {
    expect(validateResource(object("Service", "x", {}), existing)).toEqual([]);
  });

  test("validateRemoval() keeps a BFDProfile that a BGPPeer uses", () => {
    expect(validateRemoval(object("BFDProfile", "fast", {}), existing).map(({ message }) => message)).toEqual(
      ['metadata.name: BFDProfile "fast" is used by BGPPeer "tor"; remove spec.bfdProfile there first'],
    );
    expect(validateRemoval(object("BFDProfile", "slow", {}), existing)).toEqual([]);
    expect(validateRemoval(object("IPAddressPool", "v4", {}), existing)).toEqual([]);
  });

  test("what it lets pass never costs another object its acceptance, whatever is written in whatever order", () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 8 }))
      .map(([first, size]) => `10.0.0.${first}-10.0.0.${first + size}`);
    const write = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      addresses: fc.array(range, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 20 }), (writes) => {
        let stored: ReturnType<typeof object>[] = [];
        for (const [at, { name, addresses }] of writes.entries()) {
          const day = stored.find(({ metadata }) => metadata.name === name) ? 1 : at + 1;
          const written = object("IPAddressPool", name, { addresses }, day);
          if (validateResource(written, { ...none, pools: stored }).length > 0) continue;
          stored = [...stored.filter(({ metadata }) => metadata.name !== name), written];
          expect(parseConfig({ ...none, pools: stored }).issues).toEqual([]);
        }
      }),
    );
  });
});
