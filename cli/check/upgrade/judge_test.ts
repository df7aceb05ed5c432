import { describe, expect, test } from "bun:test";
import { installedDefinitions } from "#k8s/installation/mod.ts";
import type { KubeObject } from "#k8s/mod.ts";
import { judge } from "./check_upgrade.ts";
import type { UpgradeFacts } from "./facts.ts";
import { type Finding, verdictOf, wordsOf } from "./finding.ts";
import {
  configMap,
  facts,
  heldService,
  metallbController,
  metallbObject,
  metallbSpeaker,
  namespace,
} from "./fixtures.ts";
import type { FindingCode } from "./texts.ts";

/** Whatever is found fills in every name of its sentences. */
function found(more: Partial<UpgradeFacts> = {}): Finding[] {
  const findings = judge(facts(more));
  for (const each of findings) expect(JSON.stringify(wordsOf(each, "en"))).not.toMatch(/\{\w+\}/);
  return findings;
}
const codes = (more: Partial<UpgradeFacts> = {}) => found(more).map(({ code }) => code);
const one = (code: FindingCode, findings: readonly Finding[]) =>
  findings.find((each) => each.code === code)?.values;
const configuration = facts().configuration;
const pool = metallbObject("IPAddressPool", "first", { addresses: ["192.168.1.0/24"] });
const l2 = metallbObject("L2Advertisement", "all", {});
const definition = (name: string): KubeObject => {
  const own = installedDefinitions.find(({ metadata }) => metadata.name === name);
  if (!own) throw new Error(name);
  return structuredClone(own);
};
type Versions = {
  versions: {
    name: string;
    schema: { openAPIV3Schema: { properties: Record<string, { properties: object }> } };
  }[];
};
const withField = (object: KubeObject, field: string): KubeObject => {
  for (const { schema } of (object.spec as Versions).versions) {
    const { spec } = schema.openAPIV3Schema.properties;
    if (spec) spec.properties = { ...spec.properties, [field]: { type: "string" } };
  }
  return object;
};

describe("an installation by MetalLB's manifests", () => {
  test("has nothing to act upon, and says what runs", () => {
    const findings = found();
    expect(findings.filter((each) => verdictOf(each) === "act")).toEqual([]);
    expect(one("metallb.version", findings)).toEqual({
      version: "v0.15.3",
      mode: "native",
      controller: "Deployment controller",
      speaker: "DaemonSet speaker",
    });
  });

  test("by Helm is found by the chart's labels, with its release", () => {
    const helm = (object: KubeObject, component: string): KubeObject => {
      const labels = { "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": component };
      const copy = structuredClone(object) as KubeObject & { spec: { template: { metadata: object } } };
      copy.metadata.name = `lb-metallb-${component}`;
      copy.metadata.annotations = { "meta.helm.sh/release-name": "lb" };
      copy.spec.template.metadata = { labels };
      return copy;
    };
    const env = { METALLB_ML_LABELS: "app.kubernetes.io/name=metallb,app.kubernetes.io/component=speaker" };
    const findings = found({
      deployments: [helm(metallbController(), "controller")],
      daemonSets: [helm(metallbSpeaker({ env }), "speaker")],
    });
    expect(one("metallb.version", findings)).toMatchObject({
      controller: "Deployment lb-metallb-controller",
    });
    expect(one("metallb.helm", findings)).toEqual({ release: "lb" });
    expect(findings.map(({ code }) => code)).not.toContain("ring.labels");
  });

  test("that is not there is missed, and found in another namespace", () => {
    expect(codes({ deployments: [], daemonSets: [] })).toContain("metallb.absent");
    expect(one("metallb.elsewhere", found({ namespace: "lb" }))).toMatchObject({ elsewhere: namespace });
  });

  test("from before 0.13 is told to convert its ConfigMap, unless there are custom resources", () => {
    const configMaps = new Map([configMap("config", { config: "peers: []" })]);
    expect(codes({ configMaps })).toContain("metallb.config-map");
    expect(codes({ configMaps, configuration: { ...configuration, pools: [pool] } })).not.toContain(
      "metallb.config-map",
    );
  });

  test("that is ours already is said to be, and its flags and ports are not judged", () => {
    const ours = metallbSpeaker({
      image: "localhost/metallb-ts:0.1.0",
      args: ["speaker", "--gratuitous-refresh=0"],
    });
    const findings = found({ daemonSets: [ours] });
    expect(one("metallb.ours", findings)).toEqual({ parts: "speaker", image: "localhost/metallb-ts:0.1.0" });
    expect(findings.filter(({ values }) => values.part === "speaker")).toEqual([]);
  });

  test("in frr mode loses its sidecars", () => {
    const sidecars = ["speaker", "frr", "reloader", "frr-metrics"].map((name) => ({ name, image: "x" }));
    const speaker = metallbSpeaker({}, { containers: sidecars });
    expect(one("metallb.sidecars", found({ daemonSets: [speaker] }))).toEqual({
      sidecars: "frr, reloader, frr-metrics",
    });
  });
});

