import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { resources } from "#k8s/mod.ts";
import { labId, labSupport, stationNamed } from "#sandbox/lab/mod.ts";
import { AgentDemo, nodeNames, vip } from "./harness/agent_demo.ts";
import type { AgentLab } from "./harness/agent_lab.ts";
import { eventually } from "./harness/eventually.ts";
import { cannotRun } from "./harness/netns_pair.ts";

const support = labSupport(labId("agent_traffic_test"));
const missing = !support.ok ? `no namespaces (${support.reason})` : cannotRun("nft", "curl", "tcpdump");

describe.skipIf(missing !== undefined)(`traffic${missing ? `: skipped, ${missing}` : ""}`, () => {
  let demo: AgentDemo;
  let lab: AgentLab;

  beforeAll(async () => {
    demo = await AgentDemo.start();
    lab = demo.lab;
  }, 30_000);

  afterAll(async () => {
    await lab?.stop();
  }, 30_000);

  test("pods are spread over the nodes and named as Kubernetes names them", async () => {
    const ready = await demo.readyPods();
    expect(ready.map(({ node }) => node).sort()).toEqual(nodeNames);
    for (const { name } of ready) expect(name).toMatch(/^metallb-demo-[a-z0-9]+-[a-z0-9]{5}$/);
    const { status } = await lab.client.get(resources.deployments, "metallb-demo", "default");
    expect(status).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2 });
  });

  test("Cluster: either node takes traffic in and both pods answer, masqueraded by the receiver", async () => {
    await demo.policy("Cluster");
    const ready = await demo.readyPods();
    for (const node of nodeNames) {
      const answers = new Set(await demo.visits(node, 20));
      const expected = ready.map((pod) => `pod ${pod.name} on ${pod.node}, received by ${node}`);
      expect([...answers].sort()).toEqual(expected.sort());
      // Also for a pod on the receiving node itself, whose packets never pass postrouting.
      const clients = new Set<string>();
      for (let count = 0; count < 10; count++) clients.add((await demo.visitJson("/")).clientAddress);
      expect([...clients]).toEqual([stationNamed(lab.plan, node).address]);
    }
  }, 20_000);

  test("on the wire: the client talks to the announcing node only, which masquerades towards the other", async () => {
    await lab.announce(vip, "node1");
    const remote = (await demo.readyPods()).find(({ node }) => node === "node2");
    const atClient = await lab.capture("client", "icmp or tcp port 80");
    const atNode2 = await lab.capture(
      "node2",
      "tcp port 80 and tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
    );
    const answers = await demo.visits("node1", 16);
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
    await demo.policy("Local");
    for (const { name, node } of await demo.readyPods()) {
      const expected = `pod ${name} on ${node}, received by ${node}`;
      await eventually("policy Local in force", async () => {
        const answers = new Set(await demo.visits(node, 8));
        return answers.size === 1 && answers.has(expected);
      });
      expect(await demo.visitJson("/x")).toMatchObject({
        pod: name,
        receivedBy: node,
        clientAddress: "192.168.1.100",
        request: "GET /x",
      });
    }
    await demo.policy("Cluster");
    await demo.twoPodsServe();
  }, 20_000);

  test("Local on a node without a pod: nothing answers there, the other node serves", async () => {
    await demo.policy("Local");
    await demo.patchDeployment({ replicas: 1 });
    const [only] = await eventually("one pod", async () => {
      const ready = await demo.pods();
      return ready.length === 1 ? ready : undefined;
    });
    const other = nodeNames.find((name) => name !== only?.node) ?? "";
    await eventually("dropped", async () => (await demo.visits(other, 1))[0] === "curl 28");
    expect(await demo.visits(only?.node ?? "", 3)).toEqual(
      Array(3).fill(`pod ${only?.name} on ${only?.node}, received by ${only?.node}`),
    );
    // From the node itself the address is served all the same, by whoever is ready.
    expect(await lab.visit(other, `http://${vip}/`)).toBe(
      `pod ${only?.name} on ${only?.node}, received by ${other}`,
    );
    await demo.policy("Cluster");
    await demo.patchDeployment({ replicas: 2 });
    await demo.twoPodsServe();
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
    const expected = (await demo.readyPods()).map(
      ({ name, node }) => `pod ${name} on ${node}, received by node1`,
    );
    expect(JSON.parse(stdout)).toEqual(expected.sort());
  }, 20_000);

  test("a node port and a port that nothing serves", async () => {
    const { spec } = await lab.client.get(resources.services, "metallb-demo", "default");
    const [http] = (spec as { ports: { nodePort: number }[] }).ports;
    expect(await lab.visit("client", `http://192.168.1.12:${http?.nodePort}/`)).toMatch(/received by node2$/);
    await lab.announce(vip, "node1");
    expect(await lab.visit("client", `http://${vip}:81/`)).toBe("curl 7");
  });

  test("loadBalancerSourceRanges and sessionAffinity are kept", async () => {
    await lab.announce(vip, "node1");
    await demo.patchService({ spec: { loadBalancerSourceRanges: ["10.0.0.0/8"] } });
    await eventually("the client is not admitted", async () => (await demo.visit()) === "curl 28");
    await demo.patchService({ spec: { loadBalancerSourceRanges: ["10.0.0.0/8", "192.168.1.64/26"] } });
    await eventually("the client is admitted", async () => (await demo.visit()).startsWith("pod "));
    await demo.patchService({ spec: { loadBalancerSourceRanges: null, sessionAffinity: "ClientIP" } });
    await eventually(
      "one pod for one client",
      async () => new Set(await demo.visits("node1", 12)).size === 1,
    );
    await demo.patchService({ spec: { sessionAffinity: "None" } });
    await demo.twoPodsServe();
  }, 20_000);
});
