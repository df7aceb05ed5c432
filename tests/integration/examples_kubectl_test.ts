import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type RunningController, runController } from "#controller/mod.ts";
import { lint, parseConfig } from "#core/config/mod.ts";
import {
  type ConfigObject,
  configObject,
  connectKubernetes,
  type KubeClient,
  type ResourceType,
  resources,
  secretFacts,
} from "#k8s/mod.ts";
import { eventually, ownNamespace as namespace } from "./controller_support.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const root = join(import.meta.dir, "../..");
const folder = join(root, "docs/examples/configuration");
const files = [...new Bun.Glob("*.yaml").scanSync({ cwd: folder })].sort();

/** The documented manifests, applied by unmodified kubectl. Skipped where there is no kubectl. */
describe.skipIf(!hasKubectl)("the examples of docs/examples/configuration", () => {
  let cluster: ApiOnLoopback;
  let client: KubeClient;
  let controller: RunningController;

  beforeAll(async () => {
    cluster = await ApiOnLoopback.start({ serviceCidr: "10.96.0.0/16,fd00:96::/112" });
    const kubeconfig = join(cluster.directory, "kubeconfig");
    ({ client } = await connectKubernetes({ kubeconfig, userAgent: "integration-test" }));
    await cluster.run(`apply -k ${join(root, "k8s/crds")}`);
    await cluster.run(`create namespace ${namespace}`);
    controller = await runController({
      kubeconfig,
      namespace,
      hostname: "127.0.0.1",
      port: 0,
      loadBalancerClass: "",
      logLevel: "none",
      version: "test",
    });
  }, 30_000);

  afterAll(async () => {
    await controller?.stop();
    await cluster?.stop();
  });

  const objects = async (resource: ResourceType): Promise<ConfigObject[]> =>
    (await client.list(resource, { namespace })).items.map(configObject);

  test.each(files)(
    "kubectl apply -f %s creates what it says, and once more changes nothing",
    async (file) => {
      const text = await Bun.file(join(folder, file)).text();
      const said = (await cluster.run(`apply -f ${join(folder, file)}`)).trim().split("\n");
      expect(said).toHaveLength(text.split(/^---$/m).length);
      expect(said.filter((line) => !line.endsWith(" created"))).toEqual([]);
      const again = (await cluster.run(`apply -f ${join(folder, file)}`)).trim().split("\n");
      expect(again.filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
    },
  );

  test("as stored they are in force without an issue, and every name and selector finds something", async () => {
    const secrets = (await client.list(resources.secrets, { namespace })).items.map(secretFacts);
    const { config, issues } = parseConfig({
      pools: await objects(resources.ipAddressPools),
      l2Advertisements: await objects(resources.l2Advertisements),
      bgpAdvertisements: await objects(resources.bgpAdvertisements),
      peers: await objects(resources.bgpPeers),
      bfdProfiles: await objects(resources.bfdProfiles),
      communities: await objects(resources.communities),
      secrets,
    });
    expect(issues).toEqual([]);
    expect(lint(config)).toEqual([]);
    expect(config.peers.find(({ name }) => name === "far-away")?.password).toBe("an-example-only");
    expect(config.peers.find(({ name }) => name === "older-version")?.holdTimeMs).toBe(90_000);
  });

  test("their Services have the addresses that they ask for", async () => {
    const addresses = async () => {
      const { items } = await client.list(resources.services, { namespace: "default" });
      return Object.fromEntries(
        items.map(({ metadata, status }) => {
          const { loadBalancer } = (status ?? {}) as { loadBalancer?: { ingress?: { ip: string }[] } };
          return [metadata.name, (loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(" ")];
        }),
      );
    };
    const assigned = await eventually("every Service but one has an address", 3_000, async () => {
      const found = await addresses();
      return (
        Object.entries(found).filter(([name, ip]) => ip === "" && name !== "kubernetes").length === 1 && found
      );
    });
    expect(assigned).toMatchObject({
      "this-pool": "203.0.113.8",
      "this-address": "192.168.10.42",
      "this-address-by-field": "192.168.10.43",
      "older-annotation": "192.168.10.44",
      "dns-tcp": "192.168.10.53",
      "dns-udp": "192.168.10.53",
      "both-families": "192.168.13.0 fd00:10:13::",
      "both-these-addresses": "192.168.13.99 fd00:10:14::99",
      "other-class": "",
    });
    expect(assigned["any-address"]).not.toBe(assigned["local-traffic"]);
  });

  test("kubectl get shows MetalLB's columns", async () => {
    const columns = async (kind: string) =>
      (await cluster.run(`get ${kind} -n ${namespace}`)).split("\n")[0]?.split(/ {2,}/) ?? [];
    expect(await columns("ipaddresspools")).toEqual(["NAME", "AUTO ASSIGN", "AVOID BUGGY IPS", "ADDRESSES"]);
    expect(await columns("bgppeers")).toEqual(["NAME", "ADDRESS", "ASN", "BFD PROFILE", "MULTI HOPS"]);
    expect(await columns("configurationstates")).toEqual(["NAME", "RESULT", "ERRORSUMMARY", "AGE"]);
    expect(await cluster.run(`get configurationstate controller -n ${namespace} --no-headers`)).toMatch(
      /^controller +Valid /,
    );
  });

  test.each([
    ["ipaddresspool.spec.addresses", "<[]string>"],
    ["ipaddresspool.spec.serviceAllocation.priority", "<integer>"],
    ["l2advertisement.spec.preferredNodeSelectors.weight", "<integer>"],
    ["bgpadvertisement.spec.aggregationLength", "<integer>"],
    ["bgppeer.spec.passwordSecret", "<Object>"],
    ["bgppeer.spec.dynamicASN", "<string>"],
    ["bfdprofile.spec.detectMultiplier", "<integer>"],
    ["community.spec.communities.value", "<string>"],
    ["configurationstate.status.conditions.reason", "<string>"],
  ])("kubectl explain %s says the type and what it means", async (path, type) => {
    const text = await cluster.run(`explain ${path}`);
    expect(text).toMatch(/^GROUP: +metallb\.io$/m);
    expect(text.replace(/\s+/g, " ")).toContain(`FIELD: ${path.split(".").at(-1)} ${type}`);
    expect(text.split("DESCRIPTION:")[1]?.trim().length ?? 0).toBeGreaterThan(15);
  });
});