describe("CRDs", () => {
  test("that are ours have nothing to say", () => {
    expect(
      codes({ definitions: [...installedDefinitions] }).filter((code) => code.startsWith("crd.")),
    ).toEqual(["crd.ok"]);
  });

  test("with a field that ours lacks matter where an object uses it", () => {
    const definitions = [withField(definition("ipaddresspools.metallb.io"), "futureField")];
    expect(one("crd.fields-unused", found({ definitions }))).toMatchObject({ fields: "spec.futureField" });
    const used = metallbObject("IPAddressPool", "new", { addresses: ["10.0.0.0/24"], futureField: "x" });
    const findings = found({ definitions, configuration: { ...configuration, pools: [used] } });
    expect(one("crd.fields-used", findings)).toMatchObject({ fields: "spec.futureField", objects: "new" });
  });

  test("stored in a version that ours does not serve, and converted by a webhook", () => {
    const old = definition("bgppeers.metallb.io") as KubeObject & { spec: object };
    old.spec = {
      ...old.spec,
      conversion: { strategy: "Webhook", webhook: { clientConfig: { service: { name: "hook" } } } },
    };
    old.status = { storedVersions: ["v1beta3", "v1beta2"] };
    const findings = found({ definitions: [old] });
    expect(one("crd.stored", findings)).toMatchObject({ versions: "v1beta3" });
    expect(one("crd.conversion", findings)).toMatchObject({ service: "hook" });
  });

  test("that Helm owns must say keep, or an upgrade deletes the pools with them", () => {
    const owned = definition("ipaddresspools.metallb.io");
    owned.metadata.annotations = { "meta.helm.sh/release-name": "lb" };
    expect(one("crd.helm", found({ definitions: [owned] }))).toMatchObject({
      release: "lb",
      list: "ipaddresspools.metallb.io",
    });
    owned.metadata.annotations["helm.sh/resource-policy"] = "keep";
    expect(codes({ definitions: [owned] })).not.toContain("crd.helm");
  });
});

