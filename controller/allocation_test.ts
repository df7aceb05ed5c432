import { describe, expect, test } from "bun:test";
import { parseConfig } from "#core/config/mod.ts";
import type { NamespaceView, VersionedService } from "#k8s/mod.ts";
import { keptLog, ManualClock } from "#k8s/testing/mod.ts";
import { Allocation } from "./allocation.ts";
import type { StatusWriter } from "./status_writer.ts";
import { configOf, serviceOf } from "./testing.ts";

/** A cache that a test fills by hand. */
class Feed<T> {
  readonly objects = new Map<string, T>();
  #listener: { changed(after: T): void; removed(before: T): void } | undefined;
  subscribe(listener: { changed(after: T): void; removed(before: T): void }): () => void {
    this.#listener = listener;
    return () => {};
  }
  get(key: string): T | undefined {
    return this.objects.get(key);
  }
  set(key: string, object: T): void {
    this.objects.set(key, object);
    this.#listener?.changed(object);
  }
  remove(key: string): void {
    const before = this.objects.get(key);
    this.objects.delete(key);
    if (before) this.#listener?.removed(before);
  }
}

function start(annotations: Record<string, string> = {}) {
  const services = new Feed<VersionedService>();
  const namespaces = new Feed<NamespaceView>();
  const clock = new ManualClock();
  const events: string[] = [];
  const enqueued: string[] = [];
  const ended = new AbortController();
  const allocation = new Allocation({
    caches: { services, namespaces } as unknown as ConstructorParameters<typeof Allocation>[0]["caches"],
    loadBalancerClass: "",
    recorder: {
      record: (about, type, reason) => void events.push(`${about.kind} ${about.name} ${type} ${reason}`),
    },
    log: keptLog(),
    clock,
    signal: ended.signal,
    namespace: "metallb-system",
    decided: () => {},
    touched: () => {},
    timed: (work) => work(),
  });
  const setPools = (...ranges: string[]) => {
    const pools = ranges.map((range, at) => {
      const object = configOf("IPAddressPool", `p${at}`, { addresses: [range] });
      return { ...object, metadata: { ...object.metadata, annotations } };
    });
    const rest = { l2Advertisements: [], bgpAdvertisements: [], peers: [], bfdProfiles: [], communities: [] };
    allocation.setPools(parseConfig({ pools, ...rest }).config, new Set());
  };
  setPools("10.0.0.1/32");
  const writer = { enqueue: (key: string) => void enqueued.push(key), forget: () => {} };
  allocation.start(writer as unknown as StatusWriter);
  const add = (name: string) => services.set(`default/${name}`, serviceOf({ name, uid: name }));
  return { allocation, services, clock, events, enqueued, ended, setPools, add };
}

describe("Allocation", () => {
  test("one timer serves the oldest pending when a cool-down ends, and there is none without a deadline", async () => {
    const { services, clock, enqueued, add } = start({ "metallb.io/reuse-after": "10m" });
    add("a");
    add("b");
    expect([enqueued.splice(0), clock.nextMs()]).toEqual([["default/a"], undefined]);
    services.remove("default/a");
    expect(clock.nextMs()).toBe(600_000);
    await clock.advance(599_999);
    expect(enqueued).toEqual([]);
    await clock.advance(1);
    expect([enqueued, clock.nextMs()]).toEqual([["default/b"], undefined]);
  });

  test.each([-7 * 3_600_000, 7 * 3_600_000])(
    "a wall's clock set by %p ms moves no cool-down",
    async (byMs) => {
      const { services, clock, enqueued, add } = start({ "metallb.io/reuse-after": "10m" });
      add("a");
      add("b");
      enqueued.splice(0);
      services.remove("default/a");
      await clock.advance(300_000);
      clock.setWall(byMs);
      await clock.advance(299_999);
      expect(enqueued).toEqual([]);
      await clock.advance(1);
      expect(enqueued).toEqual(["default/b"]);
    },
  );

  test("no timer outlives the controller", () => {
    const { services, clock, add, ended } = start({ "metallb.io/reuse-after": "10m" });
    add("a");
    services.remove("default/a");
    ended.abort();
    expect(clock.nextMs()).toBeUndefined();
  });

  test("tells once that all pools vanished, and once that there are some again", () => {
    const { allocation, events, enqueued, add, setPools } = start();
    add("a");
    add("b");
    events.splice(0);
    enqueued.splice(0);
    setPools();
    setPools();
    expect(allocation.book.isHolding).toBe(true);
    expect(events.filter((text) => text.startsWith("Namespace"))).toEqual([
      "Namespace metallb-system Warning AllPoolsVanished",
    ]);
    expect(enqueued).toEqual([]);
    events.splice(0);
    setPools("10.0.0.1/32");
    expect(events).toContain("Namespace metallb-system Normal PoolsBack");
    expect(allocation.book.decision("default/a")?.addresses).toEqual(["10.0.0.1"]);
  });
});
