import { afterAll, beforeAll, expect, test } from "bun:test";
import { type KubeObject, resources } from "#k8s/mod.ts";
import { startWorkload } from "#sandbox/workload/mod.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const abort = new AbortController();
let server: ApiOnLoopback;

/** Two nodes and the sandbox's own controllers; the test plays the kubelets. */
beforeAll(async () => {
  if (!hasKubectl) return;
  server = await ApiOnLoopback.start();
  const { client } = server.api;
  for (const name of ["a", "b"]) {
    const status = { conditions: [{ type: "Ready", status: "True" }] };
    await client.create(resources.nodes, { metadata: { name } });
    await client.patch(resources.nodes, { name, subresource: "status" }, "merge", { status });
  }
  await startWorkload(client, { log: silent, signal: abort.signal, now: Date.now }).ready;
});
afterAll(async () => {
  abort.abort();
  await server?.stop();
});

const pods = async () =>
  (await server.api.client.list(resources.pods, { namespace: "default" })).items as (KubeObject & {
    spec: { nodeName?: string };
    status: { phase: string };
  })[];
const nodesOfPods = async () => (await pods()).map(({ spec }) => spec.nodeName ?? "").sort();

/** Runs the pods that have a node, as a kubelet would, until there are as many as asked. */
async function runPods(count: number): Promise<void> {
  for (;;) {
    const all = await pods();
    const placed = all.filter(({ spec }) => spec.nodeName !== undefined);
    for (const { metadata, status } of placed) {
      if (status.phase === "Running") continue;
      const target = { name: metadata.name, namespace: "default", subresource: "status" } as const;
      const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
      await server.api.client.patch(resources.pods, target, "merge", { status: ready });
    }
    if (all.length === count && placed.length === count) return;
    await Bun.sleep(5);
  }
}

/** Runs kubectl until it says that the budget does not let the pods go; it would try again every five seconds. */
async function heldUp(line: string): Promise<void> {
  const child = server.spawn(line.split(" "));
  const words = "Cannot evict pod as it would violate the pod's disruption budget.";
  let heard = "";
  const decoder = new TextDecoder();
  for await (const part of child.stderr) {
    heard += decoder.decode(part, { stream: true });
    if (heard.includes(words)) break;
  }
  child.kill();
  await child.exited;
  expect(heard).toContain(words);
}

test.skipIf(!hasKubectl)(
  "kubectl cordons, drains and uncordons, and a budget holds a drain up",
  async () => {
    await server.run("create deployment web --image=web --replicas=4");
    await runPods(4);
    expect(await nodesOfPods()).toEqual(["a", "a", "b", "b"]);

    await server.run("create poddisruptionbudget web --selector=app=web --min-available=100%");
    expect(await server.run("get pdb web --no-headers")).toMatch(/^web +100% +N\/A +0 /);
    const drain = "drain a --ignore-daemonsets --delete-emptydir-data";
    await heldUp(drain);
    expect(await server.run("get node a --no-headers")).toContain("Ready,SchedulingDisabled");
    expect(await nodesOfPods()).toEqual(["a", "a", "b", "b"]);

    await server.run("delete pdb web");
    await server.run("create poddisruptionbudget web --selector=app=web --max-unavailable=50%");
    const drained = await server.run(`${drain} --timeout=20s`);
    expect(drained.match(/pod\/web-\S+ evicted/g)).toHaveLength(2);
    expect(drained).toContain("node/a drained");
    await runPods(4);
    expect(await nodesOfPods()).toEqual(["b", "b", "b", "b"]);

    await server.run("uncordon a");
    await server.run("scale deployment web --replicas=6");
    await runPods(6);
    expect(await nodesOfPods()).toEqual(["a", "a", "b", "b", "b", "b"]);
  },
  60_000,
);
