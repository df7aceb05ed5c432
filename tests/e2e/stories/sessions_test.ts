/** Failure stories of BGP in a whole cluster, with BIRD as its router. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { connectKubernetes, type KubeClient, resources } from "#k8s/mod.ts";
import { missing, TestCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { bgp } from "../support/manifests.ts";
import { must } from "../support/run.ts";

const lacking = missing("bird", "curl");
const nodes = ["node1", "node2"];
const services = 250;

/** A room for all Services, BFD, and pods that are ready on both nodes. */
const more = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: large, namespace: metallb-system }
spec: { addresses: [198.51.0.0/22] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: large, namespace: metallb-system }
spec: { ipAddressPools: [large] }
---
apiVersion: metallb.io/v1beta1
kind: BFDProfile
metadata: { name: fast, namespace: metallb-system }
spec: { transmitInterval: 100, receiveInterval: 100, detectMultiplier: 10 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }] }
`;

describe.skipIf(lacking !== undefined)(`stories of BGP${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  let client: KubeClient;
  beforeAll(async () => {
    cluster = await TestCluster.start({ flags: ["--nodes", `${nodes.length}`] });
    client = (await connectKubernetes({ kubeconfig: cluster.kubeconfig, userAgent: "story" })).client;
    const [file] = [...new Bun.Glob("**/bird.conf").scanSync(cluster.stateDirectory)];
    const path = `${cluster.stateDirectory}/${file}`;
    const bfd = 'protocol bfd { interface "*" { interval 100 ms; multiplier 10; }; }';
    const config = readFileSync(path, "utf8");
    writeFileSync(
      path,
      config.replace("protocol bgp speakers {", `${bfd}\nprotocol bgp speakers {\n  bfd on;`),
    );
    await birdc("configure");
    await cluster.apply(more);
    await cluster.apply(bgp.replace("  peerAddress", "  bfdProfile: fast\n  peerAddress"));
    await cluster.kubectl("rollout", "status", "deployment/web", "--timeout=30s");
    for (const name of ["metallb_bgp_session_up", "metallb_bfd_session_up"])
      await eventually(
        `${name} on each node`,
        async () => (await ofAll(name)).every((value) => value === 1),
        30_000,
      );
  }, 120_000);
  afterAll(() => cluster?.stop());

  test("story 7: 1,000 changes of Services, and of Nodes, reset no BGP session and change no BFD session", async () => {
    const before = await standing();
    expect(before.filter(({ line }) => line.includes("Established"))).toHaveLength(nodes.length);
    const downsBefore = await ofAll("metallb_bfd_session_down_events");
    const names = Array.from({ length: services }, (_, index) => `s${index}`);

    await each(names, async (name) => {
      const ports = [{ name: "http", port: 80, protocol: "TCP" }];
      const spec = { type: "LoadBalancer", selector: { app: "web" }, ports };
      const metadata = { name, namespace: "default" };
      await client.create(resources.services, { apiVersion: "v1", kind: "Service", metadata, spec });
    });
    await routesInBird(services);
    await cluster.kubectl("label", "nodes", "--all", "story=seven");
    // With the policy Local a node announces by its own endpoints: the router is told the same again, or nothing.
    await each(names, (name) => patch(name, { spec: { externalTrafficPolicy: "Local" } }));
    await cluster.kubectl("annotate", "nodes", "--all", "story=seven");
    // Half of them lose their endpoints, and with them their routes.
    await each(names, (name, at) => patch(name, { spec: { selector: { app: at % 2 ? "web" : "none" } } }));
    await routesInBird(services / 2);
    await each(names, (name) => client.remove(resources.services, name, "default"));
    await routesInBird(0);

    const after = await standing();
    expect(after.map(({ line }) => line)).toEqual(before.map(({ line }) => line));
    // BIRD reckons each time anew from two clocks: the same moment may be shown a millisecond apart.
    for (const [index, { sinceMs }] of after.entries())
      expect(Math.abs(sinceMs - (before[index]?.sinceMs ?? Number.NaN))).toBeLessThan(50);
    expect(await ofAll("metallb_bgp_session_up")).toEqual(nodes.map(() => 1));
    expect(await ofAll("metallb_bfd_session_up")).toEqual(nodes.map(() => 1));
    expect(await ofAll("metallb_bfd_session_down_events")).toEqual(downsBefore);
  }, 120_000);

  const patch = (name: string, body: object) =>
    client.patch(resources.services, { name, namespace: "default" }, "merge", body);

  /** Twenty at a time, as a busy cluster's users would. */
  async function each(names: readonly string[], work: (name: string, at: number) => Promise<unknown>) {
    const left = [...names.entries()];
    const worker = async () => {
      for (let next = left.shift(); next; next = left.shift()) await work(next[1], next[0]);
    };
    await Promise.all(Array.from({ length: 20 }, worker));
  }

  /** Each session in BIRD's words, and when (ms of the day) it came to the state it is in. */
  async function standing(): Promise<{ line: string; sinceMs: number }[]> {
    const [protocols, bfd] = [await birdc("show", "protocols"), await birdc("show", "bfd", "sessions")];
    const sessions = protocols.split("\n").filter((line) => / BGP /.test(line));
    // Of BFD: address, interface, state, since; the rest are intervals.
    const watched = bfd.split("\n").filter((line) => line.startsWith("192.168."));
    return [...sessions, ...watched].sort().map((line) => {
      const [text, hours, minutes, seconds] = /(\d\d):(\d\d):(\d\d\.\d{3})/.exec(line) ?? [];
      if (text === undefined) throw new Error(`BIRD's line names no time: ${line}`);
      const sinceMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
      return { line: line.replace(text, "").trim(), sinceMs };
    });
  }

  /** Prefixes that BIRD has from any node. */
  async function routesInBird(wanted: number): Promise<void> {
    await eventually(
      `${wanted} networks in BIRD`,
      async () => {
        const shown = await birdc("show", "route", "where", "source", "=", "RTS_BGP", "count");
        return Number(/for (\d+) networks/.exec(shown)?.[1]) === wanted;
      },
      40_000,
    );
  }

  async function birdc(...command: string[]): Promise<string> {
    const socket = `${cluster.stateDirectory}/sockets/bird.sock`;
    // A Unix socket crosses namespaces.
    return must(["birdc", "-s", socket, ...command]);
  }

  /** A metric of the router's session, of each node. */
  function ofAll(name: string): Promise<(number | undefined)[]> {
    return Promise.all(
      nodes.map(async (node) => {
        const socket = `${cluster.stateDirectory}/sockets/speaker-${node}.sock`;
        const text = await must(["curl", "-sS", "--unix-socket", socket, "http://metallb/metrics"]);
        const value = new RegExp(`^${name}\\{peer="192.168.1.1(?::179)?",vrf="default"\\} (\\S+)$`, "m").exec(
          text,
        );
        return value ? Number(value[1]) : undefined;
      }),
    );
  }
});
