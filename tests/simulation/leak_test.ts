/**
 * Failure story 29: whatever came and went leaves nothing behind. The benchmark `churn` prints the slope of the memory
 * of real processes; here it is counted what they hold when everything is deleted again.
 */
import { heapStats } from "bun:jsc";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { VirtualCluster } from "./virtual/mod.ts";

const each = 60;
const cluster = new VirtualCluster();

beforeAll(async () => {
  await cluster.prepare();
  await cluster.pool("pool", "10.0.0.0/24");
  await cluster.advertise();
  await cluster.startController();
  await cluster.startSpeaker();
  await cluster.pass(30);
}, 30_000);
afterAll(() => cluster.stop());

/** Services of new names get addresses, are announced, change, and go; some wait for an address in vain. */
async function round(number: number): Promise<void> {
  const names = Array.from({ length: each }, (_, index) => `svc-${number}-${index}`);
  for (const name of names) await cluster.serve(name);
  await cluster.pass(20);
  expect(cluster.dataPlane.owned.size).toBe(each);
  for (const name of names) {
    const target = { name, namespace: "default" };
    const annotations = { "metallb.io/loadBalancerIPs": "192.0.2.1" };
    await cluster.client.patch(resources.services, target, "merge", { metadata: { annotations } });
    await cluster.endpoint(name, false);
  }
  await cluster.pass(20);
  for (const name of names) {
    await cluster.client.remove(resources.services, name, "default");
    await cluster.client.remove(resources.endpointSlices, name, "default");
  }
  await cluster.pass(400);
}

/** Lines of /metrics of both parts, without those of calls and of the process, which are as many as there are kinds. */
async function series(): Promise<string[]> {
  const texts = await Promise.all([cluster.metrics("controller"), cluster.metrics("speaker")]);
  return texts
    .flatMap((text) => text.split("\n"))
    .map((line) => line.replace(/ \S+$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#") && !line.includes("api_duration_seconds"));
}

test("story 29: when all that came is gone, nothing of it is held, shown or counted", async () => {
  const before = await series();
  await round(0);
  expect(cluster.dataPlane.owned.size).toBe(0);
  // That it happened may be counted, not by whose name or address it did.
  const after = await series();
  expect(after.filter((line) => /svc-|10\.0\.0\./.test(line))).toEqual([]);
  const added = after.filter((line) => !before.includes(line)).map((line) => line.replace(/\{.*/, ""));
  expect(
    [...new Set(added)].filter((name) => !/errors_total|changes_total|takeover|_bucket/.test(name)),
  ).toEqual([]);
  expect((await cluster.client.list(resources.serviceL2Statuses)).items).toEqual([]);
  expect((await cluster.attention()).filter(({ kind }) => kind !== "config-lint")).toEqual([]);
  expect(await cluster.metric("controller", "metallb_controller_services_pending")).toBe(0);
}, 60_000);

test("story 29: no table, closure or promise is left over after six rounds", async () => {
  // Not of plain objects: the API, in the same process here, remembers the last 20,000 changes to resume watches over.
  const kinds = ["Map", "Set", "Function", "Promise", "AbortController"] as const;
  const counts = () => {
    cluster.writes.length = 0;
    Bun.gc(true);
    Bun.gc(true);
    const { objectTypeCounts } = heapStats();
    return Object.fromEntries(kinds.map((kind) => [kind, objectTypeCounts[kind] ?? 0]));
  };
  const rounds = 4;
  await round(1);
  await cluster.pass(3_700);
  const before = counts();
  for (let number = 2; number < 2 + rounds; number++) await round(number);
  await cluster.pass(3_700);
  const after = counts();
  // Whatever is kept of each Service would be one at least.
  for (const kind of kinds) {
    const grown = ((after[kind] ?? 0) - (before[kind] ?? 0)) / (rounds * each);
    expect([kind, grown < 0.5]).toEqual([kind, true]);
  }
}, 60_000);
