import { describe, expect, test } from "bun:test";
import { type Pool, parseConfig } from "#core/config/mod.ts";
import {
  apply,
  asks,
  events,
  objects,
  restart,
  running,
  settleWrites,
  state,
  view,
  written,
} from "./fixtures.ts";
import type { ServiceBook, ServiceView } from "./mod.ts";

const none = {
  pools: [],
  l2Advertisements: [],
  bgpAdvertisements: [],
  peers: [],
  bfdProfiles: [],
  communities: [],
};

/** A pool as an admin writes it. */
function declared(addresses: string[], annotations: Record<string, string> = {}): Pool {
  const names = Object.entries(annotations).map(([name, value]) => [`metallb.io/${name}`, value]);
  const metadata = { name: "p", annotations: Object.fromEntries(names) };
  const { config, issues } = parseConfig({
    ...none,
    pools: [{ kind: "IPAddressPool", metadata, spec: { addresses } }],
  });
  expect(issues).toEqual([]);
  return config.pools[0] as Pool;
}

const reserved: Partial<ServiceView> = { annotations: { "metallb.io/reserve": "true" } };

/** What the driver does: it writes the annotation, and the pool comes back with it. */
function record(book: ServiceBook, addresses: string[]): Pool[] {
  const text = book.recordedIn("p");
  const pools = [declared(addresses, text === undefined ? {} : { "reserved-by-services": text })];
  settleWrites(book, book.setPools(pools));
  return pools;
}

describe("metallb.io/reservations", () => {
  test("a Service comes back to its address after it was deleted, whoever asked meanwhile", () => {
    const book = running([declared(["10.0.0.1-10.0.0.2"], { reservations: "default/s9=10.0.0.1" })]);
    apply(book, view("s9"), view("s1"), view("s2"));
    book.remove("default/s9");
    expect(state(book)).toEqual({
      s1: "10.0.0.2 (p)",
      s2: 'pool "p" has no free IPv4 address: 1 of 2 are in use, 1 are reserved for other Services, 0 cool down before they are reused',
    });
    apply(book, view("s9", { uid: "another" }));
    expect(state(book)).toMatchObject({ s9: "10.0.0.1 (p)" });
  });

  test("who waits for a reserved address is served before the others that wait, when it opens", () => {
    const book = running([declared(["10.0.0.1/32"])]);
    apply(book, view("s1"), view("s2"), view("s9"));
    settleWrites(book, book.setPools([declared(["10.0.0.1/32"], { reservations: "default/s9=10.0.0.1" })]));
    expect(book.decision("default/s1")?.trace.map(({ why }) => why.code)).toContain("address.kept-reserved");
    settleWrites(book, book.remove("default/s1"));
    expect(state(book)).toMatchObject({ s9: "10.0.0.1 (p)" });
    expect(book.decision("default/s2")?.addresses).toEqual([]);
  });
});

describe("metallb.io/reserve on a Service", () => {
  const range = ["10.0.0.1-10.0.0.2"];

  test("is recorded while it holds, kept when it is deleted, and given back to its name", () => {
    const book = running([declared(range)]);
    apply(book, view("s1", reserved), view("s2"));
    expect(book.recordedIn("p")).toBe("default/s1=10.0.0.1");
    const pools = record(book, range);
    book.remove("default/s1");
    apply(book, view("s3"));
    expect(book.decision("default/s3")?.addresses).toEqual([]);
    const after = restart(pools, objects(book));
    for (const each of [book, after]) {
      apply(each, view("s1", { uid: "another" }));
      expect(state(each)).toMatchObject({ s1: "10.0.0.1 (p)" });
    }
    // It does not ask for it any more.
    expect([book.recordedIn("p"), after.recordedIn("p")]).toEqual([undefined, undefined]);
  });

  test("ends when its entry is deleted, and opens for who waits", () => {
    const book = running([declared(range)]);
    apply(book, view("s1", reserved), view("s2"));
    record(book, range);
    book.remove("default/s1");
    apply(book, view("s3"));
    settleWrites(book, book.setPools([declared(range)]));
    expect(state(book)).toMatchObject({ s3: "10.0.0.1 (p)" });
    expect(book.recordedIn("p")).toBeUndefined();
  });

  test("is written again where the entry of a Service that is there was deleted, or was never written", () => {
    const book = running([declared(range)]);
    apply(book, view("s1", reserved));
    settleWrites(book, book.setPools([declared(["10.0.0.1-10.0.0.3"])]));
    expect(book.recordedIn("p")).toBe("default/s1=10.0.0.1");
    record(book, range);
    settleWrites(book, book.setPools([declared(range)]));
    expect(book.recordedIn("p")).toBe("default/s1=10.0.0.1");
  });

  test("follows the Service to another address", () => {
    const book = running([declared(range)]);
    apply(book, view("s1", reserved));
    record(book, range);
    const moved = { ...reserved.annotations, "metallb.io/loadBalancerIPs": "10.0.0.2" };
    apply(book, { ...(book.view("default/s1") as ServiceView), annotations: moved });
    expect(book.recordedIn("p")).toBe("default/s1=10.0.0.2");
    apply(book, view("s2"));
    expect(state(book)).toEqual({ s1: "10.0.0.2 (p)", s2: "10.0.0.1 (p)" });
  });
});

