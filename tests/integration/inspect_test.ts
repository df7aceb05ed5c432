/** `metallb status`, `explain`, `strictarp` and `bundle` as an administrator types them, on a cluster of objects. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type ResourceType, resources } from "#k8s/mod.ts";
import { eventually, ownNamespace, TestCluster } from "./controller_support.ts";

const main = join(import.meta.dir, "..", "..", "main.ts");
const configMaps: ResourceType = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};

describe("the administrator's verbs", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.ensureNamespace("kube-system");
    for (const [index, name] of ["node1", "node2"].entries()) await speaker(name, index);
    await cluster.pool("first-pool", ["192.0.2.1-192.0.2.2"]);
    await cluster.client.create(resources.l2Advertisements, {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: { name: "all", namespace: ownNamespace },
      spec: {},
    });
    await cluster.client.create(resources.bgpPeers, {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: { name: "router", namespace: ownNamespace },
      spec: { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.254", password: "s3cret" },
    });
    for (const name of ["web", "mail"]) await cluster.service(name);
    await endpoints("web");
    await cluster.startController();
    await eventually("two have an address", 5_000, async () => {
      const found = await Promise.all(["web", "mail"].map((name) => cluster.addressesOf(name)));
      return found.every(({ length }) => length === 1);
    });
    await cluster.service("late");
    // A controller that does not answer any more: the verbs decide by themselves.
    await cluster.stopController();
    // As MetalLB's speaker writes it, and ours.
    const labels = { "metallb.io/node": "node1", "metallb.io/service-name": "web" };
    const kind = { apiVersion: "metallb.io/v1beta1", kind: "ServiceL2Status" };
    const metadata = { name: "l2-abcde", namespace: ownNamespace, labels };
    await cluster.client.create(resources.serviceL2Statuses, { ...kind, metadata, spec: {} });
    const target = { name: "l2-abcde", namespace: ownNamespace, subresource: "status" } as const;
    const status = { node: "node1", serviceName: "web", serviceNamespace: "default" };
    await cluster.client.patch(resources.serviceL2Statuses, target, "merge", { status });
  });
  afterAll(() => cluster?.stop());

  async function speaker(node: string, index: number): Promise<void> {
    await cluster.client.create(resources.nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node },
    });
    const labels = { app: "metallb", component: "speaker" };
    const metadata = { name: `speaker-${node}`, namespace: ownNamespace, labels };
    const spec = { nodeName: node, containers: [{ name: "speaker", image: "speaker" }] };
    await cluster.client.create(resources.pods, { apiVersion: "v1", kind: "Pod", metadata, spec });
    const target = { name: metadata.name, namespace: ownNamespace, subresource: "status" } as const;
    const conditions = [{ type: "Ready", status: "True" }];
    await cluster.client.patch(resources.pods, target, "merge", {
      status: { podIP: `192.168.1.1${index}`, conditions },
    });
  }

  function endpoints(name: string) {
    return cluster.client.create(resources.endpointSlices, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: `${name}-1`, namespace: "default", labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.244.0.2"], nodeName: "node1", conditions: { ready: true } }],
      ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    });
  }

  async function metallb(
    args: string[],
    environment: Record<string, string> = {},
    kubeconfig = cluster.kubeconfig,
  ) {
    const child = Bun.spawn([process.execPath, main, ...args, "--kubeconfig", kubeconfig], {
      env: { ...process.env, LANG: "C", LC_ALL: "", LC_MESSAGES: "", ...environment },
      cwd: cluster.directory,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { stdout, stderr, code };
  }

  test("explain says who announces, and why each other node does not", async () => {
    const { stdout, code } = await metallb(["explain", "default/web"]);
    expect(stdout).toContain("default/web has 192.0.2.");
    expect(stdout).toContain("announced by node1 (layer 2)");
    expect(stdout).toMatch(/– node +node2|✗ node +node2|✓ announcer +node2/);
    expect(code).toBe(0);
  });

  test("explain says why there is no address, and what the controller has not written", async () => {
    const { stdout } = await metallb(["explain", "service", "default/late"]);
    expect(stdout).toContain("default/late");
    expect(stdout).toContain('"first-pool"');
    expect(stdout).toMatch(/full|no free|in use/i);
  });

  test("explain takes an address, and the locale's language", async () => {
    const [address = ""] = await cluster.addressesOf("web");
    const { stdout } = await metallb(["explain", address], { LC_ALL: "ko_KR.UTF-8" });
    expect(stdout).toContain("default/web 서비스가");
    expect(stdout).toContain("살펴본 것:");
    const json = JSON.parse((await metallb(["explain", address, "--json"])).stdout);
    expect(json[0]).toMatchObject({
      namespace: "default",
      name: "web",
      state: "announced",
      addresses: [address],
    });
  });

  test.each([
    [
      ["explain", "shop/web"],
      "There is no Service shop/web of type LoadBalancer. Of that name there is: default/web",
    ],
    [["explain", "203.0.113.9"], "No Service holds 203.0.113.9; it is in no pool"],
  ])("%p is answered with what there is", async (args, words) => {
    const { stdout, code } = await metallb(args);
    expect(stdout.trim()).toBe(words);
    expect(code).toBe(1);
  });

  test("status counts what is well and names what is not", async () => {
    const { stdout, code } = await metallb(["status"]);
    expect(stdout).toContain("Services of type LoadBalancer: 3, announced 1, not announced 1, waiting 1");
    expect(stdout).toMatch(/✗ waiting +default\/late/);
    expect(stdout).toMatch(/✗ not announced +default\/mail/);
    expect(stdout).toMatch(/first-pool +192\.0\.2\.1-192\.0\.2\.2 +2\/2 +all/);
    expect(stdout).toMatch(/node1 +speaker-node1 +ready +1 +0/);
    expect(code).toBe(1);
  });

  test("a cluster that cannot be reached, or is without MetalLB, is told in a line", async () => {
    const text = (await Bun.file(cluster.kubeconfig).text()).replace(
      /(server: https:\/\/127\.0\.0\.1):\d+/,
      "$1:1",
    );
    await Bun.write(join(cluster.directory, "nowhere"), text);
    const away = await metallb(["status"], {}, "nowhere");
    expect([away.code, away.stderr.trim()]).toEqual([
      1,
      "metallb: Cannot reach the API server https://127.0.0.1:1: ECONNREFUSED",
    ]);
    const other = await metallb(["status", "--namespace", "nothing-here"]);
    expect(other.stdout).toContain("Speakers: none. No node announces anything.");
  });

  test("speakers that MetalLB's chart labels its own way are found, too", async () => {
    const chart = { "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": "speaker" };
    const label = (labels: Record<string, string | null>) =>
      Promise.all(
        ["node1", "node2"].map((node) => {
          const target = { name: `speaker-${node}`, namespace: ownNamespace };
          return cluster.client.patch(resources.pods, target, "merge", { metadata: { labels } });
        }),
      );
    await label({ ...chart, app: null, component: null });
    expect((await metallb(["explain", "default/web"])).stdout).toContain("announced by node1 (layer 2)");
    await label({ app: "metallb", component: "speaker" });
  });

  test("strictarp finds the IPVS mode without it, and puts it right", async () => {
    expect((await metallb(["strictarp"])).stdout).toContain("There is no ConfigMap kube-proxy");
    const text = "kind: KubeProxyConfiguration\nmode: ipvs # fast\nipvs:\n  strictARP: false\n";
    await cluster.client.create(configMaps, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kube-proxy", namespace: "kube-system" },
      data: { "config.conf": text, "kubeconfig.conf": "kept" },
    });
    const found = await metallb(["strictarp"]);
    expect([found.code, found.stdout]).toEqual([1, expect.stringContaining("every node answers ARP")]);
    expect((await metallb(["strictarp", "enable"])).stdout).toContain("rollout restart daemonset kube-proxy");
    const { data } = await cluster.client.get(configMaps, "kube-proxy", "kube-system");
    expect(data).toEqual({ "config.conf": text.replace("false", "true"), "kubeconfig.conf": "kept" });
    const after = await metallb(["strictarp"]);
    expect([after.code, after.stdout]).toEqual([0, expect.stringContaining("Nothing to do")]);
  });

  test("bundle holds objects and status, and no password", async () => {
    const { stdout, code } = await metallb(["bundle", "help.tar.gz"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("help.tar.gz: ")]);
    const archive = new Bun.Archive(await Bun.file(join(cluster.directory, "help.tar.gz")).bytes());
    const files = await archive.files();
    expect([...files.keys()]).toContain("help/objects/metallb.io/ipaddresspools.yaml");
    const text = (await Promise.all([...files.values()].map((file) => file.text()))).join("\n");
    expect(text).toContain("waiting");
    expect(text).toContain("192.0.2.254");
    expect(text).not.toContain("s3cret");
  });
});
