import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { BgpSessionRow, Overview } from "#server/mod.ts";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp, firstPool, l2Advertisement } from "./support/manifests.ts";
import { must } from "./support/run.ts";

const lacking = missing("bird", "birdc");
const title = `configuration in a whole cluster${lacking ? ` (needs ${lacking})` : ""}`;

describe.skipIf(lacking !== undefined)(title, () => {
  let cluster: TestCluster;
  let token: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.apply(firstPool);
    await cluster.apply(l2Advertisement);
    await cluster.apply(bgp);
    token = await cluster.kubectl("config", "view", "--raw", "-o", "jsonpath={.users[0].user.token}");
  }, 90_000);
  afterAll(() => cluster?.stop());

  async function overview(): Promise<Overview> {
    const console = new URL("/api/v1/overview", cluster.loginUrl);
    const response = await fetch(console, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Overview;
  }

  /** Name and result, as `kubectl get configurationstates` shows them. */
  async function states(): Promise<string> {
    const columns = "custom-columns=NAME:.metadata.name,RESULT:.status.result";
    const text = await cluster.kubectl(
      ...["get", "configurationstates", "-n", "metallb-system", "--no-headers", "-o", columns],
    );
    return text.replace(/ +/g, " ").trim().replaceAll("\n", ", ");
  }

  async function sessions(): Promise<BgpSessionRow[]> {
    return (await overview()).sessions;
  }

  const areUp = (rows: BgpSessionRow[]) =>
    rows.length === 3 && rows.every(({ state }) => state === "Established");

  /** Gives the real router a password, or none. */
  async function setRouterPassword(password: string | undefined): Promise<void> {
    const path = join(cluster.stateDirectory, "sockets", "bird.conf");
    const text = (await Bun.file(path).text()).replace(/^ {2}password .*\n/m, "");
    const line = password === undefined ? "" : `  password "${password}";\n`;
    await Bun.write(
      path,
      text.replace(/^ {2}neighbor range .*\n/m, (found) => found + line),
    );
    const socket = join(cluster.stateDirectory, "sockets", "bird.sock");
    // A Unix socket crosses namespaces.
    expect(await must(["birdc", "-s", socket, "configure"])).toContain("Reconfigur");
  }

  const setSecret = (password: string, type = "kubernetes.io/basic-auth") =>
    cluster.apply(`
apiVersion: v1
kind: Secret
metadata: {name: router, namespace: metallb-system}
type: ${type}
stringData: {username: unused, password: ${password}}
`);

  test("every component says that the configuration is valid", async () => {
    const valid = "controller Valid, speaker-node1 Valid, speaker-node2 Valid, speaker-node3 Valid";
    await eventually("four states", async () => (await states()) === valid);
    await eventually("three sessions", async () => areUp(await sessions()), 20_000);
  }, 40_000);

  test("a Secret of the wrong type is told by states, by an event on the BGPPeer and by the console", async () => {
    await setSecret("first-password", "Opaque");
    const spec = { passwordSecret: { name: "router" } };
    await cluster.kubectl(
      "patch",
      "bgppeer",
      "router",
      "-n",
      "metallb-system",
      "--type=merge",
      `-p=${JSON.stringify({ spec })}`,
    );
    const invalid = "controller Valid, speaker-node1 Invalid, speaker-node2 Invalid, speaker-node3 Invalid";
    await eventually("the speakers are Invalid", async () => (await states()) === invalid);
    const words =
      'spec.passwordSecret.name: Secret "router" is of type "Opaque"; allowed is kubernetes.io/basic-auth';
    const event = await eventually("the event", async () => {
      const { items } = await cluster.json(
        "get",
        "events",
        "-n",
        "metallb-system",
        "--field-selector=involvedObject.kind=BGPPeer",
      );
      return (items as { reason: string; message: string }[]).find(
        ({ reason }) => reason === "ConfigurationRejected",
      );
    });
    expect(event.message).toStartWith(words);
    const issue = await eventually("the console's line", async () => {
      const { issues } = await overview();
      return issues.find(({ message }) => message.includes("node1, node2, node3"));
    });
    expect(issue).toMatchObject({ kind: "BGPPeer", name: "router", path: "spec.passwordSecret.name" });
    // The last accepted version, without a password, stays in force.
    expect(areUp(await sessions())).toBe(true);
  }, 30_000);

  test("the password of the Secret guards the session with a real router, and rotates live", async () => {
    for (const password of ["first-password", "second-password"]) {
      // Only the router has it: what the speakers have now must not do.
      await setRouterPassword(password);
      await eventually("no session", async () =>
        (await sessions()).every(({ state }) => state !== "Established"),
      );
      await cluster.kubectl("delete", "secret", "router", "-n", "metallb-system");
      const changedAt = Date.now();
      await setSecret(password);
      await eventually(
        `three sessions with ${password}`,
        async () => {
          const rows = await sessions();
          return areUp(rows) && rows.every(({ since }) => since > changedAt);
        },
        30_000,
      );
    }
    await eventually("all Valid", async () => !(await states()).includes("Invalid"));
    const logs = [...new Bun.Glob("logs/*.log").scanSync({ cwd: cluster.stateDirectory, absolute: true })];
    expect(logs.length).toBeGreaterThanOrEqual(4);
    for (const path of logs) {
      expect(await Bun.file(path).text()).not.toMatch(/(first|second)-password/);
    }
  }, 90_000);

  test("a pool over the nodes' own addresses is in force, and the console says what is odd about it", async () => {
    await cluster.apply(
      firstPool.replace("first-pool", "too-wide").replace(/192\.168\.1\.240-\S+/, "192.168.1.0/27"),
    );
    const item = await eventually("the console's line", async () =>
      (await overview()).attention.find(({ kind }) => kind === "config-lint"),
    );
    expect(item.subject).toBe("IPAddressPool too-wide");
    expect(item.why).toMatchObject({
      code: "lint.node-address",
      params: { range: "192.168.1.0/27", count: 3, address: "192.168.1.11", node: "node1" },
    });
    const { findings } = await overview();
    expect(findings?.map(({ why }) => [why.code, why.params.address])).toContainEqual([
      "lint.gateway",
      "192.168.1.1",
    ]);
  }, 20_000);
});
