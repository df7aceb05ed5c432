import { expect, test } from "bun:test";
import fc from "fast-check";
import { formatAddress, type IpAddress } from "#core/net/mod.ts";
import { isBuggy } from "./buggy.ts";
import { address, claimant, ipv4, pool, show } from "./fixtures.ts";
import { Allocator, type Sharing } from "./mod.ts";

/** What MetalLB does: walk every range from its start, and ask of each address whether it is free or may be shared. */
class LinearModel {
  readonly holders = new Map<string, Map<string, Sharing>>();

  mayTake(text: string, service: string, sharing: Sharing): boolean {
    const others = [...(this.holders.get(text) ?? [])].filter(([name]) => name !== service);
    return others.every(
      ([, other]) =>
        sharing.key !== "" &&
        other.key === sharing.key &&
        other.backend === sharing.backend &&
        !other.ports.some((port) => sharing.ports.includes(port)),
    );
  }

  lowest(addresses: readonly IpAddress[], service: string, sharing: Sharing): string | undefined {
    return addresses.map(formatAddress).find((text) => this.mayTake(text, service, sharing));
  }

  take(text: string, service: string, sharing: Sharing): void {
    const holders = this.holders.get(text) ?? new Map<string, Sharing>();
    this.holders.set(text, holders.set(service, sharing));
  }

  release(service: string): void {
    for (const [text, holders] of this.holders) {
      holders.delete(service);
      if (holders.size === 0) this.holders.delete(text);
    }
  }

  addressOf(service: string): string | undefined {
    return [...this.holders].find(([, holders]) => holders.has(service))?.[0];
  }
}

const ranges = ["10.0.1.253-10.0.2.2", "10.0.0.0/29", "10.0.0.254-10.0.1.1"];

function walk(avoidBuggyIPs: boolean): IpAddress[] {
  return pool("a", ranges).ranges.flatMap(({ first, last }) => {
    const all: IpAddress[] = [];
    for (let value = first.value; value <= last.value; value++) all.push({ family: "ipv4", value });
    return all.filter((each) => !avoidBuggyIPs || !isBuggy(each));
  });
}

const sharing: fc.Arbitrary<Sharing> = fc.record({
  key: fc.constantFrom("", "k", "k", "l"),
  backend: fc.constantFrom("", "", "a=b"),
  ports: fc.subarray(["80/TCP", "443/TCP", "53/UDP"], { minLength: 1 }),
});
const service = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("allocate" as const), service, sharing }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), service }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("exactly" as const), service, sharing, at: fc.nat(18) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reshare" as const), service, sharing }) },
);

test("allocate() gives what a walk over the whole pool would give, after any history", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), fc.boolean(), (steps, avoidBuggyIPs) => {
      const allocator = new Allocator();
      allocator.setPools([pool("a", ranges, { avoidBuggyIPs })]);
      const model = new LinearModel();
      const addresses = walk(avoidBuggyIPs);
      for (const each of steps) {
        const key = `default/${each.service}`;
        const had = model.addressOf(key);
        if (each.do === "release") {
          allocator.release(key);
          model.release(key);
          continue;
        }
        const who = claimant(each.service, { sharing: each.sharing });
        if (each.do === "reshare") {
          if (had === undefined) continue;
          const isAllowed = model.mayTake(had, key, each.sharing);
          model.release(key);
          if (isAllowed) model.take(had, key, each.sharing);
          expect(allocator.adopt(who, [address(had)]).kept).toHaveLength(isAllowed ? 1 : 0);
          continue;
        }
        if (had !== undefined) continue;
        const asked = each.do === "exactly" ? addresses[each.at % addresses.length] : undefined;
        const candidates = asked ? [asked] : addresses;
        const expected = model.lowest(candidates, key, each.sharing);
        if (expected !== undefined) model.take(expected, key, each.sharing);
        const given = asked ? allocator.allocateExactly(who, [asked]) : allocator.allocate(who, ipv4);
        if (expected === undefined) expect("why" in given).toBe(true);
        else expect(show(given)).toBe(`a: ${expected}`);
      }
      const held = allocator
        .heldIn("a")
        .map(({ address, services }) => [formatAddress(address), services.toSorted()]);
      const expected = [...model.holders].map(([text, holders]) => [text, [...holders.keys()].sort()]);
      expect(held.toSorted()).toEqual(expected.toSorted());
      const services = [...model.holders.values()].reduce((sum, holders) => sum + holders.size, 0);
      expect(allocator.poolUse("a")).toMatchObject({ used: { ipv4: model.holders.size, ipv6: 0 }, services });
    }),
    { numRuns: 300 },
  );
});

const cuts = fc.array(fc.constantFrom<number>(0, 2, 4, 6, 8, 10, 12, 14), {
  minLength: 1,
  maxLength: 4,
  size: "max",
});

test("setPools() never moves an address and frees exactly those that no pool has, for any sequence of edits", () => {
  fc.assert(
    fc.property(
      fc.array(cuts, { maxLength: 8, size: "max" }),
      fc.integer({ min: 1, max: 16 }),
      (edits, count) => {
        const allocator = new Allocator();
        allocator.setPools([pool("all", ["10.0.0.0/28"])]);
        const holds = new Map<string, string>();
        const fill = () => {
          for (let n = 0; n < count; n++) {
            if (holds.has(`default/s${n}`)) continue;
            const given = allocator.allocate(claimant(`s${n}`), ipv4);
            if (!("why" in given)) holds.set(`default/s${n}`, formatAddress(given.addresses[0] as IpAddress));
          }
          expect(new Set(holds.values()).size).toBe(holds.size);
        };
        fill();
        for (const [at, cut] of edits.entries()) {
          const starts = [...new Set(cut)];
          const pools = starts.map((start, n) => pool(`p${(n + at) % 5}`, [`10.0.0.${start}/31`]));
          const has = (text: string) => starts.includes(Number(text.split(".")[3]) & ~1);
          const { left } = allocator.setPools(pools);
          for (const [name, text] of holds) {
            expect(left.has(name)).toBe(!has(text));
            if (!has(text)) holds.delete(name);
            expect(allocator.addressesOf(name).map(formatAddress)).toEqual(has(text) ? [text] : []);
          }
          const uses = allocator.poolUses();
          expect(uses.reduce((sum, { used }) => sum + used.ipv4, 0)).toBe(holds.size);
          expect(uses.reduce((sum, { services }) => sum + services, 0)).toBe(holds.size);
          fill();
        }
      },
    ),
  );
});
