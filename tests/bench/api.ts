/** How fast the sandbox's Kubernetes API is: in the process, and over HTTPS from another one on the same machine. */
import { resources } from "#k8s/mod.ts";
import { createSandboxApi } from "#sandbox/api/mod.ts";
import { apiToken, BenchCluster, exampleService, inParallel } from "./cluster.ts";
import { cost, median, memoryOf, quantile, table } from "./measure.ts";

const count = 10_000;
const parallel = 32;
const gets = 500;
const servicesPath = "/api/v1/namespaces/default/services";

const rows: (string | number)[][] = [];
const perSecond = (what: string, wallMs: number) => rows.push([what, (count * 1e3) / wallMs]);

await inProcess();
const cluster = await BenchCluster.start();
const { url, ca } = cluster.endpoint;
try {
  await overHttps();
} finally {
  await cluster.stop();
}
table(
  `${count.toLocaleString("en")} Services, over HTTPS ${parallel} requests at a time`,
  ["", "value"],
  rows,
);

async function inProcess(): Promise<void> {
  const api = createSandboxApi({ now: Date.now });
  const { wallMs } = await cost(async () => {
    for (let index = 0; index < count; index++) {
      await api.client.create(resources.services, exampleService(index));
    }
  });
  perSecond("creates/s in the process", wallMs);
  api.close();
}

async function overHttps(): Promise<void> {
  const create = (index: number) => send("POST", servicesPath, exampleService(index), "application/json");
  perSecond("creates/s", (await cost(() => inParallel(count, parallel, create))).wallMs);

  const listsMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 3; round++) {
    const { wallMs } = await cost(async () => {
      bytes = (await send("GET", "/api/v1/services")).byteLength;
    });
    listsMs.push(wallMs);
  }
  rows.push(["list of all, ms", median(listsMs)], ["list of all, MB", bytes / 1e6]);
  const getting = await cost(async () => {
    for (let round = 0; round < gets; round++) await send("GET", `${servicesPath}/s1`);
  });
  rows.push(["get, ms", getting.wallMs / gets]);

  const watch = await ask("GET", "/api/v1/services?watch=true&resourceVersion=0");
  const lagsMs: number[] = [];
  const watching = follow(watch, (sentAt) => lagsMs.push(performance.now() - sentAt));
  const patch = (index: number) => {
    const metadata = { annotations: { at: String(performance.now()) } };
    return send("PATCH", `${servicesPath}/s${index}`, { metadata }, "application/merge-patch+json");
  };
  perSecond("patches/s with a watcher", (await cost(() => inParallel(count, parallel, patch))).wallMs);
  await watching;
  rows.push(["watch lag p50, ms", median(lagsMs)], ["watch lag p99, ms", quantile(lagsMs, 0.99)]);
  rows.push(["the API's RSS, MB", (await memoryOf(cluster.apiPid)).nowMB]);
}

async function ask(method: string, path: string, body?: unknown, type = ""): Promise<Response> {
  const headers = { authorization: `Bearer ${apiToken}`, ...(type && { "content-type": type }) };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(url + path, { method, headers, tls: { ca }, ...sent });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response;
}

async function send(...request: Parameters<typeof ask>): Promise<ArrayBuffer> {
  return await (await ask(...request)).arrayBuffer();
}

/** Reads a watch until an event for each Service has carried the annotation `at`. */
async function follow(watch: Response, seen: (sentAt: number) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let left = count;
  for await (const chunk of watch.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const at = /"at":"([\d.]+)"/.exec(line)?.[1];
      if (at === undefined) continue;
      seen(Number(at));
      left--;
    }
    if (left <= 0) return;
  }
}
