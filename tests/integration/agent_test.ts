import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { findProgram, labId, labSupport, stationNamed } from "#sandbox/lab/mod.ts";
import { AgentLab } from "./harness/agent_lab.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const support = labSupport(labId("agent_test"));
const missing = !support.ok ? `no namespaces (${support.reason})` : cannotRun("nft", "curl", "tcpdump");
const hasKubectl = findProgram("kubectl") !== undefined;

const vip = "192.168.1.240";
const nodeNames = ["node1", "node2"];
const deployment = { name: "metallb-demo", namespace: "default" };

const demo = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "metallb-demo", labels: { app: "metallb-demo" } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "metallb-demo" } },
    template: {
      metadata: { labels: { app: "metallb-demo" } },
      spec: {
        containers: [
          {
            name: "nginx",
            image: "nginx:1.27-alpine",
            ports: [
              { name: "web", containerPort: 80 },
              { name: "dns", containerPort: 53, protocol: "UDP" },
            ],
          },
        ],
      },
    },
  },
};

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "metallb-demo", labels: { app: "metallb-demo" } },
  spec: {
    type: "LoadBalancer",
    selector: { app: "metallb-demo" },
    ports: [
      { name: "http", port: 80, targetPort: "web", protocol: "TCP" },
      { name: "dns", port: 53, targetPort: 53, protocol: "UDP" },
    ],
  },
};

