/**
 * Failure story 21: an hour of steady state, with 1,000 Services whose EndpointSlices another controller rewrites every
 * ten seconds, on virtual time. MLBT_QUIET_SHARE is the part of them that is rewritten in each round, all in turn; 1
 * is the story word for word (`bun run test:long`).
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { defaultLeaseMs } from "#k8s/lease/mod.ts";
import { resources } from "#k8s/mod.ts";
import { sliceOf, VirtualCluster } from "./virtual/mod.ts";

const services = 1_000;
const share = Number(process.env.MLBT_QUIET_SHARE ?? 0.1);
const names = Array.from({ length: services }, (_, index) => `svc-${index}`);
const roundSeconds = 10;

const cluster = new VirtualCluster();
beforeAll(async () => {
  await cluster.prepare(["node1", "node2", "node3"]);
  await cluster.pool("pool", "10.0.0.0/16");
  await cluster.advertise();
  for (const name of names) await cluster.serve(name);
  await cluster.startController({ leaderElection: { leaseMs: defaultLeaseMs } });
  await cluster.startSpeaker();
  await cluster.pass(300);
}, 60_000);
afterAll(() => cluster.stop());

test("story 21: an hour of endpoint churn without a change of substance writes nothing and announces nothing", async () => {
  expect(await cluster.addressOf("svc-999")).toBeDefined();
  expect(cluster.dataPlane.owned.size).toBeGreaterThan(services / 6);
  const { bursts, releases } = cluster.dataPlane;
  cluster.writes.length = 0;
  const rounds = 3_600 / roundSeconds;
  const each = Math.max(1, Math.round(services * share));
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < each; n++) {
      const count = round * each + n;
      await rewrite(names[count % services] ?? "", Math.floor(count / services));
    }
    await cluster.pass(roundSeconds);
  }
  const leases = cluster.writes.filter(({ what }) => what.endsWith("leases"));
  const others = cluster.writes.filter(({ what }) => !what.endsWith("leases"));
  // Events, status writes and whatever else there may be.
  expect(others).toEqual([]);
  // At most one in ten seconds (DESIGN, section 3, Quiet).
  expect(leases.length).toBeLessThanOrEqual(rounds);
  expect([cluster.dataPlane.bursts, cluster.dataPlane.releases]).toEqual([bursts, releases]);
}, 240_000);

/**
 * As a controller that reconciles by the clock does it: another annotation, and an endpoint on another node that comes
 * and goes. Whoever may announce may do so before and after.
 */
async function rewrite(name: string, time: number): Promise<void> {
  const { endpoints: always } = sliceOf(name, "node1", true);
  const { endpoints: sometimes } = sliceOf(name, "node2", time % 2 === 1);
  const endpoints = [...(always as unknown[]), ...(sometimes as unknown[])];
  const metadata = { annotations: { "example.com/reconciled-at": String(time) } };
  const target = { name, namespace: "default" };
  await cluster.client.patch(resources.endpointSlices, target, "merge", { metadata, endpoints });
}
