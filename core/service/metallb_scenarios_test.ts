import { describe, expect, test } from "bun:test";
import {
  allocation,
  apply,
  asks,
  dualStack,
  events,
  objects,
  pool,
  restart,
  running,
  settleWrites,
  state,
  view,
  written,
} from "./fixtures.ts";
import type { ServiceView } from "./mod.ts";

describe("MetalLB's own scenarios", () => {
  const v4 = pool("v4", ["10.4.0.1-10.4.0.9"]);
  const v6 = pool("v6", ["2001:db8:6::1-2001:db8:6::9"]);
  const dual = pool("w-dual", ["10.2.0.1-10.2.0.9", "2001:db8:2::1-2001:db8:2::9"]);

  test("E022: sharing follows policy and selector, and the one that did not change keeps the address", () => {
    const book = running([pool("p", ["10.0.0.1-10.0.0.2"])]);
    const shared = (name: string, port: number, options: Partial<ServiceView> = {}) =>
      view(name, {
        ...asks({ "allow-shared-ip": "key", loadBalancerIPs: "10.0.0.1" }),
        ports: [{ name: "", protocol: "TCP", port }],
        selector: { app: "one" },
        ...options,
      });
    const local = { externalTrafficPolicy: "Local" as const };
    const holders = () =>
      Object.entries(state(book))
        .filter(([, text]) => text === "10.0.0.1 (p)")
        .map(([name]) => name);
    apply(book, shared("s1", 80), shared("s2", 81));
    expect(holders()).toEqual(["s1", "s2"]);
    apply(book, shared("s2", 81, local));
    expect(holders()).toEqual(["s1"]);
    apply(book, shared("s1", 80, local));
    expect(holders()).toEqual(["s1", "s2"]);
    apply(book, shared("s1", 80, { ...local, selector: { app: "two" } }));
    expect(holders()).toEqual(["s2"]);
    apply(book, shared("s2", 81, { ...local, selector: { app: "two" } }));
    expect(holders()).toEqual(["s1", "s2"]);
  });

  test("E030: a label on a namespace opens its pool to new Services, and moves no old one", () => {
    const team = { matchLabels: { team: "a" }, matchExpressions: [] };
    const book = running([
      v4,
      pool("team", ["10.8.0.1/32"], allocation({ priority: 1, namespaceSelectors: [team] })),
    ]);
    book.setNamespace("default", {});
    apply(book, view("s1"));
    settleWrites(book, book.setNamespace("default", { team: "a" }));
    apply(book, view("s2"), view("s3"));
    expect(state(book)).toEqual({ s1: "10.4.0.1 (v4)", s2: "10.8.0.1 (team)", s3: "10.4.0.2 (v4)" });
    settleWrites(book, book.setNamespace("default", {}));
    expect(state(book)).toEqual({ s1: "10.4.0.1 (v4)", s2: "10.4.0.3 (v4)", s3: "10.4.0.2 (v4)" });
  });

  test("E034: a pool that gets a second family gives PreferDualStack its second address and keeps the first", () => {
    const book = running([v4]);
    expect(events(apply(book, view("s1", dualStack)))).toEqual([
      's1: Normal IPAllocated: Assigned IP ["10.4.0.1"]',
      's1: Normal AdditionalAssignFailed: Cannot assign an additional IP to "default/s1": ipFamilyPolicy is PreferDualStack, but there is no second address beside 10.4.0.1: pool "v4" has no IPv6 addresses',
    ]);
    const widened = pool("v4", ["10.4.0.0/28", "2001:db8:4::1/128"]);
    expect(events(settleWrites(book, book.setPools([widened])))).toEqual([
      's1: Normal IPAllocated: Assigned additional IP "2001:db8:4::1"',
    ]);
    expect(state(book)).toEqual({ s1: "10.4.0.1 2001:db8:4::1 (v4)" });
  });

  test("E035: RequireDualStack on a pool of one family has nothing; PreferDualStack has the address again", () => {
    const book = running([v4]);
    apply(book, view("s1", dualStack));
    apply(book, view("s1", { ...dualStack, ipFamilyPolicy: "RequireDualStack" }));
    expect(state(book)).toEqual({ s1: 'pool "v4" has no IPv6 addresses' });
    apply(book, view("s1", dualStack));
    expect(state(book)).toEqual({ s1: "10.4.0.1 (v4)" });
  });

  test("E036: a Service with one address does not jump to a new pool that has both", () => {
    const book = running([v6]);
    apply(book, view("s1", dualStack));
    settleWrites(book, book.setPools([v6, dual]));
    expect(state(book)).toEqual({ s1: "2001:db8:6::1 (v6)" });
    expect(state(restart([v6, dual], objects(book)))).toEqual({ s1: "2001:db8:6::1 (v6)" });
  });

  test.each(["PreferDualStack", "RequireDualStack"] as const)(
    "E037: where a pool loses a family, %s takes both from another pool that has both",
    (ipFamilyPolicy) => {
      const edited = pool("a-dual", ["10.1.0.1/32", "2001:db8:1::1/128"]);
      const book = running([edited]);
      apply(book, view("s1", { ...dualStack, ipFamilyPolicy }));
      const half = pool("a-dual", ["2001:db8:1::1/128"]);
      settleWrites(book, book.setPools([half, dual]));
      expect(state(book)).toEqual({ s1: "10.2.0.1 2001:db8:2::1 (w-dual)" });
    },
  );

  test("where no pool has both, PreferDualStack keeps the good family and RequireDualStack says what is missing", () => {
    const edited = pool("a-dual", ["10.1.0.1/32", "2001:db8:1::1/128"]);
    const book = running([edited]);
    apply(book, view("s1", dualStack));
    const decisions = settleWrites(
      book,
      book.setPools([pool("a-dual", ["2001:db8:1::1-2001:db8:1::2"]), v4]),
    );
    expect(state(book)).toEqual({ s1: "2001:db8:1::1 (a-dual)" });
    expect(events(decisions).at(-1)).toBe(
      's1: Normal AdditionalAssignFailed: Cannot assign an additional IP to "default/s1": ipFamilyPolicy is PreferDualStack, but there is no second address beside 2001:db8:1::1: pool "a-dual" has no IPv4 addresses',
    );
    apply(book, view("s2", { ...dualStack, ipFamilyPolicy: "RequireDualStack" }));
    expect(state(book).s2).toBe(
      'no pool can serve this Service: pool "a-dual" has no IPv4 addresses; pool "v4" has no IPv6 addresses',
    );
  });

  test("a second address that frees goes to those who have none before those who want a second", () => {
    const book = running([pool("p", ["10.0.0.1-10.0.0.3", "2001:db8::1/128"])]);
    const only6 = { clusterIPs: ["fd00::1"], ipFamilies: ["IPv6"] };
    apply(book, view("s1", only6), view("s2", dualStack), view("s3", only6));
    expect(state(book)).toMatchObject({ s1: "2001:db8::1 (p)", s2: "10.0.0.1 (p)" });
    settleWrites(book, book.remove("default/s1"));
    expect(state(book)).toEqual({ s2: "10.0.0.1 (p)", s3: "2001:db8::1 (p)" });
    settleWrites(book, book.remove("default/s3"));
    expect(state(book)).toEqual({ s2: "10.0.0.1 2001:db8::1 (p)" });
  });

  test("PreferDualStack on a cluster of one family takes one address and does not flap", () => {
    const book = running([dual]);
    const service = view("s1", { ipFamilyPolicy: "PreferDualStack" });
    apply(book, service);
    expect(state(book)).toEqual({ s1: "10.2.0.1 (w-dual)" });
    expect(book.upsert(written({ ...service, labels: { a: "b" } }, book.decision("default/s1")))).toEqual([]);
  });
});
