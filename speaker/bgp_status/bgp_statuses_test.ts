import { afterEach, describe, expect, test } from "bun:test";
import { KubeError, type KubeObject, type ResourceType } from "#k8s/mod.ts";
import { FakeClient, keptLog, ManualClock } from "#k8s/testing/mod.ts";
import type { BgpSessionRow } from "#server/ports.ts";
import { BgpStatuses } from "./mod.ts";

/** An API server of two kinds in memory, without a watch: what was written is known by its answer. */
class KeepingClient extends FakeClient {
  readonly objects = new Map<string, KubeObject>();
  readonly writes: string[] = [];
  fault: KubeError | undefined;

  override async create(resource: ResourceType, object: KubeObject): Promise<KubeObject> {
    this.#write(`create ${resource.kind}`);
    this.objects.set(object.metadata.name, object);
    return object;
  }

  override async patch(
    _: unknown,
    target: { name: string; subresource?: string },
    __: unknown,
    body: unknown,
  ) {
    this.#write(`patch ${target.subresource ?? "object"}`);
    const before = this.objects.get(target.name);
    if (!before) throw new KubeError(404, "NotFound", "there is none");
    const { status, metadata } = body as { status?: Record<string, unknown>; metadata?: object };
    const merged = Object.entries({ ...(before.status ?? {}), ...status }).filter(
      ([, value]) => value !== null,
    );
    const after = {
      ...before,
      metadata: { ...before.metadata, ...metadata },
      status: Object.fromEntries(merged),
    };
    this.objects.set(target.name, after);
    return after;
  }

  override async remove(_?: unknown, name = ""): Promise<void> {
    this.#write("remove");
    this.objects.delete(name);
  }

  #write(what: string): void {
    if (this.fault) throw this.fault;
    this.writes.push(what);
  }
}

const ended: AbortController[] = [];
afterEach(() => {
  for (const each of ended.splice(0)) each.abort();
});

async function open(existing: KubeObject[] = [], kind = "ServiceBGPStatus") {
  const client = new KeepingClient();
  const ofServices = kind === "ServiceBGPStatus";
  client.lists.push({ items: ofServices ? existing : [], resourceVersion: "1" });
  client.lists.push({ items: ofServices ? [] : existing, resourceVersion: "1" });
  for (const object of existing) client.objects.set(object.metadata.name, object);
  const [clock, log, end] = [new ManualClock(), keptLog(), new AbortController()];
  ended.push(end);
  const pod = { name: "speaker-1", uid: "pod-1" };
  const options = {
    client,
    namespace: "metallb-system",
    node: "node1",
    pod: () => pod,
    log,
    signal: end.signal,
    clock,
  };
  const statuses = new BgpStatuses(options);
  await clock.advance(0);
  return {
    client,
    clock,
    log,
    statuses,
    pod,
    shown: () => [...client.objects.values()].map(({ status }) => status),
  };
}

function row(change: Partial<BgpSessionRow> = {}): Omit<BgpSessionRow, "node"> {
  return {
    peer: "tor",
    address: "10.0.0.1",
    port: 179,
    myASN: 64512,
    state: "Established",
    since: 0,
    prefixesSent: 0,
    prefixesReceived: 0,
    flaps: 0,
    capabilities: [],
    ...change,
  };
}

const web = { node: "node1", serviceName: "web", serviceNamespace: "shop", peers: ["tor-a", "tor-b"] };

function object(name: string, status: object = web): KubeObject {
  const labels = {
    "metallb.io/node": "node1",
    "metallb.io/service-name": "web",
    "metallb.io/service-namespace": "shop",
  };
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "speaker-1", uid: "pod-1" }];
  return {
    metadata: { name, labels, ownerReferences, creationTimestamp: `2026-01-01T00:00:0${name.length}Z` },
    status,
  };
}

