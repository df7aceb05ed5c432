import { describe, expect, test } from "bun:test";
import { apply, asks, events, pool, running, settleWrites, show, state, view, written } from "./fixtures.ts";
import { poolAnnotation, ServiceBook } from "./mod.ts";

const first = pool("first-pool", ["192.168.1.240-192.168.1.250"]);
const tiny = pool("tiny", ["10.0.0.1/32"]);

describe("ServiceBook", () => {
  test("gives a new Service the lowest address, with what to write and MetalLB's event", () => {
    const book = running([first]);
    const decisions = book.upsert(view("metallb-demo"));
    expect(decisions).toEqual([
      {
        service: "default/metallb-demo",
        addresses: ["192.168.1.240"],
        pool: "first-pool",
        needsWrite: true,
        events: [{ type: "Normal", reason: "IPAllocated", message: 'Assigned IP ["192.168.1.240"]' }],
        trace: [
          {
            stage: "pool",
            subject: "first-pool",
            verdict: "chosen",
            why: { code: "pool.chosen", params: { pool: "first-pool" } },
          },
          {
            stage: "address",
            subject: "192.168.1.240",
            verdict: "chosen",
            why: { code: "service.assigned", params: { address: "192.168.1.240", pool: "first-pool" } },
          },
        ],
      },
    ]);
    expect(book.decision("default/metallb-demo")?.events).toEqual([]);
  });

  test("is quiet once the object says what was decided", () => {
    const book = running([first]);
    const service = view("s");
    book.upsert(service);
    const after = written(service, book.decision("default/s"));
    expect(book.upsert(after)).toEqual([]);
    expect(book.decision("default/s")?.needsWrite).toBe(false);
    expect(book.upsert(after)).toEqual([]);
    expect(book.setPools([first])).toEqual([]);
    expect(book.setNamespace("default", { a: "b" })).toEqual([]);
  });

  test("memory wins over a stale object: it asks for the write again, without a new event", () => {
    const book = running([first]);
    const service = view("s");
    book.upsert(service);
    const stale = book.upsert({ ...service, labels: {} });
    expect(stale.map(({ addresses, needsWrite, events }) => [addresses, needsWrite, events])).toEqual([
      [["192.168.1.240"], true, []],
    ]);
    const edited = book.upsert({
      ...written(service, book.decision("default/s")),
      ingress: ["192.168.1.249"],
    });
    expect(edited.map(({ addresses, needsWrite }) => [addresses, needsWrite])).toEqual([
      [["192.168.1.240"], true],
    ]);
  });

  test("never reorders the addresses of a status", () => {
    const both = { clusterIPs: ["10.96.0.1", "fd00::1"], ipFamilyPolicy: "RequireDualStack" as const };
    const dual = pool("dual", ["10.0.0.0/24", "2001:db8::/120"]);
    const service = view("s", { ...both, ...asks({ loadBalancerIPs: "2001:db8::7,10.0.0.7" }) });
    const book = running([dual]);
    apply(book, service);
    expect(state(book)).toEqual({ s: "2001:db8::7 10.0.0.7 (dual)" });
    const turned = { ...written(service, book.decision("default/s")), labels: { a: "b" } };
    expect(
      book.upsert({
        ...turned,
        annotations: { ...turned.annotations, "metallb.io/loadBalancerIPs": "10.0.0.7,2001:db8::7" },
      }),
    ).toEqual([]);
    expect(state(book)).toEqual({ s: "2001:db8::7 10.0.0.7 (dual)" });
  });

  test("says once why there is no address, and gives one as soon as it can", () => {
    const book = running([tiny]);
    const refused = [apply(book, view("s1"), view("s2")), apply(book, view("s2", { labels: { a: "b" } }))];
    expect(refused.map(events)).toEqual([
      [
        's1: Normal IPAllocated: Assigned IP ["10.0.0.1"]',
        's2: Warning AllocationFailed: Failed to allocate IP for "default/s2": pool "tiny" has no free IPv4 address: 1 of 1 are in use',
      ],
      [],
    ]);
    expect(events(book.setPools([pool("tiny", ["10.0.0.1-10.0.0.2"])]))).toEqual([
      's2: Normal IPAllocated: Assigned IP ["10.0.0.2"]',
    ]);
  });

  test("says of an unconfigured cluster that there are no pools, and touches nobody's status", () => {
    const book = running([]);
    const foreign = view("s", { ingress: ["172.16.0.9"] });
    const decisions = book.upsert(foreign);
    expect(decisions.map(show)).toEqual([
      "no IPAddressPool is configured in the namespace of the controller",
    ]);
    expect(decisions.map(({ needsWrite }) => needsWrite)).toEqual([false]);
  });

  test("without a clusterIP waits in silence, and allocates when it comes", () => {
    const book = running([first]);
    expect(events(apply(book, view("s", { clusterIPs: [] })))).toEqual([]);
    expect(state(book)).toEqual({ s: "the Service has no clusterIP yet" });
    apply(book, view("s"));
    expect(state(book)).toEqual({ s: "192.168.1.240 (first-pool)" });
  });

  test("warns of annotations in the old spelling when it changes the Service, not on every look", () => {
    const book = running([first]);
    const old = view("s", asks({ "metallb.universe.tf/address-pool": "first-pool" }));
    expect(events(apply(book, old))).toEqual([
      's: Normal IPAllocated: Assigned IP ["192.168.1.240"]',
      's: Warning deprecatedAnnotation: Annotation "metallb.universe.tf/address-pool" is deprecated; write it as "metallb.io/address-pool"',
    ]);
    expect(book.upsert({ ...written(old, book.decision("default/s")), labels: { a: "b" } })).toEqual([]);
  });

  test("a Service created again under its name waits its turn", () => {
    const book = running([tiny]);
    apply(book, view("s1"), view("s2"));
    const again = { ...view("s1"), uid: "uid-new", creationTimestampMs: 9000 };
    expect(book.upsert(again).map((each) => `${each.service} ${each.addresses}`)).toEqual([
      "default/s2 10.0.0.1",
      "default/s1 ",
    ]);
  });
});

