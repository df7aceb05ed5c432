/**
 * 10,000 Services wait; then a pool is applied. Beside it, what the API takes when a bare client writes the same
 * statuses, as many at a time as the controller does.
 */
import { type KubeClient, resources } from "#k8s/mod.ts";
import { BenchCluster, exampleService, inParallel } from "./cluster.ts";
import { nthAddress } from "./examples.ts";
import { cpuMsOf, memoryOf, table } from "./measure.ts";

const services = 10_000;
/** As controller/status_writer.ts has it. */
const writersMax = 8;
const timeoutMs = 60_000;

const cluster = await BenchCluster.start();
try {
  const client = await cluster.client();
  const rows: (string | number)[][] = [];
  const row = (what: string, ms: number, cpuMs: number, apiCpuMs: number) =>
    rows.push([what, ms / 1e3, (services * 1e3) / ms, cpuMs / services, apiCpuMs / services]);

  await measured("a bare client creates them", async () => {
    await inParallel(services, writersMax, (index) =>
      client.create(resources.services, exampleService(index)),
    );
  });
  await measured("a bare client writes their status", async () => {
    await inParallel(services, writersMax, (index) =>
      writeStatus(client, index, [{ ip: nthAddress("10.1.0.0", index) }]),
    );
  });
  await inParallel(services, writersMax, (index) => writeStatus(client, index, null));

  const controller = cluster.startController();
  await controller.allocating();
  // Its events say that there is no pool; what is measured begins when they are written.
  await quiet(controller.pid);
  await cluster.tell({ do: "watch" });
  const cpuBefore = await cpuMsOf(controller.pid);
  const apiBefore = await cpuMsOf(cluster.apiPid);
  const startedAt = Date.now();
  await cluster.tell({ do: "pool", cidr: "10.0.0.0/16" });
  const servedAt = (await cluster.tell({ do: "served", count: services, timeoutMs })) as number | null;
  if (servedAt === null) throw new Error(`not every Service has an address after ${timeoutMs} ms`);
  const cpuMs = (await cpuMsOf(controller.pid)) - cpuBefore;
  row(
    "the controller gives them addresses",
    servedAt - startedAt,
    cpuMs,
    (await cpuMsOf(cluster.apiPid)) - apiBefore,
  );
  const { nowMB, peakMB } = await memoryOf(controller.pid);
  const changes = (await cluster.tell({ do: "changes" })) as Record<string, number>;
  table(
    `${services.toLocaleString("en")} Services, ${writersMax} writes at a time`,
    ["", "seconds", "a second", "CPU ms each", "the API's CPU ms each"],
    rows,
  );
  const events = changes.events ?? 0;
  console.log(
    `  The controller wrote ${changes.services} statuses and, meanwhile, ${events} events; ` +
      `RSS ${Math.round(nowMB)} MB, at most ${Math.round(peakMB)} MB.`,
  );

  async function measured(what: string, work: () => Promise<void>): Promise<void> {
    const [at, before, apiBefore] = [Date.now(), process.cpuUsage(), await cpuMsOf(cluster.apiPid)];
    await work();
    const { user, system } = process.cpuUsage(before);
    row(what, Date.now() - at, (user + system) / 1e3, (await cpuMsOf(cluster.apiPid)) - apiBefore);
  }
} finally {
  await cluster.stop();
}

async function writeStatus(
  client: KubeClient,
  index: number,
  ingress: { ip: string }[] | null,
): Promise<void> {
  const target = { name: `s${index}`, namespace: "default", subresource: "status" } as const;
  await client.patch(resources.services, target, "merge", { status: { loadBalancer: { ingress } } });
}

/** Until the process has used hardly any CPU for half a second, or the patience is over. */
async function quiet(pid: number, patienceMs = 20_000): Promise<void> {
  const until = performance.now() + patienceMs;
  for (let before = -1; performance.now() < until; ) {
    const now = await cpuMsOf(pid);
    if (before >= 0 && now - before <= 30) return;
    before = now;
    await Bun.sleep(500);
  }
}
