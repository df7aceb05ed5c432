import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Pool } from "#core/config/mod.ts";
import { type IpAddress, parseAddress, rangeContains } from "#core/net/mod.ts";
import { allocation, dualStack, pool, running, settleWrites, view, written } from "./fixtures.ts";
import { type Decision, ServiceBook, type ServiceView, serviceKey } from "./mod.ts";
import { annotation, sharingOf } from "./request.ts";

const poolLists: readonly (readonly Pool[])[] = [
  [pool("a", ["10.0.0.0/30"])],
  [pool("a", ["10.0.0.0-10.0.0.2", "2001:db8::/127"])],
  [pool("b", ["10.0.0.2-10.0.0.4"]), pool("a", ["10.0.0.0/31", "2001:db8::1/128"])],
  [pool("a", ["10.0.0.0/30"], { avoidBuggyIPs: true, autoAssign: false }), pool("c", ["2001:db8::/127"])],
  [
    pool(
      "a",
      ["10.0.0.0/29"],
      allocation({ serviceSelectors: [{ matchLabels: { tier: "gold" }, matchExpressions: [] }] }),
    ),
  ],
  [
    pool("b", ["10.0.0.1/32", "2001:db8::/126"], allocation({ priority: 5 })),
    pool("a", ["10.0.0.2-10.0.0.3"]),
  ],
  [],
];

const spec: fc.Arbitrary<Partial<ServiceView>> = fc
  .record({
    type: fc.constantFrom("LoadBalancer", "LoadBalancer", "LoadBalancer", "ClusterIP"),
    stack: fc.constantFrom<Partial<ServiceView>>(
      {},
      {},
      { clusterIPs: ["fd00::1"], ipFamilies: ["IPv6"] },
      dualStack,
      { ...dualStack, ipFamilies: ["IPv6", "IPv4"] },
      { ...dualStack, ipFamilyPolicy: "RequireDualStack" },
    ),
    labels: fc.constantFrom({}, { tier: "gold" }),
    key: fc.constantFrom("", "", "k", "k", "l"),
    port: fc.constantFrom(80, 443),
    policy: fc.constantFrom("Cluster" as const, "Cluster" as const, "Local" as const),
    asked: fc.constantFrom("", "", "", "", "10.0.0.1", "10.0.0.2", "2001:db8::1", "10.9.9.9", "ten"),
    pool: fc.constantFrom("", "", "", "", "a", "b", "z"),
  })
  .map(({ type, stack, labels, key, port, policy, asked, pool }) => ({
    type,
    ...stack,
    labels,
    ports: [{ name: "", protocol: "TCP", port }],
    externalTrafficPolicy: policy,
    annotations: {
      ...(key && { "metallb.io/allow-shared-ip": key }),
      ...(asked && { "metallb.io/loadBalancerIPs": asked }),
      ...(pool && { "metallb.io/address-pool": pool }),
    },
  }));

const name = fc.constantFrom("s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8");
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("apply" as const), name, spec }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pools" as const), list: fc.nat(poolLists.length - 1) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("redeliver" as const), name, late: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), order: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("recreate" as const), name }) },
);

/** The API server, and a controller that writes to it at once. */
class World {
  readonly objects = new Map<string, ServiceView>();
  /** As each looked before its last write: what a slow watch may still deliver. */
  readonly late = new Map<string, ServiceView>();
  pools: readonly Pool[] = poolLists[0] as readonly Pool[];
  book = running(this.pools);
  created = 0;

  put(service: ServiceView): void {
    this.objects.set(serviceKey(service), service);
    this.carryOut(this.book.upsert(service));
  }

  carryOut(decisions: readonly Decision[]): void {
    for (const { service, needsWrite } of decisions) {
      const object = this.objects.get(service);
      if (!needsWrite || !object) continue;
      this.late.set(service, object);
      this.objects.set(service, written(object, this.book.decision(service)));
    }
    // The watch delivers what was written, after the driver has dealt with the whole list.
    for (const { service, needsWrite } of decisions) {
      const object = this.objects.get(service);
      if (needsWrite && object) expect(this.book.upsert(object)).toEqual([]);
    }
  }

