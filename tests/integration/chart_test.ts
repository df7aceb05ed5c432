/**
 * k8s/chart as `helm install` would render it: the same cluster as the manifests make, MetalLB's keys, and nothing that
 * an upgrade would lose. Each rendering is held against Helm's own where Helm is in PATH (tests/helm).
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import manifest from "../../package.json" with { type: "json" };
import { likeManifests, selectorsOf } from "../helm/compare.ts";
import { documents, helm, type Rendered, renderAsHelm } from "../helm/mod.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const k8s = join(import.meta.dir, "..", "..", "k8s");
const chart = join(k8s, "chart");
const main = join(k8s, "..", "main.ts");

type Values = Record<string, unknown>;
type Kubernetes = Record<string, unknown> & { kind: string; metadata: { name: string } };

function render(
  values: Values = {},
  release = "metallb",
): Omit<Rendered, "objects"> & { objects: Kubernetes[] } {
  const rendered = renderAsHelm({ chart, release, namespace: "metallb-system", values });
  return { ...rendered, objects: rendered.objects as Kubernetes[] };
}

interface Pod {
  containers: { args: string[]; env: { name: string }[] }[];
}

function podOf(object: Kubernetes | undefined): Pod {
  const { template } = (object?.spec ?? {}) as { template?: { spec: Pod } };
  if (!template) throw new Error("there is no such object, or it has no Pods");
  return template.spec;
}

const names = (objects: Kubernetes[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

/** Everything that can be turned on, so that each template prints all that it can. */
const everything: Values = {
  loadBalancerClass: "example.org/lb",
  imagePullSecrets: [{ name: "pull" }],
  tls: {
    minVersion: "VersionTLS12",
    cipherSuites: "A,B",
    curvePreferences: "29",
    controllerMetricsTLSSecret: "c",
    consoleTLSSecret: "console",
    speakerMetricsTLSSecret: "s",
  },
  prometheus: {
    metricsPort: 9120,
    serviceAccount: "prometheus-k8s",
    namespace: "monitoring",
    podMonitor: {
      enabled: true,
      interval: "30s",
      additionalLabels: { release: "p" },
      relabelings: [{ action: "drop" }],
    },
    prometheusRule: {
      enabled: true,
      addressPoolUsage: { excludePools: "lab-.*" },
      extraAlerts: [{ alert: "X", expr: "up == 0" }],
    },
  },
  controller: {
    webhookMode: "onlywebhook",
    labels: { a: "b" },
    podAnnotations: { c: "d" },
    tolerations: [{ operator: "Exists" }],
    extraContainers: [{ name: "beside", image: "i" }],
  },
  speaker: {
    ignoreExcludeLB: true,
    wanConfig: true,
    ringInterval: "300ms",
    gratuitousRefresh: "0",
    nodeSelector: { rack: "a" },
    startupProbe: { enabled: true },
    livenessProbe: { port: 17473 },
    readinessProbe: { port: 17473 },
    memberlist: { mlBindPort: 7947, mlBindAddrOverride: "10.0.0.1" },
    runtimeClassName: "kata",
  },
  networkpolicies: { enabled: true, defaultDeny: true, apiPort: 16443 },
};

