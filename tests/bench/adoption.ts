/** A controller that starts among 10,000 Services which have addresses, and 1,000 nodes: how soon it is ready, how soon it knows them, what it asks and writes. */
import { BenchCluster } from "./cluster.ts";
import { memoryOf, table } from "./measure.ts";

const services = 10_000;
const nodes = 1_000;
const starts = 3;
/** A late write would come in this time. */
const quietMs = 3_000;

const cluster = await BenchCluster.start();
try {
  await cluster.tell({ do: "pool", cidr: "10.0.0.0/16" });
  await cluster.tell({ do: "services", count: services, addressesFrom: "10.0.0.0" });
  await cluster.tell({ do: "nodes", count: nodes });
  const rows: (string | number)[][] = [];
  let lists = new Map<string, number>();
  for (let start = 1; start <= starts; start++) {
    await cluster.tell({ do: "watch" });
    const controller = cluster.startController();
    const readyMs = await controller.ready();
    const { wallMs, cpuMs } = await controller.allocating();
    const { nowMB } = await memoryOf(controller.pid);
    await Bun.sleep(quietMs);
    const changes = (await cluster.tell({ do: "changes" })) as Record<string, number>;
    lists = await controller.calls();
    const { peakMB } = await memoryOf(controller.pid);
    const { services: written, ...others } = changes;
    const rest = Object.entries(others).filter(([, count]) => count > 0);
    const restText = rest.map(([kind, count]) => `${kind} ${count}`).join(", ");
    rows.push([`start ${start}`, readyMs, wallMs, cpuMs, written ?? 0, restText || "none", nowMB, peakMB]);
    await controller.stop();
  }
  table(
    `${services.toLocaleString("en")} Services with addresses, ${nodes.toLocaleString("en")} nodes; the first start finds no status at the pool yet`,
    [
      "",
      "ready after ms",
      "adopted after ms",
      "CPU ms",
      "Services written",
      "other writes",
      "RSS MB",
      "peak",
    ],
    rows,
  );
  const calls = [...lists].toSorted(([a], [b]) => (a < b ? -1 : 1));
  table(`calls of the API in start ${starts}, as the controller counts them`, ["call", "count"], calls);
  console.log("  A list is read in pages, and each is a call.");
} finally {
  await cluster.stop();
}
