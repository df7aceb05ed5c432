import { describe, expect, test } from "bun:test";
import type { Config } from "#core/config/mod.ts";
import { configObject, createInformer, type KubeObject, resources } from "#k8s/mod.ts";
import { FakeClient, keptLog, ManualClock, settle } from "#k8s/testing/mod.ts";
import { type Caches, configKinds } from "./caches.ts";
import { Configuration } from "./configuration.ts";

function pool(name: string, addresses: string[], resourceVersion = "1", more: object = {}): KubeObject {
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: {
      name,
      namespace: "metallb-system",
      uid: `uid-${name}`,
      resourceVersion,
      generation: Number(resourceVersion),
      creationTimestamp: "2026-01-01T00:00:00Z",
    },
    spec: { addresses },
    ...more,
  };
}

async function start(pools: KubeObject[]) {
  const clients = new Map<string, FakeClient>();
  const log = keptLog();
  const caches = Object.fromEntries(
    [...configKinds, "nodes"].map((kind) => {
      const client = new FakeClient();
      client.lists.push({ items: kind === "pools" ? pools : [], resourceVersion: "10" });
      clients.set(kind, client);
      const common = { log, signal: new AbortController().signal, clock: new ManualClock() };
      return [kind, createInformer(client, { ...common, resource: resources.nodes, project: configObject })];
    }),
  ) as unknown as Caches;
  const events: string[] = [];
  const applied: { config: Config; held: string[] }[] = [];
  const configuration = new Configuration({
    caches,
    log,
    recorder: {
      record: ({ kind, name }, type, reason, message) =>
        events.push(`${type} ${reason} ${kind}/${name} ${message}`),
    },
    changed: (config, heldPools) => applied.push({ config, held: [...heldPools] }),
  });
  await settle();
  const poolClient = clients.get("pools") as FakeClient;
  return { configuration, events, applied, watch: () => poolClient.openWatch };
}

describe("Configuration", () => {
  test("judges nothing before it is started, then everything at once", async () => {
    const { configuration, applied } = await start([
      pool("a", ["192.0.2.0/28"]),
      pool("b", ["192.0.2.16/28"]),
    ]);
    expect(applied).toEqual([]);
    expect(configuration.config).toBeUndefined();
    configuration.start();
    expect(applied.map(({ config }) => config.pools.map(({ name }) => name))).toEqual([["a", "b"]]);
  });

  test("a malformed pool is rejected alone, with one event that says what is wrong", async () => {
    const { configuration, events, applied } = await start([
      pool("good", ["192.0.2.0/28"]),
      pool("bad", ["192.0.2.500-192.0.2.510"]),
    ]);
    configuration.start();
    expect(applied[0]?.config.pools.map(({ name }) => name)).toEqual(["good"]);
    expect(applied[0]?.held).toEqual(["bad"]);
    expect(events).toHaveLength(1);
    expect(events[0]).toStartWith("Warning ConfigurationRejected IPAddressPool/bad spec.addresses[0]: ");
    expect(events[0]).toContain("192.0.2.500");
  });

  test("our own status writes and repeated judgements tell nothing; an edit that stays wrong tells again", async () => {
    const { configuration, events, applied, watch } = await start([pool("bad", ["nonsense"])]);
    configuration.start();
    watch().send("MODIFIED", pool("bad", ["nonsense"], "11", { status: { assignedIPv4: 1 } }));
    await settle();
    const before = { events: events.length, applied: applied.length };
    // A status write changes the resourceVersion and leaves the generation.
    const object = pool("bad", ["nonsense"], "12", { status: { assignedIPv4: 2 } });
    object.metadata.generation = 11;
    watch().send("MODIFIED", object);
    await settle();
    expect({ events: events.length, applied: applied.length }).toEqual(before);
    watch().send("MODIFIED", pool("bad", ["still nonsense"], "13"));
    await settle();
    expect(events.at(-1)).toContain("still nonsense");
  });

  test("a pool put right is accepted and held no longer", async () => {
    const { configuration, applied, watch } = await start([pool("a", ["nonsense"])]);
    configuration.start();
    watch().send("MODIFIED", pool("a", ["192.0.2.0/28"], "11"));
    await settle();
    expect(applied.at(-1)?.config.pools.map(({ name }) => name)).toEqual(["a"]);
    expect(applied.at(-1)?.held).toEqual([]);
    expect(configuration.issues).toEqual([]);
  });

  test("tells once of what only speakers can judge, and shows which say it", async () => {
    const { configuration, events } = await start([pool("a", ["192.0.2.0/28"])]);
    configuration.start();
    const issue = (path: string) => ({
      kind: "IPAddressPool",
      name: "a",
      path,
      code: "x",
      message: `${path}: no such Secret`,
    });
    const secret = issue("spec.passwordSecret.name");
    configuration.hear([{ issue: secret, nodes: ["node2"] }]);
    configuration.hear([
      { issue: secret, nodes: ["node2", "node1"] },
      { issue: issue("spec.addresses"), nodes: ["node1"] },
    ]);
    expect(events).toEqual([
      "Warning ConfigurationRejected IPAddressPool/a spec.passwordSecret.name: no such Secret",
    ]);
    expect(configuration.ownIssues).toEqual([]);
    expect(configuration.issues.map(({ message }) => message)).toEqual([
      "spec.passwordSecret.name: no such Secret (said by the speaker of node1, node2)",
    ]);
    configuration.hear([]);
    expect(configuration.issues).toEqual([]);
  });
});