  restart(order: number): void {
    const objects = [...this.objects.values()];
    const turn = order % Math.max(1, objects.length);
    const turned = [...objects.slice(turn), ...objects.slice(0, turn)];
    this.late.clear();
    this.book = new ServiceBook();
    for (const object of order % 2 === 0 ? turned : turned.toReversed()) this.book.upsert(object);
    this.book.setPools(this.pools);
    this.carryOut(this.book.startAllocating());
  }
}

function addresses(pools: readonly Pool[]): { pool: Pool; address: IpAddress }[] {
  return pools.flatMap((each) =>
    each.ranges.flatMap(({ first, last }) => {
      const all: { pool: Pool; address: IpAddress }[] = [];
      for (let value = first.value; value <= last.value; value++) {
        const buggy = each.avoidBuggyIPs && first.family === "ipv4" && [0n, 255n].includes(value & 255n);
        if (!buggy) all.push({ pool: each, address: { family: first.family, value } });
      }
      return all;
    }),
  );
}

function serves(pool: Pool, service: ServiceView): boolean {
  const selectors = pool.serviceAllocation?.serviceSelectors ?? [];
  return selectors.length === 0 || service.labels.tier === "gold";
}

/** MetalLB's sharing rule, written down a second time. */
function mayShare(a: ServiceView, b: ServiceView): boolean {
  const [x, y] = [sharingOf(a), sharingOf(b)];
  return (
    x.key !== "" &&
    x.key === y.key &&
    x.backend === y.backend &&
    !x.ports.some((port) => y.ports.includes(port))
  );
}

function check(world: World): void {
  const { book, objects, pools } = world;
  const holders = new Map<string, ServiceView[]>();
  for (const [key, object] of objects) {
    const decision = book.decision(key);
    expect(decision).toBeDefined();
    // What is written is what was decided, and what the allocator has.
    if (decision && object.type === "LoadBalancer" && pools.length > 0)
      expect(object.ingress).toEqual(decision.addresses);
    expect(book.allocator.holdingOf(key).map(({ text }) => text)).toEqual([...(decision?.addresses ?? [])]);
    for (const text of decision?.addresses ?? []) holders.set(text, [...(holders.get(text) ?? []), object]);
  }
  const all = addresses(pools);
  for (const [text, services] of holders) {
    // Without any pool the book holds what it gave.
    if (pools.length > 0) expect(all.some(({ address }) => isText(address, text))).toBe(true);
    for (const [at, service] of services.entries()) {
      for (const other of services.slice(at + 1)) expect(mayShare(service, other)).toBe(true);
    }
  }
  const used = book.allocator.poolUses().reduce((sum, use) => sum + use.used.ipv4 + use.used.ipv6, 0);
  expect(used).toBe(pools.length > 0 ? holders.size : 0);
  // Nobody waits for what is there: checked where one address is wanted, which a walk can judge.
  for (const [key, object] of objects) {
    if (!book.decision(key)?.pending || object.clusterIPs.length > 1) continue;
    const family = object.clusterIPs[0]?.includes(":") ? "ipv6" : "ipv4";
    const [asked, named] = [annotation(object, "loadBalancerIPs"), annotation(object, "address-pool")];
    if (asked === "ten") continue;
    const possible = all.find(
      ({ pool, address }) =>
        address.family === family &&
        serves(pool, object) &&
        (asked === "" || isText(address, asked)) &&
        (named === "" ? asked !== "" || pool.autoAssign : pool.name === named) &&
        ([...holders].find(([text]) => isText(address, text))?.[1] ?? []).every((other) =>
          mayShare(object, other),
        ),
    );
    expect(possible).toBeUndefined();
  }
}

function isText(address: IpAddress, text: string): boolean {
  const parsed = parseAddress(text);
  return parsed?.family === address.family && parsed.value === address.value;
}

