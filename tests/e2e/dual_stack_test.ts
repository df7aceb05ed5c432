import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { announced, leaderOf, macOf } from "./support/observe.ts";

const lacking = missing("arping", "ndisc6");
const vip = "192.168.1.240";
const vip6 = "fd00:1::240";
const dualStackPool = firstPool.replace("  - 192.168.1.240-192.168.1.250", "$&\n  - fd00:1::240-fd00:1::250");
const dualStackDemo = demo.replace("  type: LoadBalancer\n", "$&  ipFamilyPolicy: RequireDualStack\n");

describe.skipIf(lacking !== undefined)(`a dual-stack Service${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
  }, 90_000);
  afterAll(() => cluster?.stop());

  /** Every MAC that answers the client's solicitations, one entry an answer. */
  async function ndisc6(): Promise<string[]> {
    const argv = ["ndisc6", "-m", "-n", "-r", "1", "-w", "500", vip6, "eth0"];
    const { stdout } = await cluster.exec("client", argv);
    const macs = stdout.match(/(?<=link-layer address: )[0-9a-f:]+/gi) ?? [];
    return macs.map((mac) => mac.toLowerCase());
  }

  async function arping(): Promise<string[]> {
    const { stdout } = await cluster.exec("client", ["arping", "-c", "2", "-i", "eth0", vip]);
    return [...new Set(stdout.match(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g))];
  }

  test("gets an address of each family and one clusterIP of each", async () => {
    await cluster.apply(dualStackPool);
    await cluster.apply(l2Advertisement);
    await cluster.apply(dualStackDemo);
    const service = await eventually("the Service has both addresses", async () => {
      const view = (await cluster.json("get", "service", "metallb-demo")) as {
        spec: { ipFamilies: string[]; clusterIPs: string[] };
        status: { loadBalancer: { ingress?: { ip: string }[] } };
      };
      return view.status.loadBalancer.ingress?.length === 2 && view;
    });
    expect(service.status.loadBalancer.ingress).toMatchObject([{ ip: vip }, { ip: vip6 }]);
    expect(service.spec).toMatchObject({
      ipFamilies: ["IPv4", "IPv6"],
      clusterIPs: [expect.stringMatching(/^10\./), expect.stringMatching(/^fd00:96::/)],
    });
  }, 30_000);

  test("is answered by NDP on one node alone, which answers ARP for its other address", async () => {
    const leader = await eventually("somebody announces the IPv6 address", () => leaderOf(cluster, vip6));
    expect(await announced(cluster, vip)).toEqual([leader]);
    const mac = await macOf(cluster, leader);
    await eventually("the solicitation is answered", async () => (await ndisc6()).length > 0);
    expect(await ndisc6()).toEqual([mac]);
    expect(await arping()).toEqual([mac]);
  }, 30_000);

  test("after kill -9 of the speaker both addresses are another node's, and the client's neighbour cache too", async () => {
    const before = (await leaderOf(cluster, vip6)) as string;
    await cluster.exec("client", ["bash", "-c", `echo > /dev/udp/${vip6}/9`]);
    const cached = async () => {
      const shown = await cluster.exec("client", ["ip", "-6", "neigh", "show", "to", vip6, "dev", "eth0"]);
      return /lladdr (\S+)/.exec(shown.stdout)?.[1];
    };
    const macBefore = await macOf(cluster, before);
    await eventually("the client knows the leader", async () => (await cached()) === macBefore);
    await cluster.sandbox("kill", "speaker", before);
    const after = await eventually("another node leads", async () => {
      const leader = await leaderOf(cluster, vip6);
      return leader !== before && leader;
    });
    expect(await announced(cluster, vip)).toEqual([after]);
    const mac = await macOf(cluster, after);
    await eventually("the client turned", async () => (await cached()) === mac);
    expect(await ndisc6()).toEqual([mac]);
    expect(await arping()).toEqual([mac]);
  }, 60_000);

  test("nobody answers for the IPv6 address of a Service that is gone", async () => {
    await cluster.kubectl("delete", "service", "metallb-demo");
    await eventually("nobody announces", async () => (await announced(cluster, vip6)).length === 0);
    expect(await ndisc6()).toEqual([]);
  }, 30_000);
});