describe("ServiceBGPStatus", () => {
  test("names the Service's peers, carries MetalLB's labels and goes with the Pod", async () => {
    const { client, clock, statuses, shown } = await open();
    statuses.servicePeers("shop/web", ["tor-b", "tor-a"]);
    statuses.start();
    await clock.advance(1_000);
    expect(shown()).toEqual([web]);
    const { metadata } = [...client.objects.values()][0] ?? expect.unreachable();
    expect(metadata.name).toMatch(/^bgp-/);
    expect(metadata.labels).toEqual(object("x").metadata.labels ?? {});
    expect(metadata.ownerReferences).toMatchObject([{ kind: "Pod", uid: "pod-1" }]);
  });

  test("is written when the peers change, and not otherwise", async () => {
    const { client, clock, statuses, shown } = await open([object("bgp-1")]);
    statuses.servicePeers("shop/web", ["tor-a", "tor-b"]);
    statuses.start();
    await clock.advance(60_000);
    expect(client.writes).toEqual([]);
    statuses.servicePeers("shop/web", ["tor-a"]);
    await clock.advance(60_000);
    expect([client.writes, shown()]).toEqual([["patch status"], [{ ...web, peers: ["tor-a"] }]]);
  });

  test("goes with the last peer, and where an earlier run left it; of two one stays", async () => {
    const { client, clock, statuses } = await open([object("bgp-1"), object("bgp-22")]);
    statuses.servicePeers("shop/web", ["tor-a", "tor-b"]);
    statuses.start();
    await clock.advance(1_000);
    expect([...client.objects.keys()]).toEqual(["bgp-1"]);
    statuses.servicePeers("shop/web", []);
    await clock.advance(1_000);
    expect(client.objects.size).toBe(0);
  });

  test("of an earlier Pod of the node goes with the present one", async () => {
    const left = object("bgp-1");
    left.metadata.ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "speaker-0", uid: "pod-0" }];
    const { client, clock, statuses } = await open([left]);
    statuses.servicePeers("shop/web", ["tor-a", "tor-b"]);
    statuses.start();
    await clock.advance(1_000);
    expect(client.writes).toEqual(["patch object"]);
  });

  test("that is deleted while it is written is made again soon", async () => {
    const { client, clock, statuses, shown } = await open([object("bgp-1")]);
    client.objects.clear();
    statuses.servicePeers("shop/web", ["tor-a"]);
    statuses.start();
    await clock.advance(3_000);
    expect(shown()).toEqual([{ ...web, peers: ["tor-a"] }]);
  });

  test("a missing permission is said once, and asked for seldom", async () => {
    const { client, clock, log, statuses } = await open();
    client.fault = new KubeError(403, "Forbidden", "servicebgpstatuses is forbidden");
    statuses.servicePeers("shop/web", ["tor-a", "tor-b"]);
    statuses.start();
    await clock.advance(300_000);
    expect(log.lines.filter((line) => line.includes("ServiceBGPStatus"))).toEqual([
      'warn cannot write ServiceBGPStatus objects {"error":"KubeError: servicebgpstatuses is forbidden"}',
    ]);
    client.fault = undefined;
    await clock.advance(70_000);
    expect(client.objects.size).toBe(1);
  });
});

describe("BGPSessionState", () => {
  test("has frr-k8s's fields, and does not follow each attempt of a session that is down", async () => {
    const { client, clock, statuses, shown } = await open();
    statuses.sessions([row({ bfd: "up", vrf: "red" })]);
    statuses.start();
    await clock.advance(1_000);
    const up = {
      node: "node1",
      peer: "10.0.0.1",
      bgpPeer: "tor",
      vrf: "red",
      bgpStatus: "Established",
      bfdStatus: "Up",
    };
    expect(shown()).toEqual([up]);
    for (const state of ["Idle", "Connect", "OpenSent", "Active", "Idle"] as const) {
      statuses.sessions([row({ bfd: "down", vrf: "red", state })]);
      await clock.advance(1_000);
    }
    expect(shown()).toEqual([{ ...up, bgpStatus: "Active", bfdStatus: "Down" }]);
    expect(client.writes).toEqual(["create BGPSessionState", "patch status", "patch status"]);
  });

  test("of a peer that is gone is removed, and what does not hold any more is left out", async () => {
    const { client, clock, statuses, shown } = await open();
    statuses.sessions([row({ vrf: "red" })]);
    statuses.start();
    await clock.advance(1_000);
    statuses.sessions([row({ address: "eth0", isWaiting: true, state: "Idle" })]);
    await clock.advance(1_000);
    expect(shown()).toEqual([
      { node: "node1", peer: "eth0", bgpPeer: "tor", bgpStatus: "Idle", bfdStatus: "N/A" },
    ]);
    statuses.sessions([]);
    await clock.advance(1_000);
    expect(client.objects.size).toBe(0);
  });
});
