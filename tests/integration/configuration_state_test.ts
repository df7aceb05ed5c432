import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parse } from "yaml";
import { type RunningController, runController } from "#controller/mod.ts";
import {
  connectKubernetes,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  resources,
} from "#k8s/mod.ts";
import { type RunningSpeaker, runSpeaker } from "#speaker/mod.ts";
import { eventually, ownNamespace as namespace, recordVersions } from "./controller_support.ts";
import { ApiOnLoopback } from "./sandbox_api_support.ts";

const definitions: ResourceType = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

interface State {
  result: string;
  errorSummary: string;
  conditions: { type: string; status: string; reason: string; message: string; lastTransitionTime: string }[];
}

let cluster: ApiOnLoopback;
let client: KubeClient;
let controller: RunningController;
const speakers: RunningSpeaker[] = [];

const folder = `${import.meta.dir}/../../k8s/crds`;
async function install(to: KubeClient, file: string): Promise<void> {
  await to.create(definitions, parse(await Bun.file(`${folder}/${file}`).text()) as KubeObject);
}

/** The controller and the speakers of two nodes, on an API with the product's own schemas. */
beforeAll(async () => {
  cluster = await ApiOnLoopback.start();
  const kubeconfig = join(cluster.directory, "kubeconfig");
  ({ client } = await connectKubernetes({ kubeconfig, userAgent: "integration-test" }));
  for (const file of new Bun.Glob("*s.yaml").scanSync({ cwd: folder })) await install(client, file);
  await create(resources.namespaces, { metadata: { name: namespace } });
  for (const name of ["node0", "node1"]) {
    await create(resources.nodes, { metadata: { name, labels: { "kubernetes.io/hostname": name } } });
  }
  const common = { kubeconfig, namespace, loadBalancerClass: "", logLevel: "none", version: "test" } as const;
  for (const name of ["controller-0", "speaker-node0", "speaker-node1"]) {
    const labels = { app: "metallb", component: name.split("-")[0] as string };
    const spec = { containers: [{ name: "metallb", image: "metallb" }] };
    await create(resources.pods, { metadata: { name, namespace, labels }, spec });
  }
  controller = await runController({ ...common, hostname: "127.0.0.1", port: 0, podName: "controller-0" });
  for (const nodeName of ["node0", "node1"]) {
    speakers.push(
      await runSpeaker({
        ...common,
        nodeName,
        podName: `speaker-${nodeName}`,
        host: "127.0.0.1",
        port: 0,
        memberlistAddress: "127.0.0.1",
        memberlistPort: 7946,
        ignoreExcludeLabel: false,
        recordOnly: true,
      }),
    );
  }
});

afterAll(async () => {
  await Promise.all([controller?.stop(), ...speakers.map((speaker) => speaker.stop())]);
  await cluster?.stop();
});

function create(resource: ResourceType, body: KubeObject): Promise<KubeObject> {
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version;
  return client.create(resource, { apiVersion, kind: resource.kind, ...body });
}

const configure = (resource: ResourceType, name: string, spec: object) =>
  create(resource, { metadata: { name, namespace }, spec });
const read = (name: string) => client.get(resources.configurationStates, name, namespace);
const stateOf = async (name: string) => (await read(name)).status as State;

/** All three states, by their result; waits until they are as said. */
async function results(wanted: Record<string, string>): Promise<void> {
  let found: Record<string, string> = {};
  try {
    await eventually(`ConfigurationStates are ${JSON.stringify(wanted)}`, 5_000, async () => {
      const { items } = await client.list(resources.configurationStates, { namespace });
      found = Object.fromEntries(
        items.map(({ metadata, status }) => [metadata.name, (status as State)?.result]),
      );
      return Bun.deepEquals(found, wanted);
    });
  } catch (error) {
    throw new Error(`found ${JSON.stringify(found)}`, { cause: error });
  }
}

const valid = { controller: "Valid", "speaker-node0": "Valid", "speaker-node1": "Valid" };
const tor = { myASN: 64512, peerASN: 64513, peerAddress: "192.0.2.1" };
const at = (peerAddress: string) => ({ ...tor, peerAddress });

