import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { externalIp } from "./support/observe.ts";
import { must, run } from "./support/run.ts";

const lacking = missing();

/** What a sandbox of this state directory leaves on the machine: namespaces and processes. */
async function leftovers(stateDirectory: string, namespaces: string[]): Promise<string[]> {
  const present = new Set(
    (await must(["ip", "netns", "list"])).split("\n").map((line) => line.split(" ")[0] ?? ""),
  );
  const { stdout } = await run(["pgrep", "-af", stateDirectory]);
  const processes = stdout.split("\n").filter((line) => line !== "" && !line.includes("pgrep"));
  return [...namespaces.filter((name) => present.has(name)), ...processes];
}

/** The namespaces of the sandbox of this directory, by the id in what it has written down. */
async function ownNamespaces(stateDirectory: string): Promise<string[]> {
  const ledger = await Bun.file(join(stateDirectory, "state.json")).text();
  const prefix = /mlbsb-[0-9a-f]+-/.exec(ledger)?.[0] ?? "none";
  const names = (await must(["ip", "netns", "list"])).split("\n").map((line) => line.split(" ")[0] ?? "");
  return names.filter((name) => name.startsWith(prefix));
}

describe.skipIf(lacking !== undefined)(`a sandbox's life${lacking ? ` (needs ${lacking})` : ""}`, () => {
  const stateDirectory = mkdtempSync(join(tmpdir(), "mlbt-life-"));
  const clusters: TestCluster[] = [];
  afterAll(async () => {
    for (const cluster of clusters) await cluster.stop();
    rmSync(stateDirectory, { recursive: true, force: true });
  });
  const start = async () => {
    const cluster = await TestCluster.start({ stateDirectory });
    clusters.push(cluster);
    const made = await ownNamespaces(stateDirectory);
    return { cluster, made };
  };

  test("Ctrl-C removes every namespace, process and file it made", async () => {
    const { cluster, made } = await start();
    expect(made.length).toBeGreaterThanOrEqual(6);
    const addresses = await must(["ip", "-br", "addr"]);
    const routes = await must(["ip", "route"]);
    cluster.signal("SIGINT");
    expect(await cluster.ended()).toBe(0);
    expect(await leftovers(stateDirectory, made)).toEqual([]);
    expect(existsSync(stateDirectory) ? readdirSync(stateDirectory) : []).toEqual([]);
    expect(await must(["ip", "-br", "addr"])).toBe(addresses);
    expect(await must(["ip", "route"])).toBe(routes);
  }, 60_000);

  test("after SIGKILL the next start removes what was left and works", async () => {
    const { cluster: killed, made } = await start();
    killed.signal("SIGKILL");
    await killed.ended();
    const { cluster } = await start();
    for (const manifest of [firstPool, l2Advertisement, demo]) await cluster.apply(manifest);
    await eventually(
      "the Service has its address",
      async () => (await externalIp(cluster, "metallb-demo")) === "192.168.1.240",
    );
    const { stdout } = await run(["pgrep", "-fc", `speaker --kubeconfig ${stateDirectory}`]);
    expect(Number(stdout.trim())).toBe(3);
    cluster.signal("SIGTERM");
    expect(await cluster.ended()).toBe(0);
    expect(await leftovers(stateDirectory, made)).toEqual([]);
  }, 90_000);

  test("two sandboxes live side by side", async () => {
    const { cluster: one } = await start();
    const two = await TestCluster.start();
    clusters.push(two);
    await two.apply(firstPool);
    expect(await one.kubectl("get", "ipaddresspools", "-A", "-o", "name")).toBe("");
    expect(await two.kubectl("get", "ipaddresspools", "-A", "-o", "name")).toContain("first-pool");
    await two.stop();
    expect(await one.kubectl("get", "nodes", "-o", "name")).toContain("node/node1");
    await one.stop();
  }, 90_000);
});
