/**
 * Whether controller and speaker grow: Services, their endpoints and their addresses come and go for `--seconds N` (30),
 * and the slope of the resident memory of both processes is printed, by least squares over the second half. Over a
 * minute the slope says little more than that nothing grows by leaps; an hour says it in kilobytes.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type KubeClient, type KubeObject, resources } from "#k8s/mod.ts";
import { runtimeEnvironment } from "../../k8s/image/environment.ts";
import { BenchCluster, exampleService, inParallel, ownNamespace } from "./cluster.ts";
import { memoryOf, table } from "./measure.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
const seconds = Number(values.seconds);
/** Services that are there at a time. */
const services = 500;
const node = "node1";
const sampleMs = 500;

interface Sample {
  readonly atMs: number;
  readonly megabytes: number;
}

const cluster = await BenchCluster.start();
let speaker: Bun.Subprocess | undefined;
try {
  const client = await cluster.client();
  await cluster.tell({ do: "pool", cidr: "10.0.0.0/16" });
  await client.create(resources.nodes, { apiVersion: "v1", kind: "Node", metadata: { name: node } });
  await client.create(resources.l2Advertisements, advertisement());
  const controller = cluster.startController();
  speaker = startSpeaker();
  await controller.allocating();
  const samples = { controller: [] as Sample[], speaker: [] as Sample[] };
  const startedAt = performance.now();
  const measure = async (part: keyof typeof samples, pid: number) => {
    const { nowMB } = await memoryOf(pid);
    samples[part].push({ atMs: performance.now() - startedAt, megabytes: nowMB });
  };
  const pid = speaker.pid;
  const timer = setInterval(() => {
    void measure("controller", controller.pid);
    void measure("speaker", pid);
  }, sampleMs);
  let came = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    await inParallel(services, 8, (index) => come(client, came + index));
    await inParallel(services, 8, (index) => change(client, came + index));
    await inParallel(services, 8, (index) => go(client, came + index));
    await forgetEvents(client);
    came += services;
  }
  clearInterval(timer);
  const rows = Object.entries(samples).map(([part, all]) => {
    const late = all.filter(({ atMs }) => atMs > (seconds * 1_000) / 2);
    const [first, last] = [late[0]?.megabytes ?? 0, late.at(-1)?.megabytes ?? 0];
    const most = Math.max(...all.map(({ megabytes }) => megabytes));
    return [part, first, last, most, slopePerMs(late) * 3_600_000, (slopePerMs(late) * seconds * 1e6) / came];
  });
  table(
    `${came.toLocaleString("en")} Services came and went in ${seconds} s, ${services} at a time`,
    ["", "RSS MB at half", "at the end", "peak", "slope MB/h", "slope kB for each Service"],
    rows,
  );
} finally {
  speaker?.kill("SIGKILL");
  await cluster.stop();
}

function startSpeaker(): Bun.Subprocess {
  const program = `${import.meta.dir}/../../main.ts`;
  const socket = join(cluster.kubeconfig, "..", "speaker.sock");
  return Bun.spawn(
    [
      ...[process.execPath, program, "speaker", "--record-only", "--node-name", node],
      ...["--kubeconfig", cluster.kubeconfig, "--namespace", ownNamespace],
      ...["--host", "127.0.0.1", "--port", "0", "--unix-socket", socket, "--log-level", "error"],
      // The controller has the usual port, on the same host here.
      ...["--health-probe-port", "0"],
    ],
    // As the image starts it.
    { stdin: "ignore", stdout: "inherit", stderr: "inherit", env: { ...process.env, ...runtimeEnvironment } },
  );
}

async function come(client: KubeClient, index: number): Promise<void> {
  await client.create(resources.endpointSlices, slice(index, true));
  await client.create(resources.services, exampleService(index));
}

async function change(client: KubeClient, index: number): Promise<void> {
  const { endpoints, metadata } = slice(index, false);
  const target = { name: metadata.name, namespace: "default" };
  await client.patch(resources.endpointSlices, target, "merge", { endpoints });
}

async function go(client: KubeClient, index: number): Promise<void> {
  await client.remove(resources.services, `s${index}`, "default");
  await client.remove(resources.endpointSlices, `s${index}`, "default");
}

/** As an API server does an hour later: the console shows the events of Services that are there, and keeps a copy. */
async function forgetEvents(client: KubeClient): Promise<void> {
  const { items } = await client.list(resources.events);
  await inParallel(items.length, 8, (index) => {
    const { name = "", namespace } = items[index]?.metadata ?? {};
    return client.remove(resources.events, name, namespace);
  });
}

function slice(index: number, ready: boolean): KubeObject {
  const name = `s${index}`;
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "default", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.0.1"], nodeName: node, conditions: { ready } }],
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
}

function advertisement(): KubeObject {
  const metadata = { name: "l2", namespace: ownNamespace };
  return { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata, spec: {} };
}

/** Least squares: megabytes a millisecond. */
function slopePerMs(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [at, size] = [mean(({ atMs }) => atMs), mean(({ megabytes }) => megabytes)];
  const covariance = mean(({ atMs, megabytes }) => (atMs - at) * (megabytes - size));
  return covariance / mean(({ atMs }) => (atMs - at) ** 2);
}
