/**
 * How fast the API is: `bun sandbox/api/bench.ts [count]`. Not part of any test run. The server is a process of its own,
 * so that the client's work is not counted as the server's; both share the machine's cores.
 */
import { resources } from "#k8s/mod.ts";
import { createCertificates, createSandboxApi, serveSandboxApi } from "./mod.ts";
import { service } from "./testing.ts";

const token = "bench";
const parallel = 32;
const servicesPath = "/api/v1/namespaces/default/services";

if (process.argv[2] === "serve") await serve();
else await measure(Number(process.argv[2] ?? 10_000));

async function serve(): Promise<void> {
  const api = createSandboxApi({ now: Date.now });
  api.addToken(token, { username: "bench", groups: ["system:masters"] });
  const certificate = await createCertificates({ names: [], addresses: ["127.0.0.1"], now: new Date() });
  const { url } = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, certificate });
  console.log(JSON.stringify({ url, ca: certificate.caPem }));
  process.on("SIGTERM", () => {
    console.error(`server's memory: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
    process.exit(0);
  });
}

async function measure(count: number): Promise<void> {
  await measureInProcess(count);
  const child = Bun.spawn([process.execPath, import.meta.path, "serve"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { value } = await child.stdout.getReader().read();
    const { url, ca } = JSON.parse(new TextDecoder().decode(value)) as { url: string; ca: string };
    await measureHttps(url, ca, count);
  } finally {
    child.kill();
    await child.exited;
  }
}

async function measureInProcess(count: number): Promise<void> {
  const api = createSandboxApi({ now: Date.now });
  const seconds = await timed(async () => {
    for (let index = 0; index < count; index++) await api.client.create(resources.services, example(index));
  });
  console.log(`in process: ${Math.round(count / seconds)} creates/s`);
  api.close();
}

async function measureHttps(url: string, ca: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { headers, tls: { ca }, ...init });
    if (!response.ok) throw new Error(`${init.method ?? "GET"} ${path}: ${await response.text()}`);
    return response;
  };
  const write = async (index: number) => {
    const body = JSON.stringify(example(index));
    await (await ask(servicesPath, { method: "POST", body })).arrayBuffer();
  };
  const creating = await timed(() => inParallel(count, write));
  console.log(`HTTPS: ${Math.round(count / creating)} creates/s, ${parallel} at a time`);

  for (let round = 0; round < 3; round++) {
    let bytes = 0;
    const listing = await timed(async () => {
      bytes = (await (await ask("/api/v1/services")).arrayBuffer()).byteLength;
    });
    console.log(`list of ${count}: ${(listing * 1e3).toFixed(1)} ms, ${(bytes / 1e6).toFixed(1)} MB`);
  }
  const getting = await timed(async () => {
    for (let round = 0; round < 500; round++) await (await ask(`${servicesPath}/s1`)).arrayBuffer();
  });
  console.log(`get: ${((getting * 1e3) / 500).toFixed(2)} ms`);

  const watch = await ask("/api/v1/services?watch=true&resourceVersion=0");
  const lagsMs: number[] = [];
  const watching = follow(watch, (annotation) => lagsMs.push(performance.now() - Number(annotation)), count);
  const patch = async (index: number) => {
    const body = JSON.stringify({ metadata: { annotations: { at: String(performance.now()) } } });
    const typed = { ...headers, "content-type": "application/merge-patch+json" };
    await (await ask(`${servicesPath}/s${index}`, { method: "PATCH", body, headers: typed })).arrayBuffer();
  };
  const patching = await timed(() => inParallel(count, patch));
  await watching;
  lagsMs.sort((a, b) => a - b);
  const lag = (share: number) => (lagsMs[Math.floor(lagsMs.length * share)] ?? 0).toFixed(1);
  console.log(
    `HTTPS with a watcher: ${Math.round(count / patching)} patches/s, lag p50 ${lag(0.5)} ms, p99 ${lag(0.99)} ms`,
  );
}

/** Reads a watch until `count` events have carried the annotation `at`. */
async function follow(watch: Response, seen: (annotation: string) => void, count: number): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  let left = count;
  for await (const chunk of watch.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const at = /"at":"([\d.]+)"/.exec(line)?.[1];
      if (at === undefined) continue;
      seen(at);
      left--;
    }
    if (left === 0) return;
  }
}

function example(index: number) {
  const name = `s${index}`;
  // A quarter are load balancers; node ports would run out at 2,768.
  const type = index % 4 === 0 ? { type: "LoadBalancer", allocateLoadBalancerNodePorts: false } : {};
  const ports = [
    { name: "http", port: 80 },
    { name: "https", port: 443 },
  ];
  return service(name, { ...type, selector: { app: name }, ports });
}

async function inParallel(count: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1e3;
}
