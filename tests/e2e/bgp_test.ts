import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp, bgpService, demo } from "./support/manifests.ts";
import { externalIp } from "./support/observe.ts";

const lacking = missing("bird", "curl");
const nodes = ["192.168.1.11", "192.168.1.12", "192.168.1.13"];

describe.skipIf(lacking !== undefined)(`BGP to a real router${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.apply(demo);
    await cluster.apply(bgp);
    await cluster.apply(bgpService);
  }, 90_000);
  afterAll(() => cluster?.stop());

  test("the router learns the address from every node, with that node as next hop", async () => {
    const given = async () => (await externalIp(cluster, "bgp-demo")) || undefined;
    const address = await eventually("the Service has an address of the pool", given);
    expect(address).toMatch(/^198\.51\.100\./);
    await eventually("three next hops", async () => nextHops(await routes(address)).length === 3, 20_000);
    const shown = await routes(address);
    expect(nextHops(shown)).toEqual(nodes);
    expect(shown).toContain("(64500,100)");
    expect(shown).toMatch(/BGP\.as_path: 64500\b/);
  }, 40_000);

  test("every node writes down what it announces to whom, and how its session stands", async () => {
    const shown = async (kind: string) => {
      const { items } = (await cluster.json("get", kind, "-n", "metallb-system")) as {
        items: { status?: object }[];
      };
      return items.map(({ status }) => JSON.stringify(status)).sort();
    };
    const service = { peers: ["router"], serviceName: "bgp-demo", serviceNamespace: "default" };
    const session = { peer: "192.168.1.1", bgpPeer: "router", bgpStatus: "Established", bfdStatus: "N/A" };
    for (const [kind, status] of [
      ["servicebgpstatuses", service],
      ["bgpsessionstates", session],
    ] as const) {
      await eventually(
        `${kind} of three nodes`,
        async () => {
          const found = (await shown(kind)).map((text) => JSON.parse(text) as Record<string, unknown>);
          const wanted = ["node1", "node2", "node3"].map((node) => ({ node, ...status }));
          return Bun.deepEquals(
            found.sort((a, b) => (String(a.node) < String(b.node) ? -1 : 1)),
            wanted,
          );
        },
        20_000,
      );
    }
  }, 50_000);

  test("a drained node goes on announcing, as what routers should not prefer (RFC 8326)", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    const going = async () => ((await routes(address)).match(/\(65535,\s?0\)/g) ?? []).length;
    await cluster.kubectl("annotate", "node", "node1", "metallb.io/drain=true");
    await eventually("the community on one of three paths", async () => (await going()) === 1);
    expect(nextHops(await routes(address))).toEqual(nodes);
    await cluster.kubectl("annotate", "node", "node1", "metallb.io/drain-");
    await eventually("no such community", async () => (await going()) === 0);
  }, 30_000);

  test("an annotation of a Node that cannot be read is reported, and changes nothing", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    await cluster.kubectl(
      "annotate",
      "node",
      "node3",
      "metallb.io/bgp-my-asn=router=many",
      "metallb.io/drain=maybe",
    );
    await eventually("the report", async () => {
      const state = await cluster.json("get", "configurationstates", "-n", "metallb-system", "speaker-node3");
      const said = JSON.stringify(state);
      return (
        said.includes("is not an AS number; allowed are 1 to 4294967295") &&
        said.includes("metallb.io/drain is")
      );
    });
    expect(nextHops(await routes(address))).toEqual(nodes);
    await cluster.kubectl("annotate", "node", "node3", "metallb.io/bgp-my-asn-", "metallb.io/drain-");
  }, 30_000);

  test("the client's traffic goes by the router to the nodes and reaches the pod", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    const page = await eventually("the pod answers", async () => {
      const { code, stdout } = await cluster.exec("client", [
        "curl",
        "-sS",
        "--max-time",
        "2",
        `http://${address}/`,
      ]);
      return code === 0 && stdout;
    });
    expect(page).toMatch(/^pod metallb-demo-\S+ on node\d, received by node\d/);
  }, 20_000);

  test("a killed speaker takes its own path away and no other", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    await cluster.sandbox("kill", "speaker", "node2");
    await eventually("two next hops", async () => nextHops(await routes(address)).length === 2);
    expect(nextHops(await routes(address))).toEqual(["192.168.1.11", "192.168.1.13"]);
    await cluster.sandbox("start", "speaker", "node2");
    await eventually("three again", async () => nextHops(await routes(address)).length === 3, 30_000);
  }, 60_000);

  test("without ready endpoints nothing is announced, and with them it is again", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    await cluster.kubectl("scale", "deployment", "metallb-demo", "--replicas=0");
    await eventually("no route", async () => nextHops(await routes(address)).length === 0);
    await cluster.kubectl("scale", "deployment", "metallb-demo", "--replicas=2");
    await eventually("routes again", async () => nextHops(await routes(address)).length === 3);
  }, 40_000);

  test("the route is gone within a second of the Service's deletion, and BIRD's log shows no error", async () => {
    const address = await externalIp(cluster, "bgp-demo");
    await cluster.kubectl("delete", "service", "bgp-demo", "--wait=false");
    const deletedAt = performance.now();
    await eventually("no route", async () => nextHops(await routes(address)).length === 0, 1_000, 20);
    console.log(`route gone ${Math.round(performance.now() - deletedAt)} ms after kubectl delete returned`);
    const log = await Bun.file(`${cluster.stateDirectory}/logs/bird.log`).text();
    expect(
      log
        .split("\n")
        .filter((line) => /<(ERR|RMT|AUTH|BUG|FATAL)>/.test(line) && !/node2|192\.168\.1\.12/.test(line)),
    ).toEqual([]);
  }, 20_000);

  /** BIRD's own words on the routes to the address. */
  async function routes(address: string): Promise<string> {
    const socket = `${cluster.stateDirectory}/sockets/bird.sock`;
    const { stdout } = await cluster.exec("router", [
      "birdc",
      "-s",
      socket,
      "show",
      "route",
      "for",
      `${address}/32`,
      "all",
    ]);
    return stdout;
  }
});

function nextHops(shown: string): string[] {
  return [...shown.matchAll(/BGP\.next_hop: (\S+)/g)].map((match) => match[1] as string).sort();
}