describe("ConfigurationState", () => {
  test("of each component is Valid, with MetalLB's names, labels, conditions, managers and owners (E224)", async () => {
    await results(valid);
    const expected = [
      ["controller", "controller-0", { "metallb.io/component-type": "controller" }, "poolReconciler"],
      [
        "speaker-node1",
        "speaker-node1",
        { "metallb.io/component-type": "speaker", "metallb.io/node-name": "node1" },
        "configReconciler",
      ],
    ] as const;
    for (const [name, podName, labels, manager] of expected) {
      const { metadata, status } = await read(name);
      const pod = await client.get(resources.pods, podName, namespace);
      expect(metadata.labels).toEqual(labels);
      expect(metadata.ownerReferences).toEqual([
        { apiVersion: "v1", kind: "Pod", name: podName, uid: pod.metadata.uid ?? "" },
      ]);
      expect(status).toEqual({
        result: "Valid",
        errorSummary: "",
        conditions: [
          {
            type: `${manager}Valid`,
            status: "True",
            reason: "Reconciled",
            message: "",
            lastTransitionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          },
        ],
      });
      const managed = metadata.managedFields as {
        manager: string;
        subresource?: string;
        operation: string;
      }[];
      expect(managed.filter(({ subresource }) => subresource === "status")).toMatchObject([
        { manager, operation: "Apply" },
      ]);
    }
  });

  test("is not written again while the verdict stays the same", async () => {
    const { resourceVersion } = await client.list(resources.configurationStates, { namespace });
    const versions = recordVersions(client, resources.configurationStates, resourceVersion);
    await configure(resources.ipAddressPools, "good", { addresses: ["192.0.2.128/25"] });
    await client.patch(resources.nodes, { name: "node0" }, "merge", { metadata: { labels: { rack: "a" } } });
    await Bun.sleep(1_500);
    await versions.stop();
    expect(versions.all()).toBe(0);
  });

  test("a bad pool makes every one Invalid and says which; the transition is when it became so", async () => {
    const before = (await stateOf("controller")).conditions[0]?.lastTransitionTime ?? "";
    await configure(resources.ipAddressPools, "bad", { addresses: ["192.0.2.200-192.0.2.300"] });
    await results({ controller: "Invalid", "speaker-node0": "Invalid", "speaker-node1": "Invalid" });
    const { errorSummary, conditions } = await stateOf("controller");
    expect(errorSummary).toStartWith(
      'configuration error: IPAddressPool "bad": spec.addresses[0]: "192.0.2.200-192.0.2.300" is not a range',
    );
    expect(conditions[0]).toMatchObject({
      status: "False",
      reason: "ConfigurationError",
      message: errorSummary,
    });
    expect(Date.parse(conditions[0]?.lastTransitionTime ?? "")).toBeGreaterThanOrEqual(Date.parse(before));
    await client.remove(resources.ipAddressPools, "bad", namespace);
    await results(valid);
  });

  test("a BGPPeer with a Secret of the wrong type concerns only the node it selects (E219, E227)", async () => {
    const secret = (type: string) =>
      create(resources.secrets, {
        metadata: { name: "tor", namespace },
        type,
        data: { username: btoa("me"), password: btoa("hidden") },
      });
    await secret("Opaque");
    await configure(resources.bgpPeers, "tor", {
      ...tor,
      passwordSecret: { name: "tor" },
      nodeSelectors: [{ matchLabels: { "kubernetes.io/hostname": "node1" } }],
    });
    await results({ ...valid, "speaker-node1": "Invalid" });
    expect((await stateOf("speaker-node1")).errorSummary).toBe(
      'configuration error: BGPPeer "tor": spec.passwordSecret.name: Secret "tor" is of type "Opaque"; allowed is kubernetes.io/basic-auth',
    );
    await client.remove(resources.secrets, "tor", namespace);
    await secret("kubernetes.io/basic-auth");
    await results(valid);
    const states = JSON.stringify((await client.list(resources.configurationStates, { namespace })).items);
    expect(states).not.toContain("hidden");
  });

  test("a missing BFDProfile and an unknown alias are the speakers' to tell, until they are there (E220, E222)", async () => {
    const speakersInvalid = { ...valid, "speaker-node0": "Invalid", "speaker-node1": "Invalid" };
    await configure(resources.bgpPeers, "fast", { ...at("192.0.2.2"), bfdProfile: "quick" });
    await results(speakersInvalid);
    await configure(resources.bfdProfiles, "quick", {});
    await results(valid);
    await configure(resources.bgpAdvertisements, "ad", { communities: ["nameless"] });
    await results(speakersInvalid);
    await configure(resources.communities, "names", {
      communities: [{ name: "nameless", value: "65000:1" }],
    });
    await results(valid);
  });

  test("a node whose new label makes two peers of one address meet is Invalid alone, until it loses it (E225)", async () => {
    const label = (place: string | null) =>
      client.patch(resources.nodes, { name: "node1" }, "merge", { metadata: { labels: { place } } });
    const on = (place: string) => ({ ...at("192.0.2.4"), nodeSelectors: [{ matchLabels: { place } }] });
    const everywhere = [{ matchExpressions: [{ key: "place", operator: "In", values: ["edge", "core"] }] }];
    await configure(resources.bgpPeers, "core", on("core"));
    await configure(resources.bgpPeers, "edge", { ...on("edge"), nodeSelectors: everywhere });
    await results(valid);
    await label("core");
    await results({ ...valid, "speaker-node1": "Invalid" });
    expect((await stateOf("speaker-node1")).errorSummary).toContain(
      'BGPPeer "edge": spec.peerAddress: 192.0.2.4 port 179 is the peer of the older BGPPeer "core" already',
    );
    await label(null);
    await results(valid);
  });

  test("deleted while Invalid or Valid, it is written again (E226, E228)", async () => {
    const removeAll = async () => {
      for (const name of Object.keys(valid))
        await client.remove(resources.configurationStates, name, namespace);
    };
    await removeAll();
    await results(valid);
    await configure(resources.bgpPeers, "later", { ...at("192.0.2.3"), bfdProfile: "missing" });
    const invalid = { ...valid, "speaker-node0": "Invalid", "speaker-node1": "Invalid" };
    await results(invalid);
    await removeAll();
    await results(invalid);
    await client.remove(resources.bgpPeers, "later", namespace);
    await results(valid);
  });

  test("goes with its Pod, and is put right when somebody edits it", async () => {
    const target = { name: "controller", namespace, subresource: "status" } as const;
    await client.patch(resources.configurationStates, target, "merge", { status: { result: "Invalid" } });
    await results(valid);
    await speakers.pop()?.stop();
    await client.remove(resources.pods, "speaker-node1", namespace);
    await results({ controller: "Valid", "speaker-node0": "Valid" });
  });
});