/** Who is not spoken of by the step, and not by a changed pool, holds what it held. */
function checkUnmoved(
  world: World,
  before: Map<string, readonly string[]>,
  subject: string | undefined,
): void {
  for (const [key, had] of before) {
    const object = world.objects.get(key);
    if (!object || key === subject) continue;
    const isHeld = world.pools.length === 0;
    const stays = had.every(
      (text) =>
        isHeld ||
        world.pools.some(
          (each) =>
            serves(each, object) &&
            ["", each.name].includes(annotation(object, "address-pool")) &&
            addresses([each]).some(({ address }) => isText(address, text)) &&
            each.ranges.some((range) => rangeContains(range, parseAddress(text) as IpAddress)),
        ),
    );
    if (stays) expect(world.book.decision(key)?.addresses.slice(0, had.length)).toEqual([...had]);
  }
}

test("for any order of events: legal owners only, nobody moved, nobody waits for what is free, and then silence", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const world = new World();
      for (const each of steps) {
        const key = "name" in each ? `default/${each.name}` : undefined;
        const object = key === undefined ? undefined : world.objects.get(key);
        const before = new Map(
          [...world.objects.keys()].map((each) => [each, world.book.decision(each)?.addresses ?? []]),
        );
        let subject = key;
        if (each.do === "apply") {
          const fresh = object ?? { ...view(each.name), uid: `uid-${world.created++}` };
          const { annotations, ...rest } = each.spec;
          const ours = Object.entries(fresh.annotations).filter(([name]) =>
            name.endsWith("allocated-from-pool"),
          );
          world.put({
            ...fresh,
            ...view(each.name, rest),
            uid: fresh.uid,
            ingress: fresh.ingress,
            annotations: { ...annotations, ...Object.fromEntries(ours) },
          });
        } else if (each.do === "remove" && key) {
          world.objects.delete(key);
          world.carryOut(world.book.remove(key));
        } else if (each.do === "recreate" && object) {
          world.put({ ...object, uid: `uid-${world.created++}`, ingress: [], annotations: {} });
        } else if (each.do === "pools") {
          world.pools = poolLists[each.list] ?? [];
          world.carryOut(world.book.setPools(world.pools));
        } else if (each.do === "redeliver" && object && key) {
          const late = world.late.get(key);
          const isLate = each.late && late?.uid === object.uid;
          // Only the status is late: the specification is what it was.
          const seen = isLate ? { ...object, ingress: late.ingress } : object;
          for (const decision of world.book.upsert(seen)) {
            expect([decision.needsWrite, decision.events]).toEqual([true, []]);
          }
          expect(world.book.upsert(object)).toEqual([]);
          subject = undefined;
        } else if (each.do === "restart") {
          world.restart(each.order);
        }
        check(world);
        checkUnmoved(world, before, subject);
      }
      for (const object of world.objects.values()) expect(world.book.upsert(object)).toEqual([]);
      expect(world.book.setPools(world.pools)).toEqual([]);
    }),
    { numRuns: 200 },
  );
}, 20_000);

test("free addresses serve the oldest pending first, whatever freed them", () => {
  const ask = fc.record({ name, add: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(ask, { maxLength: 60, size: "max" }),
      fc.integer({ min: 1, max: 3 }),
      (asks, size) => {
        const book = running([pool("p", [`10.0.0.1-10.0.0.${size}`])]);
        const present = new Map<string, number>();
        let created = 0;
        for (const { name, add } of asks) {
          const key = `default/${name}`;
          const waiting = book.pendingInOrder();
          if (add) {
            if (present.has(key)) continue;
            present.set(key, created);
            settleWrites(book, book.upsert(view(name, { uid: `${created}`, creationTimestampMs: created })));
            created++;
          } else {
            const held = (book.decision(key)?.addresses.length ?? 0) > 0;
            present.delete(key);
            const gained = settleWrites(book, book.remove(key)).map(({ service }) => service);
            expect(gained).toEqual(held ? waiting.slice(0, 1) : []);
          }
          const byAge = [...present].sort((a, b) => a[1] - b[1]).map(([each]) => each);
          expect(book.pendingInOrder()).toEqual(byAge.filter((each) => book.decision(each)?.pending));
          expect(book.pendingInOrder()).toHaveLength(Math.max(0, present.size - size));
        }
      },
    ),
  );
});
