import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { findProgram, labId, labSupport } from "#sandbox/lab/mod.ts";
import { AgentDemo, nodeNames, vip } from "./harness/agent_demo.ts";
import type { AgentLab } from "./harness/agent_lab.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const support = labSupport(labId("agent_lifecycle_test"));
const missing = !support.ok ? `no namespaces (${support.reason})` : cannotRun("nft", "curl");
const hasKubectl = findProgram("kubectl") !== undefined;

/** Milliseconds until `look` is true. */
async function within(what: string, look: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  await eventually(what, look, 5000);
  return performance.now() - start;
}

describe.skipIf(missing !== undefined)(`workload${missing ? `: skipped, ${missing}` : ""}`, () => {
  let demo: AgentDemo;
  let lab: AgentLab;

  beforeAll(async () => {
    demo = await AgentDemo.start();
    lab = demo.lab;
  }, 30_000);

  afterAll(async () => {
    await lab?.stop();
  }, 30_000);

  test("scaling up is served within a second, scaling down is let go without a failed visit", async () => {
    await lab.announce(vip, "node1");
    await demo.patchDeployment({ replicas: 6 });
    const seen = new Set<string>();
    const up = await within("six pods serve", async () => {
      seen.add(await demo.visit());
      return (await demo.readyPods()).length === 6;
    });
    await eventually("six pods answer", async () => {
      seen.add(await demo.visit());
      return seen.size >= 6;
    });
    expect(up).toBeLessThan(1000);
    await demo.patchDeployment({ replicas: 1 });
    const start = performance.now();
    let down = 0;
    const answers: string[] = [];
    while (performance.now() - start < 2000) {
      answers.push(await demo.visit());
      if (down === 0 && (await demo.pods()).length === 1) down = performance.now() - start;
    }
    expect(answers.filter((answer) => !answer.startsWith("pod "))).toEqual([]);
    expect(new Set(answers.slice(-10)).size).toBe(1);
    expect(down).toBeGreaterThan(0);
    expect(down).toBeLessThan(1000);
    console.log(`scaled 2 to 6 in ${up.toFixed(0)} ms, 6 to 1 in ${down.toFixed(0)} ms`);
  }, 30_000);

  test("a new template rolls over without a failed visit", async () => {
    await demo.patchDeployment({ replicas: 2 });
    await demo.twoPodsServe();
    const before = new Set((await demo.readyPods()).map(({ name }) => name));
    const template = { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } };
    await demo.patchDeployment({ template });
    const answers: string[] = [];
    await eventually(
      "new pods only",
      async () => {
        answers.push(await demo.visit());
        const now = await demo.pods();
        return now.length === 2 && now.every(({ name, isReady }) => isReady && !before.has(name));
      },
      10_000,
      0,
    );
    expect(answers.filter((answer) => !answer.startsWith("pod "))).toEqual([]);
    await eventually("the rollout is told finished", async () => {
      const { conditions } = await demo.deploymentStatus();
      return conditions.some(
        ({ type, reason }) => type === "Progressing" && reason === "NewReplicaSetAvailable",
      );
    });
  }, 30_000);

  test.skipIf(!hasKubectl)(
    "unmodified kubectl is told the truth about a rollout",
    async () => {
      const kubectl = async (...words: string[]) => {
        const command = ["kubectl", "--kubeconfig", lab.file("kubeconfig"), ...words];
        const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
        const [code, out, err] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
        expect([code, err]).toEqual([0, ""]);
        return out;
      };
      await kubectl("set", "image", "deployment/metallb-demo", "nginx=nginx:1.28");
      const told = await kubectl("rollout", "status", "deployment/metallb-demo", "--timeout=10s");
      expect(told).toContain("successfully rolled out");
      const { items } = await lab.client.list(resources.pods, { namespace: "default" });
      const images = items.map(
        ({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image,
      );
      expect(images).toEqual(["nginx:1.28", "nginx:1.28"]);
      await kubectl("rollout", "undo", "deployment/metallb-demo");
      await kubectl("rollout", "status", "deployment/metallb-demo", "--timeout=10s");
      await kubectl("wait", "--for=condition=Available", "deployment/metallb-demo", "--timeout=10s");
      const columns = (await kubectl("get", "deployment", "metallb-demo", "--no-headers")).split(/\s+/);
      expect(columns.slice(0, 4)).toEqual(["metallb-demo", "2/2", "2", "2"]);
      const endpoints = (await demo.readyPods()).map(({ podIP }) => `${podIP}:80`);
      const described = await kubectl("describe", "service", "metallb-demo");
      for (const endpoint of endpoints) expect(described).toContain(endpoint);
    },
    30_000,
  );

  test("nothing is written while nothing changes, but for one Lease per node in ten seconds", async () => {
    const revision = async () => Number((await lab.client.list(resources.services)).resourceVersion);
    await eventually("events about what was before are written", async () => {
      const before = await revision();
      await Bun.sleep(300);
      return (await revision()) === before;
    });
    const before = await revision();
    await Bun.sleep(3000);
    expect((await revision()) - before).toBeLessThanOrEqual(nodeNames.length);
  }, 20_000);

  test("an agent that is killed and started again keeps its pods and their addresses", async () => {
    const before = await demo.readyPods();
    await lab.killAgent("node1");
    await lab.exec("node1", "ip", "address", "add", "10.244.0.99/32", "dev", "lo");
    await lab.startAgent("node1");
    await eventually("node1's pod answers", async () => {
      const answers = await demo.visits("node2", 6);
      return answers.some((answer) => answer.includes(" on node1, "));
    });
    expect(await demo.readyPods()).toEqual(before);
    const { stdout } = await lab.exec("node1", "ip", "-o", "-4", "address", "show", "dev", "lo");
    const addresses = [...stdout.matchAll(/inet (10\.244\.\S+)\/32/g)].map((match) => match[1]);
    expect(addresses).toEqual(before.filter(({ node }) => node === "node1").map(({ podIP }) => podIP));
  }, 30_000);

  test("rules that somebody flushed come back with the next change", async () => {
    await lab.exec("node1", "nft", "flush", "ruleset");
    await demo.patchDeployment({ replicas: 3 });
    await eventually("served again", () =>
      demo.visits("node1", 1).then(([answer]) => answer?.startsWith("pod ")),
    );
    await demo.patchDeployment({ replicas: 2 });
    await demo.twoPodsServe();
    lab.complaints.splice(0);
  }, 20_000);

  test("pods of a deleted Node are replaced on the others", async () => {
    await lab.killAgent("node2");
    await lab.client.remove(resources.nodes, "node2");
    await eventually("all pods on node1", async () => {
      const ready = await demo.readyPods();
      return ready.length === 2 && ready.every(({ node }) => node === "node1");
    });
    await eventually("node1 serves alone", async () => {
      const answers = await demo.visits("node1", 8);
      return answers.every((answer) => / on node1, received by node1$/.test(answer));
    });
    await lab.makeNode("node2");
    await lab.startAgent("node2");
  }, 20_000);

  test("after the Deployment nothing is left: no pod, no address, and the client is refused", async () => {
    await lab.client.remove(resources.deployments, "metallb-demo", "default");
    await lab.announce(vip, "node1");
    const refused = await within("refused", async () => (await demo.visits("node1", 1))[0] === "curl 7");
    expect(refused).toBeLessThan(1000);
    await eventually("no pods", async () => (await demo.pods()).length === 0);
    for (const node of nodeNames) {
      await eventually(`no addresses on ${node}`, async () => {
        const { stdout } = await lab.exec(node, "ip", "-o", "-4", "address", "show", "dev", "lo");
        return !stdout.includes("10.244.");
      });
    }
    await lab.client.remove(resources.services, "metallb-demo", "default");
    await eventually("no slices", async () => {
      const { items } = await lab.client.list(resources.endpointSlices, { namespace: "default" });
      return items.length === 0;
    });
    expect(lab.complaints).toEqual([]);
  }, 20_000);
});