test("what cannot be listed is not called valid: Unknown, until it can be", async () => {
  const bare = await ApiOnLoopback.start();
  const kubeconfig = join(bare.directory, "kubeconfig");
  const { client: own } = await connectKubernetes({ kubeconfig, userAgent: "integration-test" });
  for (const file of new Bun.Glob("*s.yaml").scanSync({ cwd: folder })) {
    if (file !== "communities.yaml") await install(own, file);
  }
  await own.create(resources.namespaces, {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
  const running = await runController({
    kubeconfig,
    namespace,
    hostname: "127.0.0.1",
    port: 0,
    loadBalancerClass: "",
    logLevel: "none",
    version: "test",
  });
  const verdict = (result: string) =>
    eventually(result, 20_000, async () => {
      const { status } = await own
        .get(resources.configurationStates, "controller", namespace)
        .catch(() => ({ status: undefined }));
      return (status as State | undefined)?.result === result && (status as State);
    });
  try {
    const { conditions, errorSummary } = await verdict("Unknown");
    expect(conditions[0]).toMatchObject({ status: "Unknown", reason: "InfraError" });
    expect(errorSummary).toContain("communities");
    await install(own, "communities.yaml");
    expect((await verdict("Valid")).errorSummary).toBe("");
  } finally {
    await running.stop();
    await bare.stop();
  }
}, 60_000);