describe(`the chart${helm ? ", beside Helm" : ""}`, () => {
  test("a release named metallb has MetalLB's names", () => {
    const { objects } = render();
    expect(names(objects)).toEqual(
      expect.arrayContaining([
        "Deployment/metallb-controller",
        "DaemonSet/metallb-speaker",
        "Service/metallb-webhook-service",
        "ValidatingWebhookConfiguration/metallb-webhook-configuration",
        "ConfigMap/metallb-excludel2",
      ]),
    );
    expect(names(render({}, "lb").objects)).toContain("Deployment/lb-metallb-controller");
    expect(names(render({ fullnameOverride: "edge" }).objects)).toContain("DaemonSet/edge-speaker");
  });

  test("what it installs is this version", () => {
    const { objects } = render();
    const images = [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
    expect(new Set(images)).toEqual(new Set([`localhost/metallb-ts:${manifest.version}`]));
  });

  test("its kinds stay when crds.enabled is turned off or the release is removed (story 24)", () => {
    const kinds = render().objects.filter(({ kind }) => kind === "CustomResourceDefinition");
    expect(kinds.length).toBe(10);
    for (const { metadata } of kinds)
      expect(metadata).toHaveProperty(["annotations", "helm.sh/resource-policy"], "keep");
    expect(names(render({ crds: { enabled: false } }).objects).join()).not.toContain("CustomResource");
  });

  test("whatever selects Pods names instance and component (story 32)", () => {
    const { objects } = render(everything);
    const selectors = objects.flatMap(selectorsOf);
    expect(selectors.length).toBeGreaterThan(6);
    for (const { where, labels } of selectors)
      expect([where, labels]).toEqual([
        where,
        {
          "app.kubernetes.io/name": "metallb",
          "app.kubernetes.io/instance": "metallb",
          "app.kubernetes.io/component": expect.stringMatching(/^(controller|speaker)$/),
        },
      ]);
    const ring = JSON.stringify(objects).match(/"METALLB_ML_LABELS","value":"([^"]+)"/)?.[1];
    expect(ring?.split(",")).toEqual([
      "app.kubernetes.io/name=metallb",
      "app.kubernetes.io/instance=metallb",
      "app.kubernetes.io/component=speaker",
    ]);
  });

  test("every flag and variable it gives is known to the program", async () => {
    for (const [kind, part] of [
      ["Deployment", "controller"],
      ["DaemonSet", "speaker"],
    ] as const) {
      const found = render(everything).objects.find((object) => object.kind === kind);
      const [container] = podOf(found).containers;
      const child = Bun.spawn([process.execPath, main, part, "--help"]);
      const help = await new Response(child.stdout).text();
      expect(container?.args[0]).toBe(part);
      expect(container?.args.length).toBeGreaterThan(5);
      for (const flag of container?.args.slice(1) ?? []) expect(help).toContain(`${flag.split("=")[0]} `);
      for (const { name } of container?.env ?? []) expect(help).toContain(name);
    }
  });

  test.each<[string, Values, string]>([
    ["the configuration of before 0.13", { configInline: { peers: [] } }, "metallb convert"],
    [
      "two kinds of monitors",
      {
        prometheus: {
          rbacPrometheus: false,
          podMonitor: { enabled: true },
          serviceMonitor: { enabled: true },
        },
      },
      "scrape the same metrics twice",
    ],
    ["a monitor of nobody", { prometheus: { podMonitor: { enabled: true } } }, "prometheus.serviceAccount"],
    [
      "chosen nodes without a ring",
      { speaker: { memberlist: { enabled: false }, nodeSelector: { a: "b" } } },
      "speaker.nodeSelector",
    ],
    ["frr-k8s beside it", { frrk8s: { external: true } }, "beside the speakers'"],
    [
      "MetalLB's own image",
      { controller: { image: { repository: "quay.io/metallb/controller" } } },
      "controller.image.repository",
    ],
    ["MetalLB's own program", { speaker: { command: "/speaker" } }, "speaker.command"],
    ["two ports for one probe", { speaker: { livenessProbe: { port: 1 } } }, "the same number"],
    ["a key that nobody knows", { speaker: { toleration: [] } }, "toleration"],
    ["a level that is none", { controller: { logLevel: "verbose" } }, "logLevel"],
    ["a policy that is none", { crds: { validationFailurePolicy: "Sometimes" } }, "validationFailurePolicy"],
  ])("refuses %s in words", (_, values, words) => expect(() => render(values)).toThrow(words));

  test("names the keys of MetalLB's chart that do nothing here", () => {
    const { notes, objects } = render({
      frrk8s: { enabled: true },
      "frr-k8s": { prometheus: {} },
      speaker: {
        frr: { enabled: true, metricsPort: 9121 },
        reloader: { resources: {} },
        frrMetrics: {},
        bgpDebounceTimeout: 500,
      },
      prometheus: { rbacProxy: { repository: "r" } },
    });
    for (const key of [
      "frrk8s",
      "frr-k8s",
      "speaker.frr",
      "speaker.reloader",
      "speaker.frrMetrics",
      "speaker.bgpDebounceTimeout",
      "prometheus.rbacProxy",
    ])
      expect(notes).toContain(`  ${key}: `);
    expect(objects).toEqual(render().objects);
    expect(render().notes).not.toContain("do nothing here");
  });

  test("names a key that nobody knows, and none of its own values.yaml", () => {
    expect(render({ speakers: { enabled: false } }).notes).toContain("  speakers: no such key");
    expect(render({ global: {}, enabled: true }).notes).not.toContain("no such key");
  });

  test("labels, annotations and selectors that are given take the place of the standard ones", () => {
    const own = {
      labels: { app: "edge", "app.kubernetes.io/component": "other" },
      podAnnotations: { "prometheus.io/port": "9999" },
      nodeSelector: { "kubernetes.io/os": "linux", rack: "a" },
    };
    const { objects } = render({ controller: own, speaker: own });
    for (const [kind, part] of Object.entries({ Deployment: "controller", DaemonSet: "speaker" })) {
      const found = objects.find((object) => object.kind === kind)?.spec as {
        selector: { matchLabels: object };
        template: { metadata: object };
      };
      expect(found.template.metadata).toEqual({
        labels: { ...found.selector.matchLabels, app: "edge", component: part },
        annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9999" },
      });
      expect(podOf(objects.find((object) => object.kind === kind))).toHaveProperty(
        "nodeSelector",
        own.nodeSelector,
      );
    }
  });

  test("another strategy takes nothing of the standard one along", () => {
    const { objects } = render({
      controller: { strategy: { type: "Recreate" } },
      speaker: { updateStrategy: { type: "OnDelete" } },
    });
    const spec = (wanted: string) => objects.find(({ kind }) => kind === wanted)?.spec;
    expect(spec("Deployment")).toHaveProperty("strategy", { type: "Recreate" });
    expect(spec("DaemonSet")).toHaveProperty("updateStrategy", { type: "OnDelete" });
  });

  test("parts that are turned off leave nothing behind", () => {
    const { objects } = render({ controller: { enabled: false } });
    expect(names(objects).filter((name) => /controller|webhook/.test(name))).toEqual([]);
    const webhookless = names(render({ controller: { webhookMode: "disabled" } }).objects);
    expect(webhookless.filter((name) => /webhook/.test(name))).toEqual([]);
    expect(
      names(render({ speaker: { enabled: false } }).objects).filter((name) => /speaker|excludel2/.test(name)),
    ).toEqual([]);
    expect(names(render({ rbac: { create: false } }).objects).filter((name) => /Role/.test(name))).toEqual(
      [],
    );
  });

  test("HTTPS metrics take their port, their rights and a token", () => {
    const { objects } = render(everything);
    expect(names(objects)).toEqual(
      expect.arrayContaining([
        "PodMonitor/metallb-controller",
        "PodMonitor/metallb-speaker",
        "ClusterRole/metallb:metrics-reader",
        "Secret/metallb-metrics-token",
        "PrometheusRule/metallb",
      ]),
    );
    const alone = names(render({ prometheus: { metricsPort: 7472 } }).objects);
    expect(alone.join()).not.toContain("metrics-reader");
  });
});

