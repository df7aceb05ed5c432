import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { announced, leaderOf } from "./support/observe.ts";

const lacking = missing("arping", "curl");
const vip = "192.168.1.240";

describe.skipIf(lacking !== undefined)(`the election's extras${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  let natural: string;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    for (const manifest of [firstPool, l2Advertisement, demo]) await cluster.apply(manifest);
  }, 90_000);
  afterAll(() => cluster?.stop());

  const leads = (what: string, is: (leader: string) => boolean) =>
    eventually(what, async () => {
      const leader = await leaderOf(cluster, vip);
      return leader !== undefined && is(leader) && leader;
    });

  test("story 6: draining the announcer's node moves the address, and at every moment somebody answers for it", async () => {
    natural = await leads("somebody announces", () => true);
    const asking = cluster.exec("client", [
      "arping",
      "-c",
      "60",
      "-W",
      "0.05",
      "-w",
      "10",
      "-i",
      "eth0",
      vip,
    ]);
    await cluster.kubectl("annotate", "node", natural, "metallb.io/drain=true");
    const heir = await leads("another node announces", (leader) => leader !== natural);
    const { stdout } = await asking;
    const [, sent, heard] = /(\d+) packets transmitted, (\d+) packets received/.exec(stdout) ?? [];
    console.log(`drain ${natural} -> ${heir}: ${heard} answers to ${sent} requests`);
    expect(Number(sent)).toBeGreaterThan(0);
    // Both may answer one request while the address is handed over.
    expect(Number(heard)).toBeGreaterThanOrEqual(Number(sent));
    expect(await announced(cluster, vip)).toEqual([heir]);
  }, 30_000);

  test("story 30: under failback never the address stays when the drained node is back, and goes with the policy", async () => {
    const heir = await leads("the heir announces", (leader) => leader !== natural);
    await cluster.kubectl(
      "annotate",
      "l2advertisement",
      "example",
      "-n",
      "metallb-system",
      "metallb.io/failback=never",
    );
    await eventually("the heir is known as the incumbent", async () => {
      const { items } = await cluster.json("get", "servicel2statuses", "-n", "metallb-system");
      const nodes = (items as { status?: { node?: string } }[]).map(({ status }) => status?.node);
      return nodes.length === 1 && nodes[0] === heir;
    });
    await cluster.kubectl("annotate", "node", natural, "metallb.io/drain-");
    // Long enough for a decision that would move it, which takes no time at all.
    await Bun.sleep(2_000);
    expect(await announced(cluster, vip)).toEqual([heir]);
    await cluster.kubectl(
      "annotate",
      "l2advertisement",
      "example",
      "-n",
      "metallb-system",
      "metallb.io/failback-",
    );
    expect(await leads("MetalLB's order again", (leader) => leader === natural)).toBe(natural);
  }, 40_000);
});
