/**
 * What a speaker holds with 1,000 and with 10,000 Services, and how soon it knows them. It records only: the thread of the data plane comes to it.
 */
import { join } from "node:path";
import { type KubeClient, type KubeObject, resources } from "#k8s/mod.ts";
import { runtimeEnvironment } from "../../k8s/image/environment.ts";
import { BenchCluster, inParallel, ownNamespace } from "./cluster.ts";
import { memoryOf, table } from "./measure.ts";

/** The node whose speaker is measured announces all of them where it is alone, a third where there are three. */
const cases = [
  { services: 1_000, nodes: ["node1"] },
  { services: 10_000, nodes: ["node1", "node2", "node3"] },
];
const settleMs = 8_000;

const rows: (string | number)[][] = [];
for (const { services, nodes } of cases) rows.push(await measure(services, nodes));
table(
  "a speaker with so many Services, their endpoints and ServiceL2Status objects (targets: 1,000 announced < 80 MB, 10,000 < 100 MB)",
  ["Services", "announced", "knows them after ms", "RSS MB then", `${settleMs / 1000} s later`, "peak"],
  rows,
);

async function measure(services: number, nodes: readonly string[]): Promise<(string | number)[]> {
  let child: Bun.Subprocess | undefined;
  const cluster = await BenchCluster.start();
  try {
    const client = await cluster.client();
    await cluster.tell({ do: "pool", cidr: "10.0.0.0/16" });
    await cluster.tell({ do: "services", count: services, addressesFrom: "10.0.0.0" });
    await inParallel(nodes.length, 4, (index) => makeNode(client, nodes[index] ?? "", index));
    await client.create(
      resources.l2Advertisements,
      object("metallb.io/v1beta1", "L2Advertisement", "l2", {}),
    );
    await inParallel(services, 8, (index) => makeEndpoints(client, nodes, index));
    await inParallel(services, 8, (index) => makeStatus(client, nodes, index));
    const socket = join(cluster.kubeconfig, "..", "speaker.sock");
    const program = `${import.meta.dir}/../../main.ts`;
    child = Bun.spawn(
      [
        ...[process.execPath, program, "speaker", "--record-only", "--node-name", "node1"],
        ...["--kubeconfig", cluster.kubeconfig, "--namespace", ownNamespace],
        ...["--host", "127.0.0.1", "--port", "0", "--unix-socket", socket, "--log-level", "error"],
      ],
      // As the image starts it.
      {
        stdin: "ignore",
        stdout: "inherit",
        stderr: "inherit",
        env: { ...process.env, ...runtimeEnvironment },
      },
    );
    const startedAt = performance.now();
    await announced(socket, startedAt);
    const knownMs = performance.now() - startedAt;
    const { nowMB: first } = await memoryOf(child.pid);
    await Bun.sleep(settleMs);
    const { nowMB, peakMB } = await memoryOf(child.pid);
    return [services, await announced(socket, performance.now()), knownMs, first, nowMB, peakMB];
  } finally {
    child?.kill("SIGKILL");
    await cluster.stop();
  }
}

/** How many addresses it announces, as soon as there is one. */
async function announced(socket: string, startedAt: number): Promise<number> {
  while (performance.now() - startedAt < 60_000) {
    const response = await fetch("http://speaker/metrics", { unix: socket }).catch(() => undefined);
    const text = (await response?.text()) ?? "";
    const count = text.match(/^metallb_speaker_announced\{/gm)?.length ?? 0;
    if (count > 0) return count;
    await Bun.sleep(250);
  }
  throw new Error("the speaker announces nothing");
}

function object(apiVersion: string, kind: string, name: string, spec: unknown): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: ownNamespace }, spec };
}

async function makeNode(client: KubeClient, name: string, index: number): Promise<void> {
  await client.create(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name } });
  const labels = { app: "metallb", component: "speaker" };
  const metadata = { name: `speaker-${name}`, namespace: ownNamespace, labels };
  const spec = { nodeName: name, containers: [{ name: "speaker", image: "speaker" }] };
  await client.create(resources.pods, { apiVersion: "v1", kind: "Pod", metadata, spec });
  const target = { name: metadata.name, namespace: ownNamespace, subresource: "status" } as const;
  const conditions = [{ type: "Ready", status: "True" }];
  const status = { podIP: `192.168.1.1${index}`, conditions };
  await client.patch(resources.pods, target, "merge", { status });
}

async function makeEndpoints(client: KubeClient, nodes: readonly string[], index: number): Promise<void> {
  const labels = { "kubernetes.io/service-name": `s${index}` };
  const endpoint = (at: number) => ({
    addresses: [`10.244.${index >> 8}.${(index + at) & 255}`],
    nodeName: nodes[(index + at) % nodes.length],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: "Pod", namespace: "default", name: `s${index}-${at}`, uid: crypto.randomUUID() },
  });
  await client.create(resources.endpointSlices, {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `s${index}-abcde`, namespace: "default", labels },
    addressType: "IPv4",
    endpoints: [endpoint(0), endpoint(1)],
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  });
}

async function makeStatus(client: KubeClient, nodes: readonly string[], index: number): Promise<void> {
  const node = nodes[index % nodes.length] ?? "";
  const labels = {
    "metallb.io/node": node,
    "metallb.io/service-name": `s${index}`,
    "metallb.io/service-namespace": "default",
  };
  const metadata = { name: `l2-${index}`, namespace: ownNamespace, labels };
  const kind = { apiVersion: "metallb.io/v1beta1", kind: "ServiceL2Status" };
  await client.create(resources.serviceL2Statuses, { ...kind, metadata, spec: {} });
  const target = { name: metadata.name, namespace: ownNamespace, subresource: "status" } as const;
  const status = { node, serviceName: `s${index}`, serviceNamespace: "default" };
  await client.patch(resources.serviceL2Statuses, target, "merge", { status });
}