describe.skipIf(missing !== undefined)(`agent${missing ? `: skipped, ${missing}` : ""}`, () => {
  let lab: AgentLab;

  beforeAll(async () => {
    lab = await AgentLab.start(2);
    await lab.apply(resources.deployments, demo);
    await lab.apply(resources.services, service);
    await patchService({ status: { loadBalancer: { ingress: [{ ip: vip }] } } }, "status");
    await twoPodsServe();
  }, 30_000);

  afterAll(async () => {
    await lab?.stop();
  }, 30_000);

  function patchService(body: unknown, subresource?: "status") {
    const target = { name: "metallb-demo", namespace: "default", ...(subresource && { subresource }) };
    return lab.client.patch(resources.services, target, "merge", body);
  }

  async function policy(externalTrafficPolicy: "Cluster" | "Local") {
    await patchService({ spec: { externalTrafficPolicy } });
  }

  async function scale(replicas: number) {
    await lab.client.patch(resources.deployments, deployment, "merge", { spec: { replicas } });
  }

  async function pods() {
    const { items } = await lab.client.list(resources.pods, { namespace: "default" });
    return items.map(({ metadata, spec, status }) => {
      const { conditions = [], podIP = "" } = (status ?? {}) as {
        conditions?: { type: string; status: string }[];
        podIP?: string;
      };
      const node = (spec as { nodeName?: string }).nodeName ?? "";
      const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
      return {
        name: metadata.name,
        node,
        podIP,
        isReady,
        isLeaving: metadata.deletionTimestamp !== undefined,
      };
    });
  }

  const readyPods = async () => (await pods()).filter(({ isReady, isLeaving }) => isReady && !isLeaving);

  /** Answers that the client gets when this node is the announcer. */
  async function visits(node: string, times: number): Promise<string[]> {
    await lab.announce(vip, node);
    const answers: string[] = [];
    for (let count = 0; count < times; count++) answers.push(await lab.visit("client", `http://${vip}/`));
    return answers;
  }

  const served = async (node: string) => (await visits(node, 1))[0]?.startsWith("pod metallb-demo-");

  /** Two ready pods, and every node's rules know both. */
  async function twoPodsServe() {
    const ready = await eventually("two ready pods", async () => {
      const now = await readyPods();
      return now.length === 2 && (await pods()).length === 2 ? now : undefined;
    });
    for (const node of nodeNames) {
      await eventually(`${node} spreads over both`, async () => {
        const answers = await visits(node, 8);
        return ready.every(({ name }) => answers.some((answer) => answer.startsWith(`pod ${name} `)));
      });
    }
  }

  /** Milliseconds until `look` is true. */
  async function within(what: string, limitMs: number, look: () => Promise<boolean>): Promise<number> {
    const start = performance.now();
    await eventually(what, look, limitMs);
    return performance.now() - start;
  }

  test("pods are spread over the nodes and named as Kubernetes names them", async () => {
    const ready = await readyPods();
    expect(ready.map(({ node }) => node).sort()).toEqual(nodeNames);
    for (const { name } of ready) expect(name).toMatch(/^metallb-demo-[a-z0-9]+-[a-z0-9]{5}$/);
    const { status } = await lab.client.get(resources.deployments, "metallb-demo", "default");
    expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2 });
  });

  test("Cluster: either node takes traffic in and both pods answer, masqueraded by the receiver", async () => {
    await policy("Cluster");
    const ready = await readyPods();
    for (const node of nodeNames) {
      const answers = new Set(await visits(node, 20));
      const expected = ready.map((pod) => `pod ${pod.name} on ${pod.node}, received by ${node}`);
      expect([...answers].sort()).toEqual(expected.sort());
    }
  }, 20_000);

  test("on the wire: the client talks to the announcing node only, which masquerades towards the other", async () => {
    await lab.announce(vip, "node1");
    const remote = (await readyPods()).find(({ node }) => node === "node2");
    const atClient = await lab.capture("client", "icmp or tcp port 80");
    const atNode2 = await lab.capture(
      "node2",
      "tcp port 80 and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
    );
    const answers = await visits("node1", 16);
    expect(answers.some((answer) => answer.includes(" on node2, "))).toBe(true);
    const frames = await atClient.stop();
    const [client, node1] = ["client", "node1"].map((name) => stationNamed(lab.plan, name).mac);
    const ways = new Set(frames.map((frame) => /^(\S+ > \S+),/.exec(frame)?.[1]));
    expect(ways).toEqual(new Set([`${client} > ${node1}`, `${node1} > ${client}`]));
    // An ICMP redirect would send the client past the announcing node.
    expect(frames.filter((frame) => frame.includes("ICMP"))).toEqual([]);
    const syns = (await atNode2.stop()).map((frame) =>
      /: (\S+)\.\d+ > (\S+): Flags/.exec(frame)?.slice(1).join(" > "),
    );
    expect(new Set(syns)).toEqual(new Set([`192.168.1.11 > ${remote?.podIP}.80`]));
  }, 20_000);

  test("Local: only the receiving node's pod answers, and it sees the client", async () => {
    await policy("Local");
    for (const { name, node } of await readyPods()) {
      const expected = `pod ${name} on ${node}, received by ${node}`;
      await eventually("policy Local in force", async () => {
        const answers = new Set(await visits(node, 8));
        return answers.size === 1 && answers.has(expected);
      });
      const json = await lab.exec(
        "client",
        "curl",
        "-s",
        "-H",
        "accept: application/json",
        `http://${vip}/x`,
      );
      expect(JSON.parse(json.stdout)).toMatchObject({
        pod: name,
        receivedBy: node,
        clientAddress: "192.168.1.100",
        request: "GET /x",
      });
    }
    await policy("Cluster");
    await twoPodsServe();
  }, 20_000);

  test("Local on a node without a pod: nothing answers there, the other node serves", async () => {
    await policy("Local");
    await scale(1);
    const [only] = await eventually("one pod", async () => {
      const ready = await pods();
      return ready.length === 1 ? ready : undefined;
    });
    const other = nodeNames.find((name) => name !== only?.node) ?? "";
    await eventually("dropped", async () => (await visits(other, 1))[0] === "curl 28");
    expect(await visits(only?.node ?? "", 3)).toEqual(
      Array(3).fill(`pod ${only?.name} on ${only?.node}, received by ${only?.node}`),
    );
    // From the node itself the address is served all the same, by whoever is ready.
    expect(await lab.visit(other, `http://${vip}/`)).toBe(
      `pod ${only?.name} on ${only?.node}, received by ${other}`,
    );
    await policy("Cluster");
    await scale(2);
    await twoPodsServe();
  }, 20_000);

  test("UDP is carried as TCP is", async () => {
    await lab.announce(vip, "node1");
    const script = `
      const answers = new Set();
      for (let count = 0; count < 12; count++) {
        const answer = Promise.withResolvers();
        const socket = await Bun.udpSocket({ connect: { hostname: "${vip}", port: 53 }, socket: {
          data: (_, data) => answer.resolve(data.toString().split("\\n")[0]), error: answer.reject } });
        socket.send("hello");
        setTimeout(() => answer.resolve("no answer"), 1000);
        answers.add(await answer.promise);
        socket.close();
      }
      console.log(JSON.stringify([...answers].sort()));
      process.exit();`;
    const { stdout } = await lab.exec("client", process.execPath, "-e", script);
    const expected = (await readyPods()).map(({ name, node }) => `pod ${name} on ${node}, received by node1`);
    expect(JSON.parse(stdout)).toEqual(expected.sort());
  }, 20_000);

  test("a node port and a port that nothing serves", async () => {
    const { spec } = await lab.client.get(resources.services, "metallb-demo", "default");
    const [http] = (spec as { ports: { nodePort: number }[] }).ports;
    expect(await lab.visit("client", `http://192.168.1.12:${http?.nodePort}/`)).toMatch(/received by node2$/);
    await lab.announce(vip, "node1");
    expect(await lab.visit("client", `http://${vip}:81/`)).toBe("curl 7");
  });

  test("scaling up is served within a second, scaling down is let go without a failed visit", async () => {
    await lab.announce(vip, "node1");
    await scale(6);
    const seen = new Set<string>();
    const up = await within("six pods serve", 5000, async () => {
      seen.add(await lab.visit("client", `http://${vip}/`));
      return (await readyPods()).length === 6;
    });
    await eventually("six pods answer", async () => {
      seen.add(await lab.visit("client", `http://${vip}/`));
      return seen.size >= 6;
    });
    expect(up).toBeLessThan(1000);
    await scale(1);
    const start = performance.now();
    let down = 0;
    const answers: string[] = [];
    while (performance.now() - start < 2000) {
      answers.push(await lab.visit("client", `http://${vip}/`));
      if (down === 0 && (await pods()).length === 1) down = performance.now() - start;
    }
    expect(answers.filter((answer) => !answer.startsWith("pod "))).toEqual([]);
    expect(new Set(answers.slice(-10)).size).toBe(1);
    expect(down).toBeGreaterThan(0);
    expect(down).toBeLessThan(1000);
    console.log(`scaled 2 to 6 in ${up.toFixed(0)} ms, 6 to 1 in ${down.toFixed(0)} ms`);
  }, 30_000);

  test("a new template rolls over without a failed visit", async () => {
    await scale(2);
    await twoPodsServe();
    const before = new Set((await readyPods()).map(({ name }) => name));
    const template = { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } };
    await lab.client.patch(resources.deployments, deployment, "merge", { spec: { template } });
    const answers: string[] = [];
    await eventually(
      "new pods only",
      async () => {
        answers.push(await lab.visit("client", `http://${vip}/`));
        const now = await pods();
        return now.length === 2 && now.every(({ name, isReady }) => isReady && !before.has(name));
      },
      10_000,
      0,
    );
    expect(answers.filter((answer) => !answer.startsWith("pod "))).toEqual([]);
    await eventually("the rollout is told finished", async () => {
      const { status } = await lab.client.get(resources.deployments, "metallb-demo", "default");
      const { conditions } = status as { conditions: { type: string; reason: string }[] };
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
      const endpoints = (await readyPods()).map(({ podIP }) => `${podIP}:80`);
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
    const before = await readyPods();
    await lab.killAgent("node1");
    await lab.exec("node1", "ip", "address", "add", "10.244.0.99/32", "dev", "lo");
    await lab.startAgent("node1");
    await eventually("node1's pod answers", async () => {
      const answers = await visits("node2", 6);
      return answers.some((answer) => answer.includes(" on node1, "));
    });
    expect(await readyPods()).toEqual(before);
    const { stdout } = await lab.exec("node1", "ip", "-o", "-4", "address", "show", "dev", "lo");
    const addresses = [...stdout.matchAll(/inet (10\.244\.\S+)\/32/g)].map((match) => match[1]);
    expect(addresses).toEqual(before.filter(({ node }) => node === "node1").map(({ podIP }) => podIP));
  }, 30_000);

  test("rules that somebody flushed come back with the next change", async () => {
    await lab.exec("node1", "nft", "flush", "ruleset");
    await scale(3);
    await eventually("served again", () => served("node1"));
    await scale(2);
    await twoPodsServe();
    lab.complaints.splice(0);
  }, 20_000);

  test("pods of a deleted Node are replaced on the others", async () => {
    await lab.killAgent("node2");
    await lab.client.remove(resources.nodes, "node2");
    await eventually("all pods on node1", async () => {
      const ready = await readyPods();
      return ready.length === 2 && ready.every(({ node }) => node === "node1");
    });
    await eventually("node1 serves alone", async () => {
      const answers = await visits("node1", 8);
      return answers.every((answer) => / on node1, received by node1$/.test(answer));
    });
    await lab.makeNode("node2");
    await lab.startAgent("node2");
  }, 20_000);

  test("after the Deployment nothing is left: no pod, no address, and the client is refused", async () => {
    await lab.client.remove(resources.deployments, "metallb-demo", "default");
    await lab.announce(vip, "node1");
    const refused = await within("refused", 5000, async () => (await visits("node1", 1))[0] === "curl 7");
    expect(refused).toBeLessThan(1000);
    await eventually("no pods", async () => (await pods()).length === 0);
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