describe("spec.loadBalancerClass", () => {
  const withClass = { loadBalancerClass: "metallb.io/mine" };
  test.each([
    ["no class served, none asked", undefined, {}, "192.168.1.240 (first-pool)"],
    ["no class served, one asked", undefined, withClass, "-"],
    ["a class served, none asked", "metallb.io/mine", {}, "-"],
    ["a class served and asked", "metallb.io/mine", withClass, "192.168.1.240 (first-pool)"],
    ["a class served, another asked", "metallb.io/other", withClass, "-"],
  ])("%s", (_, served, options, expected) => {
    const book = running([first], served);
    const [decision] = book.upsert(
      view("s", { ...options, ingress: expected === "-" ? ["172.16.0.9"] : [] }),
    );
    expect(decision && show(decision)).toBe(expected);
    expect(decision?.needsWrite).toBe(expected !== "-");
  });

  test("a Service that becomes another type loses its class, and its address all the same", () => {
    const book = running([tiny], "metallb.io/mine");
    const service = view("s1", withClass);
    apply(book, service, view("s2", withClass));
    const { loadBalancerClass: _, ...typeless } = written(service, book.decision("default/s1"));
    const decisions = settleWrites(book, book.upsert({ ...typeless, type: "ClusterIP" }));
    expect(decisions.map((each) => `${each.service} ${show(each)} ${each.needsWrite}`)).toEqual([
      "default/s1 - true",
      "default/s2 10.0.0.1 (tiny) true",
    ]);
    expect(book.view("default/s1")?.annotations).not.toHaveProperty(poolAnnotation);
  });
});

