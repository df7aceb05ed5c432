import { afterEach, describe, expect, test } from "bun:test";
import { type Config, type ConfigIssue, parseConfig } from "#core/config/mod.ts";
import { type Decision, ServiceBook } from "#core/service/mod.ts";
import { ControllerMetrics } from "./metrics.ts";
import { configOf, serviceOf } from "./testing.ts";

let stop = () => {};
afterEach(() => stop());

function start() {
  const book = new ServiceBook();
  let config: Config | undefined;
  let issues: ConfigIssue[] = [];
  const metrics = new ControllerMetrics({
    version: "1.2.3",
    book,
    issues: () => issues,
    pendingSince: () => book.pendingInOrder().map(() => 40_000),
    speakers: () => [{ answers: true }, { answers: false }],
    leads: () => true,
    now: () => 100_000,
  });
  stop = () => metrics.stop();
  const told = (decisions: Decision[]) => {
    for (const decision of decisions) metrics.decided(decision);
  };
  const configure = (pools: Record<string, string>, annotations: Record<string, string> = {}) => {
    const parsed = parseConfig(
      {
        pools: Object.entries(pools).map(([name, range]) => {
          const object = configOf("IPAddressPool", name, { addresses: [range] });
          return { ...object, metadata: { ...object.metadata, annotations } };
        }),
        ...{ l2Advertisements: [], bgpAdvertisements: [], peers: [], bfdProfiles: [], communities: [] },
      },
      config,
    );
    config = parsed.config;
    issues = parsed.issues;
    metrics.configured(config, issues);
    told(book.setPools(config.pools));
  };
  book.startAllocating();
  const add = (name: string, pool?: string) => {
    const annotations = pool === undefined ? {} : { "metallb.io/address-pool": pool };
    told(book.upsert(serviceOf({ name, uid: name, annotations })));
  };
  const read = async (name: string) => {
    const found: Record<string, number> = {};
    for (const line of (await metrics.registry.metrics()).split("\n")) {
      const match = line.match(/^(\w+)(?:\{([^}]*)\})? (\S+)$/);
      if (match?.[1] === name) found[match[2] ?? ""] = Number(match[3]);
    }
    return found;
  };
  return { metrics, book, configure, add, read, told };
}

describe("ControllerMetrics", () => {
  test("what a pool keeps back is counted by what it waits for, and goes when it ends", async () => {
    const { book, configure, add, read } = start();
    const states = async () => {
      const names = ["excluded", "reserved", "cooling", "kept"];
      const all = await Promise.all(names.map((state) => read(`metallb_allocator_addresses_${state}`)));
      return all.map((values) => values['pool="one"']);
    };
    const annotations = {
      "metallb.io/exclude-addresses": "192.0.2.1",
      "metallb.io/reservations": "default/db=192.0.2.2",
      "metallb.io/reuse-after": "10m",
    };
    configure({ one: "192.0.2.0/29" });
    for (const name of ["a", "b", "c", "d"]) add(name);
    configure({ one: "192.0.2.0/29" }, annotations);
    expect(await states()).toEqual([1, 0, 0, 1]);
    for (const name of ["a", "b", "c"]) book.remove(`default/${name}`);
    // .0 cools down; .1 is excluded and .2 reserved.
    expect(await states()).toEqual([1, 1, 1, 0]);
    expect(await read("metallb_allocator_addresses_total")).toEqual({ 'pool="one"': 7 });
    book.tick(600_000);
    expect(await states()).toEqual([1, 1, 0, 0]);
    expect(await read("metallb_allocator_holding_bool")).toEqual({ "": 0 });
    configure({});
    expect(await read("metallb_allocator_holding_bool")).toEqual({ "": 1 });
    expect(await states()).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("counts of a pool follow it, and vanish with it", async () => {
    const { configure, add, read } = start();
    expect(await read("metallb_k8s_client_config_loaded_bool")).toEqual({ "": 0 });
    configure({ one: "192.0.2.0/30", six: "2001:db8::/126" });
    add("web");
    expect(await read("metallb_k8s_client_config_loaded_bool")).toEqual({ "": 1 });
    expect(await read("metallb_allocator_addresses_total")).toEqual({ 'pool="one"': 4, 'pool="six"': 4 });
    expect(await read("metallb_allocator_ipv4_addresses_total")).toEqual({
      'pool="one"': 4,
      'pool="six"': 0,
    });
    expect(await read("metallb_allocator_ipv6_addresses_total")).toEqual({
      'pool="one"': 0,
      'pool="six"': 4,
    });
    expect(await read("metallb_allocator_addresses_in_use_total")).toMatchObject({ 'pool="one"': 1 });
    expect(await read("metallb_allocator_services_allocated_total")).toMatchObject({ 'pool="one"': 1 });
    configure({ one: "192.0.2.0/30" });
    expect(await read("metallb_allocator_addresses_total")).toEqual({ 'pool="one"': 4 });
  });

  test("a Service's series lives while it holds an address", async () => {
    const { configure, add, read, book, told } = start();
    configure({ one: "192.0.2.1/32" });
    add("web");
    add("late");
    const held = "metallb_allocator_ip_addresses_in_use_total";
    expect(await read(held)).toEqual({ 'pool="one",namespace="default",service="web"': 1 });
    expect(await read("metallb_controller_services_pending")).toEqual({ "": 1 });
    expect(await read("metallb_controller_service_pending_oldest_seconds")).toEqual({ "": 60 });
    told(book.remove("default/web"));
    expect(await read(held)).toEqual({ 'pool="one",namespace="default",service="late"': 1 });
    expect(await read("metallb_controller_service_pending_oldest_seconds")).toEqual({ "": 0 });
  });

  test("allocation errors are counted by pool and reason; a mistyped pool is no series; a gone pool takes its own", async () => {
    const { configure, add, read } = start();
    configure({ one: "192.0.2.1/32" });
    add("web");
    add("late");
    add("typo", "oen");
    add("typo-too", "eno");
    const errors = "metallb_allocator_addresses_errors_total";
    expect(await read(errors)).toEqual({
      'pool="one",reason="pool.exhausted"': 1,
      'pool="",reason="pool.unknown"': 2,
    });
    configure({ two: "198.51.100.0/24" });
    expect(Object.keys(await read(errors)).filter((labels) => labels.includes('pool="one"'))).toEqual([]);
  });

  test("a rejected object makes the configuration stale until it is put right", async () => {
    const { configure, read } = start();
    configure({ one: "192.0.2.0/30", bad: "nonsense" });
    expect(await read("metallb_k8s_client_config_stale_bool")).toEqual({ "": 1 });
    expect(await read("metallb_controller_config_rejected")).toEqual({ 'kind="IPAddressPool"': 1 });
    configure({ one: "192.0.2.0/30" });
    expect(await read("metallb_k8s_client_config_stale_bool")).toEqual({ "": 0 });
    expect(await read("metallb_controller_config_rejected")).toEqual({});
  });

  test("says what runs", async () => {
    const { read } = start();
    expect(await read("metallb_build_info")).toEqual({ [`version="1.2.3",runtime="bun ${Bun.version}"`]: 1 });
    expect(await read("metallb_controller_speakers")).toEqual({ 'answers="true"': 1, 'answers="false"': 1 });
    expect((await read("process_resident_memory_bytes"))[""]).toBeGreaterThan(1e6);
  });
});
