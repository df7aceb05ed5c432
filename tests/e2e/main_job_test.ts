import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { announced, externalIp, leaderOf, macOf, serviceEvents } from "./support/observe.ts";

const lacking = missing("arping", "curl", "tcpdump");
const vip = "192.168.1.240";

describe.skipIf(lacking !== undefined)(`the main job${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
  }, 90_000);
  afterAll(() => cluster?.stop());

  test("kubectl applies MetalLB's own manifests and the Service gets 192.168.1.240 within a second", async () => {
    expect(await cluster.apply(firstPool)).toContain("ipaddresspool.metallb.io/first-pool created");
    expect(await cluster.apply(l2Advertisement)).toContain("l2advertisement.metallb.io/example created");
    await cluster.apply(demo);
    const appliedAt = performance.now();
    await eventually(
      "the Service has its address",
      async () => (await externalIp(cluster, "metallb-demo")) === vip,
      1_000,
    );
    console.log(`EXTERNAL-IP after ${Math.round(performance.now() - appliedAt)} ms`);
    expect(await cluster.kubectl("get", "service", "metallb-demo")).toMatch(
      /LoadBalancer\s+10\.96\.\S+\s+192\.168\.1\.240/,
    );
    const service = await cluster.json("get", "service", "metallb-demo");
    expect(service).toMatchObject({
      metadata: { annotations: { "metallb.io/ip-allocated-from-pool": "first-pool" } },
    });
    await eventually("the event is there", async () =>
      (await serviceEvents(cluster, "metallb-demo")).some((event) => event.reason === "IPAllocated"),
    );
  }, 30_000);

  test("arping gets one MAC, the leader's, and curl reaches the pod through the leader", async () => {
    const leader = await eventually("somebody announces", () => leaderOf(cluster, vip));
    const { code, stdout } = await cluster.exec("client", ["arping", "-c", "3", "-i", "eth0", vip]);
    expect(code).toBe(0);
    const macs = new Set(stdout.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g));
    expect([...macs]).toEqual([await macOf(cluster, leader)]);
    const { stdout: page } = await eventually("the pod answers", async () => {
      const answer = await cluster.exec("client", ["curl", "-sS", "--max-time", "2", `http://${vip}/`]);
      return answer.code === 0 && answer;
    });
    expect(page).toMatch(/^pod metallb-demo-\S+ on node\d/);
    expect(page.split("\n")[0]).toEndWith(`received by ${leader}`);
    await eventually("the announcement is an event", async () =>
      (await serviceEvents(cluster, "metallb-demo")).some(
        (event) =>
          event.reason === "nodeAssigned" &&
          event.message === `announcing from node "${leader}" with protocol "layer2"`,
      ),
    );
  }, 30_000);

  test("after kill -9 of the leader's speaker another node answers, announced by gratuitous ARP, and only one", async () => {
    const before = (await leaderOf(cluster, vip)) as string;
    const capture = cluster.exec("client", [
      "timeout",
      "8",
      "tcpdump",
      "-nlei",
      "eth0",
      "arp",
      "and",
      "arp[14:4]",
      "=",
      "0xc0a801f0",
    ]);
    await Bun.sleep(500);
    const killedAt = performance.now();
    await cluster.sandbox("kill", "speaker", before);
    const after = await eventually("another node leads", async () => {
      const leader = await leaderOf(cluster, vip);
      return leader !== before && leader;
    });
    const page = await eventually("traffic is back through the new leader", async () => {
      const answer = await cluster.exec("client", ["curl", "-sS", "--max-time", "1", `http://${vip}/`]);
      return answer.stdout.split("\n")[0]?.endsWith(`received by ${after}`) && answer.stdout;
    });
    console.log(
      `takeover ${before} -> ${after}: traffic back ${Math.round(performance.now() - killedAt)} ms after the kill command`,
    );
    expect(page).toContain("pod metallb-demo-");
    const mac = await macOf(cluster, after);
    const { stdout: frames } = await capture;
    const gratuitous = frames
      .split("\n")
      .filter((line) => line.includes(mac) && line.includes("ff:ff:ff:ff:ff:ff"));
    expect(gratuitous.some((line) => line.includes("Request who-has"))).toBe(true);
    expect(gratuitous.some((line) => line.includes("Reply"))).toBe(true);
    const { stdout } = await cluster.exec("client", ["arping", "-c", "3", "-i", "eth0", vip]);
    expect([...new Set(stdout.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g))]).toEqual([mac]);
    expect(await announced(cluster, vip)).toEqual([after]);
  }, 60_000);

  test("the killed speaker returns and takes its address back, as MetalLB's order says", async () => {
    const away = ((await leaderOf(cluster, vip)) as string) ?? "";
    for (const node of ["node1", "node2", "node3"])
      await cluster.sandbox("start", "speaker", node).catch(() => undefined);
    const back = await eventually("the first in the order leads again", async () => {
      const leader = await leaderOf(cluster, vip);
      return leader !== away && leader;
    });
    await eventually("one announces", async () => (await announced(cluster, vip)).length === 1);
    expect(await announced(cluster, vip)).toEqual([back]);
  }, 60_000);

  const badRange = firstPool
    .replace("first-pool", "bad-range")
    .replace("192.168.1.240-192.168.1.250", "192.168.1.90-192.168.1.80");
  const overlapping = firstPool
    .replace("first-pool", "overlapping")
    .replace("192.168.1.240-192.168.1.250", "192.168.1.245/32");

  test("whoever applies a pool that is wrong is told at once what is wrong, and nothing is stored", async () => {
    const malformed = await cluster.tryKubectl(["apply", "-f", "-"], badRange);
    expect(malformed.code).not.toBe(0);
    expect(malformed.stderr).toContain('spec.addresses[0]: "192.168.1.90-192.168.1.80"');
    const overlap = await cluster.tryKubectl(["apply", "-f", "-"], overlapping);
    expect(overlap.stderr).toContain("192.168.1.245/32 overlaps 192.168.1.240-192.168.1.250");
    const pools = await cluster.kubectl("get", "-n", "metallb-system", "ipaddresspools", "-o", "name");
    expect(pools.trim()).toBe("ipaddresspool.metallb.io/first-pool");
    await servedAsBefore();
  }, 30_000);

  test("where nobody is asked before, each is rejected alone and an event says the same", async () => {
    await cluster.kubectl("delete", "validatingwebhookconfiguration", "metallb-webhook-configuration");
    await cluster.apply(badRange);
    await cluster.apply(overlapping);
    const malformed = await rejection("IPAddressPool", "bad-range");
    expect(malformed).toContain("192.168.1.90-192.168.1.80");
    expect(malformed).toContain("spec.addresses[0]");
    const overlap = await rejection("IPAddressPool", "overlapping");
    expect(overlap).toContain("first-pool");
    expect(overlap).toContain("192.168.1.245");
    await servedAsBefore();
    await cluster.kubectl("delete", "-n", "metallb-system", "ipaddresspool", "bad-range", "overlapping");
  }, 30_000);

  test("a Service that asks for an address outside every pool stays pending and its event says why", async () => {
    await cluster.apply(`
apiVersion: v1
kind: Service
metadata:
  name: outside
  annotations:
    metallb.io/loadBalancerIPs: 10.0.0.1
spec:
  type: LoadBalancer
  selector: { app: metallb-demo }
  ports: [{ name: http, port: 80 }]
`);
    const event = await eventually("the event is there", async () =>
      (await serviceEvents(cluster, "outside")).find((each) => each.reason === "AllocationFailed"),
    );
    expect(event.message).toContain("10.0.0.1");
    expect(event.message).toContain("192.168.1.240");
    expect(await cluster.kubectl("get", "service", "outside")).toContain("<pending>");
    await servedAsBefore();
  }, 30_000);

  test("kubectl itself refuses what the schema forbids, with the field and the rule", async () => {
    const noAddresses = firstPool
      .replace(/ {2}addresses:\n.*\n/, "  autoAssign: true\n")
      .replace("first-pool", "empty");
    const { code, stderr } = await cluster.tryKubectl(["apply", "-f", "-"], noAddresses);
    expect(code).not.toBe(0);
    expect(stderr).toContain("spec.addresses");
  });

  test("deleting the Service frees the address and nobody answers for it any more", async () => {
    await cluster.kubectl("delete", "service", "metallb-demo");
    await eventually("nobody announces", async () => (await announced(cluster, vip)).length === 0);
    const { code } = await cluster.exec("client", ["arping", "-c", "2", "-w", "2000000", "-i", "eth0", vip]);
    expect(code).not.toBe(0);
  }, 30_000);

  /** The event on a rejected object. */
  async function rejection(kind: string, name: string): Promise<string> {
    return eventually(`an event says why ${kind} ${name} is rejected`, async () => {
      const events = (await cluster.json(
        "get",
        "events",
        "-A",
        "--field-selector",
        `involvedObject.kind=${kind},involvedObject.name=${name}`,
      )) as {
        items: { type: string; message: string }[];
      };
      return events.items.find((event) => event.type === "Warning")?.message;
    });
  }

  async function servedAsBefore(): Promise<void> {
    expect(await externalIp(cluster, "metallb-demo")).toBe(vip);
    expect(
      (await cluster.exec("client", ["curl", "-sS", "--max-time", "2", `http://${vip}/`])).stdout,
    ).toContain("pod metallb-demo-");
  }
});
