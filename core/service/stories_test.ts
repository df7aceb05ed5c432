import { describe, expect, test } from "bun:test";
import {
  apply,
  asks,
  dualStack,
  events,
  objects,
  permutations,
  policy,
  pool,
  restart,
  running,
  settleWrites,
  state,
  view,
  written,
} from "./fixtures.ts";
import { ServiceBook, type ServiceView } from "./mod.ts";

describe("failure stories of bare-metal load balancers", () => {
  const one = pool("one", ["10.0.0.1/32"]);
  const two = pool("two", ["10.0.0.1-10.0.0.2"]);

  test("1: a restart with pending Services moves nobody, in any order of delivery", () => {
    const book = running([two]);
    const pinned = view("s3", asks({ loadBalancerIPs: "10.0.0.2" }));
    // s3 holds .2, s4 holds .1, and the two that are older than both wait.
    apply(book, pinned, view("s4"), view("s1"), view("s2"));
    const before = state(book);
    expect(before).toMatchObject({ s3: "10.0.0.2 (two)", s4: "10.0.0.1 (two)" });
    for (const order of permutations(objects(book))) {
      const after = restart([two], order);
      expect(state(after)).toEqual(before);
      expect([...after.decisions()].filter(({ needsWrite }) => needsWrite)).toEqual([]);
    }
  });

  test("1: nothing is given, cleared or written before all caches are complete", () => {
    const book = new ServiceBook();
    const held = written(view("s2"), { ...running([one]).upsert(view("s2"))[0] } as never);
    const decisions = [
      ...book.setPools([one]),
      ...book.upsert(view("s1")),
      ...book.upsert(held),
      ...book.upsert(view("s3", { type: "ClusterIP", ingress: ["10.0.0.1"] })),
      ...book.setPools([]),
      ...book.setPools([one]),
      ...book.remove("default/s3"),
    ];
    expect(decisions.filter(({ needsWrite, events }) => needsWrite || events.length > 0)).toEqual([]);
    expect(book.decision("default/s2")?.addresses).toEqual(["10.0.0.1"]);
    expect(events(book.startAllocating())).toEqual([
      's1: Warning AllocationFailed: Failed to allocate IP for "default/s1": pool "one" has no free IPv4 address: 1 of 1 are in use',
    ]);
  });

  test("1: two Services with one address in their status: who asks for it keeps it, else the older", () => {
    const status = { ingress: ["10.0.0.1"] };
    const pinned = view("s9", { ...status, ...asks({ loadBalancerIPs: "10.0.0.1" }) });
    const services = [view("s1", status), view("s2", status), pinned];
    for (const order of permutations(services)) {
      expect(state(restart([two], order))).toEqual({
        s1: "10.0.0.2 (two)",
        s2: 'pool "two" has no free IPv4 address: 2 of 2 are in use',
        s9: "10.0.0.1 (two)",
      });
    }
    for (const order of permutations(services.slice(0, 2))) {
      expect(state(restart([two], order))).toEqual({ s1: "10.0.0.1 (two)", s2: "10.0.0.2 (two)" });
    }
  });

  test("2: deleting one Service does not move another whose status is read late", () => {
    const book = running([pool("p", ["10.0.0.2-10.0.0.9"])]);
    apply(book, view("a1"));
    const late = view("b2");
    book.upsert(late);
    expect(state(book)).toEqual({ a1: "10.0.0.2 (p)", b2: "10.0.0.3 (p)" });
    book.remove("default/a1");
    // The object still looks as before the first write.
    book.upsert({ ...late, labels: { touched: "yes" } });
    expect(state(book)).toEqual({ b2: "10.0.0.3 (p)" });
  });

  test("3: an edit of a pool seats its owners again before it serves who waits", () => {
    const book = running([two]);
    apply(book, view("s3"), view("s4"), view("s1"), view("s2"));
    const edits: [string[], string, string][] = [
      [["10.0.0.1-10.0.0.3"], "10.0.0.1", "10.0.0.2"],
      [["10.0.0.2-10.0.0.3", "10.0.0.1/32"], "10.0.0.1", "10.0.0.2"],
      [["10.0.0.0/29"], "10.0.0.1", "10.0.0.2"],
    ];
    for (const [ranges, s3, s4] of edits) {
      settleWrites(book, book.setPools([pool("two", ranges)]));
      expect(state(book)).toMatchObject({ s3: `${s3} (two)`, s4: `${s4} (two)` });
    }
    const shrunk = settleWrites(book, book.setPools([pool("two", ["10.0.0.1/32"])]));
    expect(shrunk.map(({ service }) => service)).not.toContain("default/s3");
    expect(state(book)).toMatchObject({ s3: "10.0.0.1 (two)" });
    expect(events(shrunk).filter((text) => text.startsWith("s4"))).toEqual([
      's4: Normal ClearAssignment: Address 10.0.0.2 of "default/s4" is given up: address 10.0.0.2 is in no IPAddressPool; known ranges: 10.0.0.1/32 (two)',
      's4: Warning AllocationFailed: Failed to allocate IP for "default/s4": pool "two" has no free IPv4 address: 1 of 1 are in use',
    ]);
  });

  test("20: a freed address goes to the oldest that waits, whoever asked last", () => {
    const book = running([one]);
    apply(book, view("s5"), view("s3"), view("s1"), view("s4"), view("s2"));
    expect(book.pendingInOrder()).toEqual(["s1", "s2", "s3", "s4"].map((name) => `default/${name}`));
    for (const [holder, next] of [
      ["s5", "s1"],
      ["s1", "s2"],
      ["s2", "s3"],
      ["s3", "s4"],
    ] as const) {
      const decisions = settleWrites(book, book.remove(`default/${holder}`));
      expect(decisions.map(({ service, addresses }) => `${service} ${addresses}`)).toEqual([
        `default/${next} 10.0.0.1`,
      ]);
    }
  });

  test("20: who waits for one address, or for a port of it, gets it when the blocker goes", () => {
    const book = running([two]);
    const shared = (port: number, policy: "Cluster" | "Local" = "Cluster"): Partial<ServiceView> => ({
      ...asks({ "allow-shared-ip": "key", loadBalancerIPs: "10.0.0.2" }),
      ports: [{ name: "", protocol: "TCP", port }],
      externalTrafficPolicy: policy,
    });
    apply(
      book,
      view("s1", shared(80)),
      view("s2", shared(443)),
      view("s3", shared(80)),
      view("s4", shared(22, "Local")),
    );
    expect(state(book)).toEqual({
      s1: "10.0.0.2 (two)",
      s2: "10.0.0.2 (two)",
      s3: "address 10.0.0.2 cannot be shared: port 80/TCP is used by Service default/s1",
      s4: "address 10.0.0.2 is shared with Service default/s1, whose externalTrafficPolicy or selector differs",
    });
    settleWrites(book, book.remove("default/s1"));
    expect(state(book)).toEqual({
      s2: "10.0.0.2 (two)",
      s3: "10.0.0.2 (two)",
      s4: "address 10.0.0.2 is shared with Service default/s2, whose externalTrafficPolicy or selector differs",
    });
    settleWrites(book, book.remove("default/s3"));
    settleWrites(book, book.remove("default/s2"));
    expect(state(book)).toEqual({ s4: "10.0.0.2 (two)" });
  });

  test("20: several that wait in vain for one address are told of its new holder", () => {
    const book = running([two]);
    const wants = asks({ loadBalancerIPs: "10.0.0.1" });
    apply(book, view("s1", wants), view("s2", wants), view("s3", wants), view("s4", wants));
    settleWrites(book, book.remove("default/s1"));
    expect(state(book)).toEqual({
      s2: "10.0.0.1 (two)",
      s3: "address 10.0.0.1 is held by Service default/s2",
      s4: "address 10.0.0.1 is held by Service default/s2",
    });
  });

  test("31: a cold start with two addresses of one family keeps the first", () => {
    const book = restart([two], [view("s1", { ingress: ["10.0.0.2", "10.0.0.1"] })]);
    expect(state(book)).toEqual({ s1: "10.0.0.2 (two)" });
  });

  test("33: another type frees the address in one step, and the next in line has it", () => {
    for (const type of ["ClusterIP", "NodePort", "ExternalName"]) {
      const book = running([one]);
      apply(book, view("s1"), view("s2"));
      const decisions = settleWrites(
        book,
        book.upsert({ ...(book.view("default/s1") as ServiceView), type }),
      );
      expect(
        decisions.map(({ service, addresses, needsWrite }) => `${service} ${addresses} ${needsWrite}`),
      ).toEqual(["default/s1  true", "default/s2 10.0.0.1 true"]);
      expect(book.view("default/s1")).toMatchObject({ annotations: {}, ingress: [] });
    }
  });

  test("33: a deleted pool leaves nobody in limbo: its Services move, or say why not", () => {
    const book = running([one, pool("spare", ["10.9.0.1/32"])]);
    apply(book, view("s1", asks({ "address-pool": "one" })), view("s2"));
    settleWrites(book, book.setPools([pool("spare", ["10.9.0.1/32"])]));
    expect(state(book)).toEqual({
      s1: 'there is no IPAddressPool named "one"; known pools: spare',
      s2: "10.9.0.1 (spare)",
    });
    settleWrites(book, book.setPools([pool("spare", ["10.9.0.1/32"], policy({ onRemoval: "release" }))]));
    settleWrites(book, book.setPools([]));
    expect(objects(book).map(({ ingress, annotations }) => [ingress, Object.keys(annotations)])).toEqual([
      [[], ["metallb.io/address-pool"]],
      [[], []],
    ]);
  });

  test("3: a pool that says keep moves nobody by shrinking, and tells each of it once", () => {
    const keep = policy({ onRemoval: "keep" });
    const book = running([pool("two", ["10.0.0.1-10.0.0.2"], keep)]);
    apply(book, view("s1"), view("s2"), view("s3"));
    const shrunk = settleWrites(book, book.setPools([pool("two", ["10.0.0.1/32"], keep)]));
    expect(events(shrunk)).toEqual([
      's2: Warning AddressKept: Address 10.0.0.2 of "default/s2" is kept: address 10.0.0.2 is in pool "two" no more; the Service keeps it, for the pool says so (metallb.io/on-removal: keep)',
    ]);
    expect(state(book)).toMatchObject({ s1: "10.0.0.1 (two)", s2: "10.0.0.2 (two)" });
    expect(book.decision("default/s2")?.trace.map(({ why }) => why.code)).toContain("address.kept-removed");
    const again = book.upsert({ ...(book.view("default/s2") as ServiceView), labels: { touched: "yes" } });
    expect([...events(again), ...again.filter(({ needsWrite }) => needsWrite)]).toEqual([]);
    for (const order of permutations(objects(book))) {
      const after = restart([pool("two", ["10.0.0.1/32"], keep)], order);
      expect(state(after)).toEqual(state(book));
    }
  });

  test("33: a deleted pool that said keep leaves its Services served, over a restart too", () => {
    const keep = policy({ onRemoval: "keep" });
    const spare = pool("spare", ["10.9.0.1/32"]);
    const book = running([pool("one", ["10.0.0.1/32"], keep), spare]);
    apply(book, view("s1"), view("s2"));
    expect(state(book)).toEqual({ s1: "10.0.0.1 (one)", s2: "10.9.0.1 (spare)" });
    settleWrites(book, book.setPools([spare]));
    const restarted = restart([spare], objects(book));
    for (const each of [book, restarted]) {
      expect(state(each)).toEqual({ s1: "10.0.0.1 (one)", s2: "10.9.0.1 (spare)" });
      expect([...each.decisions()].some(({ needsWrite }) => needsWrite)).toBe(false);
    }
    settleWrites(
      restarted,
      restarted.upsert({ ...(restarted.view("default/s1") as ServiceView), type: "ClusterIP" }),
    );
    expect(restarted.view("default/s1")).toMatchObject({ annotations: {}, ingress: [] });
  });

  test("20: a freed address that cools down goes to the oldest pending when its time comes", () => {
    const book = running([pool("one", ["10.0.0.1/32"], policy({ reuseAfterMs: 600_000 }))]);
    book.tick(1_000_000);
    apply(book, view("s3"), view("s2"), view("s1"));
    expect(events(settleWrites(book, book.remove("default/s3")))).toEqual([]);
    expect(state(book).s1).toContain("1 cool down before they are reused");
    expect(book.nextDeadline()).toBe(1_600_000);
    expect(book.tick(1_599_999)).toEqual([]);
    const decisions = settleWrites(book, book.tick(1_600_000));
    expect(decisions.map(({ service, addresses }) => `${service} ${addresses}`)).toEqual([
      "default/s1 10.0.0.1",
    ]);
    expect(book.nextDeadline()).toBeUndefined();
  });

  test("20: what is taken from a late status and let go again in one step is served to who waits", () => {
    const book = running([two]);
    apply(book, view("s3"));
    settleWrites(book, book.setPools([]));
    book.upsert(view("s9"));
    const status = book.view("default/s3") as ServiceView;
    // Not written back: the status still shows the address when the pool is back.
    book.upsert({ ...status, ...dualStack, ipFamilyPolicy: "RequireDualStack" });
    book.setPools([one]);
    expect(state(book)).toMatchObject({ s9: "10.0.0.1 (one)" });
  });

  describe("24: all pools vanish at once", () => {
    const pools = [one, pool("b", ["10.1.0.1/32"]), pool("c", ["10.2.0.1/32"])];
    const times = { missingPools: { removalGraceMs: 500, returnGraceMs: 60_000 } };
    const served = { s1: "10.0.0.1 (one)", s2: "10.1.0.1 (b)", s3: "10.2.0.1 (c)" };
    const nobody = "no IPAddressPool is configured in the namespace of the controller";

    function book(): ServiceBook {
      const made = new ServiceBook(times);
      made.setPools(pools);
      made.startAllocating();
      made.tick(1_000);
      const asked = ["one", "b", "c"].map((name, at) => view(`s${at + 1}`, asks({ "address-pool": name })));
      apply(made, ...asked);
      expect(state(made)).toEqual(served);
      return made;
    }

    const quiet = (made: ServiceBook) => {
      expect(state(made)).toMatchObject(served);
      expect([...made.decisions()].filter(({ needsWrite }) => needsWrite)).toEqual([]);
    };

    test("whoever has an address keeps it, without limit of time and without a write", () => {
      const made = book();
      expect(events(settleWrites(made, made.setPools([])))).toEqual([]);
      expect(made.isHolding).toBe(true);
      expect(made.nextDeadline()).toBeUndefined();
      made.tick(1e12);
      quiet(made);
      expect(made.decision("default/s1")?.trace.map(({ why }) => why.code)).toContain(
        "address.kept-pool-held",
      );
      apply(made, view("s4"));
      expect(made.decision("default/s4")?.addresses).toEqual([]);
    });

    test("one after the other, too, as when their CRD is deleted", () => {
      const made = book();
      for (const left of [pools.slice(1), pools.slice(2), []]) {
        settleWrites(made, made.setPools(left));
        made.tick(1_400);
      }
      expect(made.isHolding).toBe(true);
      quiet(made);
    });

    test("and come back one after the other: nobody moves meanwhile", () => {
      const made = book();
      settleWrites(made, made.setPools([]));
      for (const back of [pools.slice(0, 1), pools.slice(0, 2)]) {
        settleWrites(made, made.setPools(back));
        made.tick(30_000);
        quiet(made);
      }
      expect(made.isHolding).toBe(false);
      // The third does not come back in time.
      expect(made.nextDeadline()).toBe(61_000);
      settleWrites(made, made.tick(61_000));
      expect(state(made)).toMatchObject({ s3: 'there is no IPAddressPool named "c"; known pools: b, one' });
    });

    test("and the controller restarts meanwhile: it holds by what Services say", () => {
      const made = book();
      settleWrites(made, made.setPools([]));
      for (const order of permutations(objects(made))) {
        const after = restart([], order, times);
        expect(after.isHolding).toBe(true);
        quiet(after);
        settleWrites(after, after.setPools(pools));
        quiet(after);
      }
    });

    test("a single deleted pool is released when its moment has passed", () => {
      const made = book();
      settleWrites(made, made.setPools(pools.slice(0, 2)));
      quiet(made);
      expect(made.nextDeadline()).toBe(1_500);
      settleWrites(made, made.tick(1_500));
      expect(state(made)).toMatchObject({ s3: 'there is no IPAddressPool named "c"; known pools: b, one' });
    });

    test("without any pool from the start nothing is held, and nothing of others is cleared", () => {
      const made = restart([], [view("s1", { ingress: ["192.0.2.1"] }), view("s2")], times);
      expect(made.isHolding).toBe(false);
      expect(state(made)).toEqual({ s1: nobody, s2: nobody });
      expect(made.decision("default/s1")?.needsWrite).toBe(false);
    });
  });
});