describe("metallb.io/quota-per-namespace", () => {
  test("names the quota, and serves the namespace when one of its own leaves", () => {
    const book = running([declared(["10.0.0.0/28"], { "quota-per-namespace": "default=2,*=1" })]);
    apply(
      book,
      view("s1"),
      view("s2"),
      view("s3"),
      view("t4", { namespace: "team" }),
      view("t5", { namespace: "team" }),
    );
    const refused = (namespace: string, held: number) =>
      `namespace "${namespace}" has used up its quota in pool "p": it holds ${held} of at most ${held} (metallb.io/quota-per-namespace)`;
    expect(state(book)).toEqual({
      s1: "10.0.0.0 (p)",
      s2: "10.0.0.1 (p)",
      s3: refused("default", 2),
      "team/t4": "10.0.0.2 (p)",
      "team/t5": refused("team", 1),
    });
    settleWrites(book, book.remove("team/t4"));
    expect(state(book)).toMatchObject({ "team/t5": "10.0.0.2 (p)", s3: refused("default", 2) });
    settleWrites(book, book.remove("default/s2"));
    expect(state(book)).toMatchObject({ s3: "10.0.0.1 (p)" });
  });
});

describe("metallb.io/exclude-addresses", () => {
  test("a holder keeps what is excluded, and its trace says so", () => {
    const book = running([declared(["10.0.0.1-10.0.0.2"])]);
    apply(book, view("s1"), view("s2"));
    const excluding = [declared(["10.0.0.1-10.0.0.2"], { "exclude-addresses": "10.0.0.1" })];
    const decisions = settleWrites(book, book.setPools(excluding));
    expect(events(decisions)).toEqual([
      's1: Warning AddressKept: Address 10.0.0.1 of "default/s1" is kept: pool "p" excludes address 10.0.0.1 by now; the Service keeps it until it gives it up itself',
    ]);
    const after = restart(excluding, objects(book));
    expect(state(after)).toEqual({ s1: "10.0.0.1 (p)", s2: "10.0.0.2 (p)" });
    expect(after.decision("default/s1")?.trace.map(({ why }) => why.code)).toContain("address.kept-excluded");
    settleWrites(after, after.remove("default/s1"));
    apply(after, view("s3"));
    expect(after.decision("default/s3")?.addresses).toEqual([]);
  });
});

describe("metallb.io/reuse-after", () => {
  test("deleted and created again under the same name: its own address, at once", () => {
    const book = running([declared(["10.0.0.0/28"], { "reuse-after": "10m" })]);
    apply(book, view("s1"), view("s2"));
    settleWrites(book, book.remove("default/s1"));
    apply(book, view("s3"), view("s1", { uid: "another" }));
    expect(state(book)).toEqual({ s1: "10.0.0.0 (p)", s2: "10.0.0.1 (p)", s3: "10.0.0.2 (p)" });
    expect(book.nextDeadline()).toBeUndefined();
  });

  test("a restart or a redelivery starts no cool-down", () => {
    const pools = [declared(["10.0.0.0/28"], { "reuse-after": "10m" })];
    const book = running(pools);
    const service = view("s1");
    apply(book, service);
    book.upsert(service);
    const after = restart(pools, [written(service, book.decision("default/s1"))]);
    expect([book.nextDeadline(), after.nextDeadline()]).toEqual([undefined, undefined]);
  });

  test("who asks for the very address waits for it, and is told why", () => {
    const book = running([declared(["10.0.0.0/28"], { "reuse-after": "10m" })]);
    apply(book, view("s1"));
    settleWrites(book, book.remove("default/s1"));
    apply(book, view("s2", asks({ loadBalancerIPs: "10.0.0.0" })));
    expect(state(book).s2).toContain("was given back less than 600 s ago");
    settleWrites(book, book.tick(600_000));
    expect(state(book)).toEqual({ s2: "10.0.0.0 (p)" });
  });
});
