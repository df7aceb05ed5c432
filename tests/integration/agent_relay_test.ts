import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import { labId, labSupport } from "#sandbox/lab/mod.ts";
import { AgentLab, type Outcome } from "./harness/agent_lab.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const support = labSupport(labId("agent_relay_test"));
const missing = !support.ok ? `no namespaces (${support.reason})` : cannotRun("nft", "curl");

const configMaps: ResourceType = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

const server = "https://127.0.0.1:6443";

describe.skipIf(missing !== undefined)(`relay${missing ? `: skipped, ${missing}` : ""}`, () => {
  let lab: AgentLab;
  let quietWatch: Promise<Outcome & { tookMs: number }>;
  beforeAll(async () => {
    lab = await AgentLab.start(1);
    const start = performance.now();
    quietWatch = curl("-N", `${server}/api/v1/secrets?watch=true&timeoutSeconds=14`).then((outcome) => ({
      ...outcome,
      tookMs: performance.now() - start,
    }));
  }, 30_000);
  afterAll(async () => {
    await lab?.stop();
  }, 30_000);

  /** curl inside the node's namespace, to the API by way of the relay. */
  const curl = (...options: string[]) => {
    const access = ["--cacert", lab.file("ca.pem"), "-H", `Authorization: Bearer ${lab.token}`];
    return lab.exec("node1", "curl", "-sS", ...access, ...options);
  };
  test("100 connections at once, each answered", async () => {
    const watch = curl("-N", `${server}/api/v1/nodes?watch=true&timeoutSeconds=3`);
    const start = performance.now();
    const { stdout, exitCode } = await curl(
      ...["-Z", "--parallel-max", "100", "--parallel-immediate", "-w", "%{http_code} %{num_connects}\n"],
      ...["-o", "/dev/null", `${server}/api/v1/namespaces/default?n=[1-100]`],
    );
    const took = performance.now() - start;
    expect(exitCode).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines.filter((line) => line.startsWith("200 "))).toHaveLength(100);
    const connections = lines.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
    expect(connections).toBeGreaterThan(50);
    // A watch that was open meanwhile is whole.
    const events = (await watch).stdout.trim().split("\n").filter(Boolean);
    expect(events.map((line) => JSON.parse(line).type)).toContain("ADDED");
    console.log(`100 requests on ${connections} connections in ${took.toFixed(0)} ms`);
  }, 20_000);

  test("a long stream to a slow reader arrives whole and in order", async () => {
    const count = 1500;
    const { resourceVersion } = await lab.client.list(configMaps, { namespace: "default" });
    const query = `watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=6`;
    const stream = curl(
      "-N",
      "--limit-rate",
      "6M",
      `${server}/api/v1/namespaces/default/configmaps?${query}`,
    );
    const text = "x".repeat(10_000);
    for (let index = 0; index < count; index++) {
      const object = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `long-${index}` },
        data: { text },
      };
      await lab.apply(configMaps, object as KubeObject);
    }
    const { stdout, exitCode } = await stream;
    expect(exitCode).toBe(0);
    const events = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const names = events.filter(({ type }) => type === "ADDED").map(({ object }) => object.metadata.name);
    expect(names).toEqual(Array.from({ length: count }, (_, index) => `long-${index}`));
    expect(stdout.length).toBeGreaterThan(count * text.length);
  }, 30_000);

  test("a watch on which nothing happens stays open to its end", async () => {
    const { exitCode, tookMs } = await quietWatch;
    expect(exitCode).toBe(0);
    expect(tookMs).toBeGreaterThan(13_500);
  }, 20_000);

  test("the node's agent follows the cluster through it, and again after a restart of the agent", async () => {
    await lab.killAgent("node1");
    const refused = await curl("-m", "2", `${server}/version`);
    expect(refused.exitCode).toBe(7);
    await lab.startAgent("node1");
    const answered = await curl("-m", "2", `${server}/version`);
    expect(JSON.parse(answered.stdout)).toHaveProperty("gitVersion");
    await eventually("the node's Lease is renewed", async () => {
      const lease = {
        group: "coordination.k8s.io",
        version: "v1",
        plural: "leases",
        kind: "Lease",
        namespaced: true,
      };
      const { spec } = await lab.client.get(lease, "node1", "kube-node-lease");
      return Date.now() - Date.parse((spec as { renewTime: string }).renewTime) < 5000;
    });
    const { status } = await lab.client.get(resources.nodes, "node1");
    const { conditions } = status as { conditions: { type: string; status: string }[] };
    expect(conditions.find(({ type }) => type === "Ready")?.status).toBe("True");
  }, 20_000);
});