describe("rights", () => {
  const role = (rules: object[]): KubeObject => ({ kind: "ClusterRole", metadata: { name: "r" }, rules });
  const binding = {
    kind: "ClusterRoleBinding",
    metadata: { name: "b" },
    roleRef: { kind: "ClusterRole", name: "r" },
    subjects: [{ kind: "ServiceAccount", name: "speaker", namespace }],
  };

  test("that are missing and that are not needed any more are named", () => {
    const all = role([{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);
    expect(codes({ rights: { roles: [all], bindings: [binding] } })).toContain("rights.ok");
    const few = role([{ apiGroups: [""], resources: ["endpoints"], verbs: ["get"] }]);
    const findings = found({ rights: { roles: [few], bindings: [binding] } }).filter(
      ({ values }) => values.part === "speaker",
    );
    expect(one("rights.more", findings)?.rules).toContain("endpointslices.discovery.k8s.io list/watch");
    expect(one("rights.less", findings)?.rules).toBe("endpoints get");
  });
});

describe("flags and variables", () => {
  const ofSpeaker = (...args: string[]) =>
    found({ daemonSets: [metallbSpeaker({ args })] }).filter(
      ({ code, values }) => code.startsWith("flag.") && values.part === "speaker",
    );

  test.each([
    ["--lb-class=mine", "flag.carry", "--lb-class=mine"],
    ["--lb-class mine", "flag.carry", "--lb-class=mine"],
    ["--ignore-exclude-lb", "flag.carry", "--ignore-exclude-lb=true"],
    ["--log-level=debug", "flag.carry", "--log-level=debug"],
    ["--bgp-debounce-timeout=10", "flag.without-effect", "--bgp-debounce-timeout=10"],
    ["--no-such-flag", "flag.unknown", "--no-such-flag=true"],
    ["--ml-bindport=7000", "flag.carry", "--ml-bindport=7000"],
  ] as const)("%s", (flags, code, given) => {
    expect(ofSpeaker(...flags.split(" "))).toContainEqual({ code, values: { part: "speaker", given } });
  });

  test("of MetalLB's own manifests need no word", () => {
    expect(ofSpeaker("--port=9120", "--log-level=info").map(({ code }) => code)).toEqual(["flag.ok"]);
  });
});

describe("the ring", () => {
  test.each([
    [{}, "ring.mixed"],
    [{ METALLB_ML_LABELS: "" }, "ring.off"],
    [{ METALLB_ML_SECRET_KEY_PATH: "" }, "ring.plain"],
    [{ METALLB_ML_LABELS: "tier=lb" }, "ring.labels"],
  ] as const)("with %j", (env, code) => {
    expect(codes({ daemonSets: [metallbSpeaker({ env })] })).toContain(code);
  });

  test("without the Secret is not encrypted; a Secret that may not be read says nothing", () => {
    expect(one("ring.plain", found({ ringSecret: null }))).toEqual({ missing: "Secret memberlist" });
    expect(codes({ ringSecret: undefined })).not.toContain("ring.plain");
  });
});

describe("ports", () => {
  test("that somebody else has on the nodes must be freed", () => {
    const containers = [{ name: "x", image: "x", ports: [{ containerPort: 7472 }] }];
    const other = metallbSpeaker({}, { containers });
    Object.assign(other.metadata, { name: "exporter", namespace: "monitoring" });
    const findings = found({ daemonSets: [metallbSpeaker(), other] });
    expect(one("port.taken", findings)).toMatchObject({
      workload: "DaemonSet monitoring/exporter",
      port: 7472,
    });
  });

  test("of the metrics move from 0.16's", () => {
    const speaker = metallbSpeaker({ args: ["--port=9120"] });
    expect(one("port.metrics", found({ daemonSets: [speaker] }))).toMatchObject({
      part: "speaker",
      old: "9120",
    });
  });
});

describe("configuration and Services", () => {
  const services = [heldService("a", "192.168.1.240"), heldService("b", "10.9.9.9")];

  test("that are accepted and keep their addresses are counted", () => {
    const findings = found({
      configuration: { ...configuration, pools: [pool], l2Advertisements: [l2] },
      services: services.slice(0, 1),
    });
    expect(one("config.ok", findings)).toEqual({ count: 2 });
    expect(one("service.ok", findings)).toEqual({ count: 1 });
  });

  test("that would be rejected or would move must be acted upon, with the reason", () => {
    const bad = metallbObject("IPAddressPool", "bad", { addresses: ["10.0.0.9-10.0.0.1"] });
    const findings = found({
      configuration: { ...configuration, pools: [pool, bad], l2Advertisements: [l2] },
      services,
    });
    expect(one("config.rejected", findings)).toMatchObject({ object: "IPAddressPool bad" });
    expect(one("service.moves", findings)).toMatchObject({
      service: "default/b",
      has: "10.9.9.9",
      wants: "192.168.1.0",
      why: expect.stringContaining("10.9.9.9"),
    });
    expect(findings.map(({ code }) => code)).not.toContain("service.ok");
  });

  test("in the deprecated spelling, and of other classes, are counted", () => {
    const legacy = heldService("a", "192.168.1.240", {
      annotations: { "metallb.universe.tf/address-pool": "first" },
    });
    const other = { ...heldService("c", "172.16.0.1"), loadBalancerClass: "io.cilium/l2" };
    const findings = found({ configuration: { ...configuration, pools: [pool] }, services: [legacy, other] });
    expect(one("service.legacy", findings)).toEqual({ count: 1 });
    expect(one("service.class", findings)).toEqual({ count: 1, classes: "io.cilium/l2" });
  });

  test("of the class that MetalLB serves are those that are judged", () => {
    const deployments = [metallbController({ args: ["--lb-class=mine"] })];
    const mine = { ...heldService("c", "10.9.9.9"), loadBalancerClass: "mine" };
    expect(
      codes({ deployments, configuration: { ...configuration, pools: [pool] }, services: [mine] }),
    ).toContain("service.moves");
  });

  test("that cannot be read are not taken for none", () => {
    const findings = found({ unreadKinds: new Set(["pools"] as const), services });
    expect(one("config.unread", findings)).toEqual({ kinds: "pools" });
    expect(findings.some(({ code }) => code.startsWith("service."))).toBe(false);
  });
});

test("BGP: features in use, LOCAL_PREF that was 0, and hold times of 0", () => {
  const peers = [
    metallbObject("BGPPeer", "tor", {
      myASN: 64512,
      peerASN: 64512,
      peerAddress: "10.0.0.1",
      bfdProfile: "fast",
      holdTime: "0s",
      keepaliveTime: "0s",
    }),
  ];
  const bfdProfiles = [metallbObject("BFDProfile", "fast", {})];
  const bgpAdvertisements = [metallbObject("BGPAdvertisement", "all", {})];
  const findings = found({
    configuration: { ...configuration, pools: [pool], peers, bfdProfiles, bgpAdvertisements },
  });
  expect(one("bgp.features", findings)).toEqual({ count: 1, features: "bfdProfile" });
  const plain = metallbObject("BGPPeer", "tor", { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1" });
  expect(one("bgp.plain", found({ configuration: { ...configuration, peers: [plain] } }))).toEqual({
    count: 1,
  });
  expect(one("bgp.local-pref", findings)).toEqual({ names: "all" });
  expect(one("bgp.no-timers", findings)).toEqual({ names: "tor" });
});

test("BGP: an explicit LOCAL_PREF of 0, which FRR took for unset", () => {
  const peers = [metallbObject("BGPPeer", "tor", { myASN: 64512, peerASN: 64512, peerAddress: "10.0.0.1" })];
  const bgpAdvertisements = [metallbObject("BGPAdvertisement", "zero", { localPref: 0 })];
  const mine = { configuration: { ...configuration, pools: [pool], peers, bgpAdvertisements } };
  const daemonSets = [metallbSpeaker({ env: { METALLB_BGP_TYPE: "frr" } })];
  expect(one("bgp.local-pref-zero", found({ ...mine, daemonSets }))).toEqual({ names: "zero" });
  expect(codes(mine).filter((code) => code.startsWith("bgp.local-pref"))).toEqual([]);
});

test("BGP: what frr-k8s passed over is obeyed now", () => {
  const spec = { myASN: 64512, peerASN: 64513, peerAddress: "10.0.0.1", sourceAddress: "10.0.0.2" };
  const peers = { configuration: { ...configuration, peers: [metallbObject("BGPPeer", "tor", spec)] } };
  const daemonSets = [metallbSpeaker({ env: { METALLB_BGP_TYPE: "frr-k8s" } })];
  expect(one("bgp.obeyed", found({ ...peers, daemonSets }))).toEqual({
    names: "tor",
    fields: "sourceAddress",
  });
  expect(one("bgp.obeyed", found(peers))).toBeUndefined();
});

describe("what stands around", () => {
  const proxy = (text: string) => ({
    configMaps: new Map([
      configMap("kube-proxy", { "config.conf": `kind: KubeProxyConfiguration\n${text}` }),
    ]),
  });
  const daemon = (name: string, image: string, env = {}) => {
    const object = metallbSpeaker(
      {},
      {
        containers: [
          { name: "main", image, env: Object.entries(env).map(([key, value]) => ({ name: key, value })) },
        ],
      },
    );
    Object.assign(object.metadata, { name, namespace: "kube-system" });
    return { daemonSets: [metallbSpeaker(), object] };
  };

  test.each([
    ["kube-proxy in ipvs without strictARP", proxy("mode: ipvs"), "proxy.strict-arp"],
    ["kube-proxy in ipvs with it", proxy("mode: ipvs\nipvs: { strictARP: true }"), "proxy.ok"],
    ["no kube-proxy", {}, "proxy.unknown"],
    ["kube-vip", daemon("kube-vip", "ghcr.io/kube-vip/kube-vip:v0.8.0"), "other.load-balancer"],
    ["ServiceLB", daemon("svclb-traefik-1", "rancher/klipper-lb:v0.4.9"), "other.load-balancer"],
    [
      "Cilium LB-IPAM",
      { definitions: [{ metadata: { name: "ciliumloadbalancerippools.cilium.io" } }] },
      "other.load-balancer",
    ],
    ["Calico with BIRD", daemon("calico-node", "docker.io/calico/node:v3.29.0"), "other.bgp"],
    [
      "Cilium's BGP",
      { configMaps: new Map([configMap("cilium-config", { "enable-bgp-control-plane": "true" })]) },
      "other.bgp",
    ],
    [
      "bgpextras",
      { configMaps: new Map([configMap("bgpextras", { extras: "router bgp 1\n bgp x" })]) },
      "frr.extras",
    ],
    [
      "a foreign FRRConfiguration",
      { frrConfigurations: [{ metadata: { name: "mine", namespace: "frr" } }] },
      "frr.configurations",
    ],
    [
      "MetalLB's FRRConfiguration",
      {
        daemonSets: [metallbSpeaker({ env: { METALLB_BGP_TYPE: "frr-k8s" } })],
        frrConfigurations: [{ metadata: { name: "metallb-node1", namespace } }],
      },
      "frr.made",
    ],
    [
      "pod security",
      {
        namespaces: [
          { metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "baseline" } } },
        ],
      },
      "psa.refuses",
    ],
    [
      "webhooks that fail",
      { webhooks: [{ metadata: { name: "metallb-webhook-configuration" }, webhooks: [{}] }] },
      "webhook.fail",
    ],
    ["what was refused", { unread: [{ what: "nodes", why: "forbidden" }] }, "unread.refused"],
  ] as [string, Partial<UpgradeFacts>, FindingCode][])("%s", (_, more, code) => {
    expect(codes(more)).toContain(code);
  });

  test("Calico without BIRD speaks no BGP", () => {
    expect(
      codes(daemon("calico-node", "calico/node:v3", { CALICO_NETWORKING_BACKEND: "vxlan" })),
    ).not.toContain("other.bgp");
  });
});