describe.skipIf(!hasKubectl)(`the chart and the API${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  test("its defaults make the same cluster as kustomize makes of k8s/manifests/native", async () => {
    const native = documents(
      await cluster.run(`kustomize ${join(k8s, "manifests", "native")}`),
    ) as Kubernetes[];
    const expected = native.filter(({ kind }) => kind !== "Namespace").map(likeManifests);
    const found = render().objects.map(likeManifests);
    const sorted = (objects: Kubernetes[]) =>
      Object.fromEntries(objects.map((object) => [names([object])[0], object]));
    expect(sorted(found)).toEqual(sorted(expected));
  });

  test("with HTTPS metrics it makes the same Pods, rights and alerts as with-prometheus-secure", async () => {
    const overlay = join(k8s, "manifests", "with-prometheus-secure");
    const made = documents(await cluster.run(`kustomize ${overlay}`)) as Kubernetes[];
    const { objects } = render({
      prometheus: {
        metricsPort: 9120,
        serviceAccount: "prometheus-k8s",
        namespace: "monitoring",
        serviceMonitor: { enabled: true, interval: "30s" },
        prometheusRule: { enabled: true },
      },
    });
    const own = (all: Kubernetes[]) =>
      Object.fromEntries(all.map(likeManifests).map((object) => [names([object])[0], object]));
    const [found, expected] = [own(objects), own(made)];
    for (const name of [
      "Deployment/controller",
      "DaemonSet/speaker",
      "ClusterRole/metallb-system:metrics-reader",
      "ClusterRoleBinding/metallb-system:metrics-reader",
      "Role/prometheus-k8s",
      "RoleBinding/prometheus-k8s",
      "PrometheusRule/metallb",
    ]) {
      expect(expected).toHaveProperty([name]);
      expect(found[name]).toEqual(expected[name] as Kubernetes);
    }
  });

  test("its network policies are those of the manifests", async () => {
    const text = await cluster.run(`kustomize ${join(k8s, "manifests", "networkpolicies")}`);
    const { objects } = render({
      networkpolicies: { enabled: true, defaultDeny: true },
      prometheus: { metricsPort: 9120 },
    });
    const policies = (all: Kubernetes[]) =>
      all.filter(({ kind }) => kind === "NetworkPolicy").map((object) => likeManifests(object));
    expect(policies(objects)).toEqual(policies(documents(text) as Kubernetes[]).reverse());
    expect(policies(objects).map(({ metadata }) => metadata.name)).toEqual(["default-deny", "controller"]);
  });

  test("all that it renders is taken by the API server, and a second time changes nothing", async () => {
    await cluster.run("create namespace metallb-system");
    // Kinds of the Prometheus operator are not served here.
    const { objects } = render(everything);
    const served = objects.filter(
      ({ apiVersion }) => !String(apiVersion).startsWith("monitoring.coreos.com"),
    );
    const text = served.map((object) => stringify(object)).join("---\n");
    const applied = await cluster.run("apply --server-side -f -", text);
    expect(applied).toContain("daemonset.apps/metallb-speaker serverside-applied");
    expect(applied.trim().split("\n").length).toBe(served.length);
  }, 60_000);
});

test("the templates that are made of the manifests are as they were made last", async () => {
  const { madeTemplates } = await import("../../k8s/chart/build.ts");
  for (const [path, text] of madeTemplates()) {
    const stored = readFileSync(join(chart, "templates", path), "utf8");
    if (stored !== text) throw new Error(`k8s/chart/templates/${path} is stale: run "bun run rendered"`);
  }
});