describe("what the user changes", () => {
  test.each([
    ["another pool", asks({ "address-pool": "b" }), "10.2.0.0 (b)"],
    ["the same pool", asks({ "address-pool": "a" }), "10.1.0.0 (a)"],
    ["another address", asks({ loadBalancerIPs: "10.1.0.9" }), "10.1.0.9 (a)"],
    ["the same address", { loadBalancerIP: "10.1.0.0" }, "10.1.0.0 (a)"],
    ["an address of another pool", asks({ loadBalancerIPs: "10.2.0.9" }), "10.2.0.9 (b)"],
    [
      "an unknown pool",
      asks({ "address-pool": "c" }),
      'there is no IPAddressPool named "c"; known pools: a, b',
    ],
    [
      "an address outside",
      asks({ loadBalancerIPs: "10.9.0.9" }),
      "address 10.9.0.9 is in no IPAddressPool; known ranges: 10.1.0.0/24 (a), 10.2.0.0/24 (b)",
    ],
    ["an address that is none, which takes nothing away", asks({ loadBalancerIPs: "ten" }), "10.1.0.0 (a)"],
    [
      "two contradicting requests, which take nothing away",
      { loadBalancerIP: "10.1.0.9", ...asks({ loadBalancerIPs: "10.1.0.8" }) },
      "10.1.0.0 (a)",
    ],
    [
      "labels, ports, policy",
      { labels: { a: "b" }, ports: [], externalTrafficPolicy: "Local" as const },
      "10.1.0.0 (a)",
    ],
  ])("%s", (_, change, expected) => {
    const book = running([pool("a", ["10.1.0.0/24"]), pool("b", ["10.2.0.0/24"])]);
    const service = view("s");
    apply(book, service);
    const seen = written(service, book.decision("default/s"));
    const annotations = { ...seen.annotations, ...(change as { annotations?: object }).annotations };
    apply(book, { ...seen, ...change, annotations });
    expect(state(book)).toEqual({ s: expected });
  });

  test("is told in an event what became of the old address", () => {
    const book = running([pool("a", ["10.1.0.0/24"]), pool("b", ["10.2.0.0/24"])]);
    apply(book, view("s"));
    expect(events(apply(book, view("s", asks({ "address-pool": "b" }))))).toEqual([
      's: Normal ClearAssignment: Address 10.1.0.0 of "default/s" is given up: the Service asks for pool "b", but its address 10.1.0.0 is from pool "a"',
      's: Normal IPAllocated: Assigned IP ["10.2.0.0"]',
    ]);
    expect(
      events(apply(book, view("s", { ...asks({ "address-pool": "b" }), loadBalancerIP: "ten" }))),
    ).toEqual([
      's: Warning LoadBalancerFailed: Invalid requested loadBalancer IPs: "ten" is not an IP address',
    ]);
  });
});

describe("heldPools", () => {
  test("keep the addresses of Services whose pool was rejected, over a restart too", () => {
    const service = view("s1");
    const before = running([tiny]);
    apply(before, service);
    expect(before.setPools([], new Set(["tiny"]))).toEqual([]);
    apply(before, view("s2"));
    expect(state(before).s1).toBe("10.0.0.1 (tiny)");

    const after = new ServiceBook();
    after.setPools([], new Set(["tiny"]));
    after.upsert(written(service, before.decision("default/s1")));
    expect(after.startAllocating().map(({ needsWrite, events }) => [needsWrite, events])).toEqual([
      [false, []],
    ]);
    expect(state(after)).toEqual({ s1: "10.0.0.1 (tiny)" });
  });
});

describe("ServiceBook that follows", () => {
  const holds = (name: string, address: string) =>
    view(name, { ingress: [address], annotations: { [poolAnnotation]: "first-pool" } });

  test("shows what the status says, takes nothing, and foresees why a Service has no address", () => {
    const book = new ServiceBook();
    book.setPools([tiny]);
    book.upsert(view("a", { ingress: ["10.0.0.1"], annotations: { [poolAnnotation]: "tiny" } }));
    book.follow();
    expect(book.phase).toBe("following");
    const [waiting] = book.upsert(view("b"));
    expect(waiting).toMatchObject({ addresses: [], needsWrite: false, events: [] });
    expect(waiting?.pending?.code).toBe("pool.exhausted");
    expect(book.allocator.poolUse("tiny")?.services).toBe(1);
    // Somebody else has given the address away.
    book.upsert(view("a", { ingress: [] }));
    expect(book.allocator.poolUse("tiny")?.services).toBe(0);
    const [asked] = book.upsert(view("c"));
    expect([asked?.addresses, asked?.pending?.code]).toEqual([[], "service.following"]);
    expect(book.allocator.poolUse("tiny")?.services).toBe(0);
    book.upsert(view("b", { ingress: ["10.0.0.1"], annotations: { [poolAnnotation]: "tiny" } }));
    expect(book.decision("default/b")?.addresses).toEqual(["10.0.0.1"]);
    book.upsert(view("b", { type: "ClusterIP" }));
    expect(book.allocator.poolUse("tiny")?.services).toBe(0);
  });

  test("after a term that others ended, its own decisions that were never written are forgotten", () => {
    const book = running([first]);
    book.upsert(view("a"));
    expect(book.decision("default/a")?.addresses).toEqual(["192.168.1.240"]);
    book.follow();
    expect(book.decision("default/a")?.addresses).toEqual([]);
    // The other gave that address to another Service.
    book.upsert(holds("b", "192.168.1.240"));
    const started = book.startAllocating();
    expect(started.map(({ service, addresses, needsWrite }) => [service, addresses, needsWrite])).toEqual([
      ["default/a", ["192.168.1.241"], true],
      ["default/b", ["192.168.1.240"], false],
    ]);
  });
});
