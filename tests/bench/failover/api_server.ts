/**
 * The sandbox's Kubernetes API as a station of the LAN. Its argument is what it is to hold, {@link Held}; it prints
 * `{url, ca, token}`, then reads one JSON command a line on stdin and answers each with a line.
 */
import { type KubeObject, resources } from "#k8s/mod.ts";
import { createCertificates, createSandboxApi, serveSandboxApi } from "#sandbox/api/mod.ts";
import { applyBase, baseObjects } from "#sandbox/cluster/mod.ts";

export interface Held {
  readonly listen: string;
  /** With the address of each one's speaker. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** One Service each. */
  readonly addresses: readonly string[];
  /** Of the L2Advertisement. */
  readonly interfaces: readonly string[];
  readonly secretKey: string;
}

/** Sets or removes an annotation of a Node. */
export interface Annotate {
  readonly node: string;
  readonly key: string;
  readonly value: string | null;
}

const ownNamespace = "metallb-system";
const token = "failover";

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? "") as Held);

async function main(held: Held): Promise<void> {
  const api = createSandboxApi({ now: Date.now });
  api.addToken(token, { username: "bench", groups: ["system:masters"] });
  const { client } = api;
  await applyBase(client, baseObjects(held.nodes, held.secretKey, Date.now()));
  for (const { name, address } of held.nodes) await makeSpeakerPod(name, address);
  await client.create(resources.ipAddressPools, {
    ...custom("IPAddressPool", "pool"),
    spec: { addresses: [`${held.addresses[0]}-${held.addresses.at(-1)}`] },
  });
  const { interfaces } = held;
  await client.create(resources.l2Advertisements, {
    ...custom("L2Advertisement", "layer2"),
    spec: interfaces.length > 0 ? { interfaces } : {},
  });
  for (const [index, address] of held.addresses.entries()) await makeService(`s${index}`, address);

  const certificate = await createCertificates({ names: [], addresses: [held.listen], now: new Date() });
  const { url } = serveSandboxApi(api, { hostname: held.listen, port: 6443, certificate });
  say({ url, ca: certificate.caPem, token });
  for await (const line of console) {
    const { node: name, key, value } = JSON.parse(line) as Annotate;
    await client.patch(resources.nodes, { name }, "merge", { metadata: { annotations: { [key]: value } } });
    say(null);
  }
  process.exit(0);

  async function makeSpeakerPod(node: string, podIP: string): Promise<void> {
    const name = `speaker-${node}`;
    await client.create(resources.pods, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: ownNamespace, labels: { app: "metallb", component: "speaker" } },
      spec: { nodeName: node, hostNetwork: true, containers: [{ name: "speaker", image: "metallb-ts" }] },
    });
    // It stays ready whatever becomes of its process: no takeover below waits for, or is helped by, a kubelet.
    const conditions = [{ type: "Ready", status: "True" }];
    const status = { phase: "Running", podIP, podIPs: [{ ip: podIP }], hostIP: podIP, conditions };
    const target = { name, namespace: ownNamespace, subresource: "status" } as const;
    await client.patch(resources.pods, target, "merge", { status });
  }

  async function makeService(name: string, ip: string): Promise<void> {
    const annotations = { "metallb.io/ip-allocated-from-pool": "pool" };
    const ports = [{ name: "http", port: 80, protocol: "TCP", targetPort: 80 }];
    await client.create(resources.services, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default", annotations },
      spec: { type: "LoadBalancer", ports },
    });
    const target = { name, namespace: "default", subresource: "status" } as const;
    const status = { loadBalancer: { ingress: [{ ip }] } };
    await client.patch(resources.services, target, "merge", { status });
    await client.create(resources.endpointSlices, {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name, namespace: "default", labels: { "kubernetes.io/service-name": name } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.99.0.250"], conditions: { ready: true } }],
      ports,
    });
  }
}

function custom(kind: string, name: string): KubeObject {
  return { apiVersion: "metallb.io/v1beta1", kind, metadata: { name, namespace: ownNamespace } };
}

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
