/**
 * The sandbox's API as a process of its own, so that its work is not counted as its client's. Prints `{url, ca}`,
 * then reads one JSON command a line on stdin and answers each with one JSON line on stdout.
 */
import { readdirSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import { createCertificates, createSandboxApi, serveSandboxApi } from "#sandbox/api/mod.ts";
import { type ApiCommand, apiToken, exampleService, ownNamespace } from "./cluster.ts";
import { nthAddress } from "./examples.ts";

const definitions: ResourceType = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

const api = createSandboxApi({ now: Date.now });
api.addToken(apiToken, { username: "bench", groups: ["system:masters"] });
const { client } = api;

/** Changes by kind since the last `watch`, and Services that have an address. */
const changes: Record<string, number> = {};
const served = new Set<string>();
let watching = new AbortController();
let wake = () => {};

await makeBase();
const certificate = await createCertificates({ names: [], addresses: ["127.0.0.1"], now: new Date() });
const { url } = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, certificate });
say({ url, ca: certificate.caPem });
for await (const line of console) say((await obey(JSON.parse(line) as ApiCommand)) ?? null);
process.exit(0);

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function obey(command: ApiCommand): Promise<unknown> {
  switch (command.do) {
    case "services":
      for (let index = 0; index < command.count; index++) await makeService(index, command.addressesFrom);
      return;
    case "pool":
      await client.create(resources.ipAddressPools, {
        apiVersion: "metallb.io/v1beta1",
        kind: "IPAddressPool",
        metadata: { name: "first-pool", namespace: ownNamespace },
        spec: { addresses: [command.cidr] },
      });
      return;
    case "nodes":
      for (let index = 0; index < command.count; index++) await client.create(resources.nodes, node(index));
      return;
    case "watch":
      return await watch();
    case "changes":
      return changes;
    case "served":
      return await waitForServed(command.count, command.timeoutMs);
  }
}

async function makeBase(): Promise<void> {
  for (const name of [ownNamespace, "default"]) {
    const known = await client.get(resources.namespaces, name).catch(() => undefined);
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    if (!known) await client.create(resources.namespaces, namespace);
  }
  const directory = `${import.meta.dir}/../../k8s/crds`;
  for (const file of readdirSync(directory).filter(isDefinition)) {
    for (const document of parseAllDocuments(await Bun.file(`${directory}/${file}`).text())) {
      await client.create(definitions, document.toJS() as KubeObject);
    }
  }
}

/** Beside the definitions lies what kustomize reads. */
function isDefinition(file: string): boolean {
  return file.endsWith(".yaml") && file !== "kustomization.yaml";
}

function node(index: number): KubeObject {
  const name = `node${index}`;
  const labels = {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": "linux",
    "topology.kubernetes.io/zone": `zone-${index % 3}`,
  };
  return { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
}

async function makeService(index: number, addressesFrom: string | undefined): Promise<void> {
  const pool = addressesFrom === undefined ? {} : { "metallb.io/ip-allocated-from-pool": "first-pool" };
  const { metadata } = await client.create(resources.services, exampleService(index, pool));
  if (addressesFrom === undefined) return;
  const target = { name: metadata.name, namespace: "default", subresource: "status" } as const;
  const ingress = [{ ip: nthAddress(addressesFrom, index) }];
  await client.patch(resources.services, target, "merge", { status: { loadBalancer: { ingress } } });
}

/** Counts from now on every change of whatever a controller may write. */
async function watch(): Promise<void> {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  const { services, ipAddressPools, configurationStates, events } = resources;
  for (const kind of [services, ipAddressPools, configurationStates, events]) {
    changes[kind.plural] = 0;
    const { resourceVersion } = await client.list(kind);
    const read = async () => {
      for await (const event of client.watch(kind, resourceVersion, { signal, timeoutSeconds: 300 })) {
        if (event.type === "BOOKMARK") continue;
        changes[kind.plural] = (changes[kind.plural] ?? 0) + 1;
        if (kind === services && hasAddress(event.object)) served.add(event.object.metadata.name);
        wake();
      }
    };
    void read().catch(() => {});
  }
}

function hasAddress({ status }: KubeObject): boolean {
  const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: unknown[] } };
  return (loadBalancer?.ingress ?? []).length > 0;
}

/** Milliseconds since the epoch at which so many Services had an address; null where the time was not enough. */
async function waitForServed(count: number, timeoutMs: number): Promise<number | null> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  wake = () => {
    if (served.size >= count) resolve(Date.now());
  };
  wake();
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    wake = () => {};
  }
}
