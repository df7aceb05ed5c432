/** Monitors and scrape configuration against the Pods of the manifests: what they select must be there. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

type Labels = Record<string, string>;
interface Port {
  name: string;
  containerPort?: number;
  port?: number;
  targetPort?: string;
}
interface Endpoint {
  port: string;
  scheme?: string;
}
interface Installed {
  kind: string;
  metadata: { name: string; labels?: Labels };
  spec?: {
    selector?: Labels & { matchLabels?: Labels };
    ports?: Port[];
    endpoints?: Endpoint[];
    podMetricsEndpoints?: Endpoint[];
    template?: {
      metadata: { labels: Labels; annotations?: Labels };
      spec: { containers: { args: string[]; ports: Port[] }[] };
    };
  };
}

const manifests = join(import.meta.dir, "..", "manifests", "rendered");
async function installed(file: string) {
  const documents = parseAllDocuments(await Bun.file(join(manifests, file)).text());
  const objects = documents.map((document) => document.toJS() as Installed);
  const pods = objects.flatMap(({ spec }) => spec?.template ?? []);
  return { pods, of: (kind: string) => objects.filter((object) => object.kind === kind) };
}
const matches = (labels: Labels | undefined, wanted: Labels | undefined) =>
  wanted !== undefined && Object.entries(wanted).every(([name, value]) => labels?.[name] === value);

describe("with-prometheus", async () => {
  const { pods, of } = await installed("metallb-native-prometheus.yaml");

  test("each PodMonitor finds one kind of Pods, with the port that it names", () => {
    const monitors = of("PodMonitor");
    expect(monitors.map(({ metadata }) => metadata.name)).toEqual(["controller", "speaker"]);
    for (const { spec } of monitors) {
      const found = pods.filter(({ metadata }) => matches(metadata.labels, spec?.selector?.matchLabels));
      expect(found).toHaveLength(1);
      const ports = found[0]?.spec.containers[0]?.ports ?? [];
      for (const { port } of spec?.podMetricsEndpoints ?? []) {
        expect(ports.find(({ name }) => name === port)?.containerPort).toBe(7472);
      }
    }
    expect(of("PrometheusRule")).toHaveLength(1);
  });
});

describe("with-prometheus-secure", async () => {
  const { pods, of } = await installed("metallb-native-prometheus-secure.yaml");

  test("each ServiceMonitor finds a Service, and by it Pods that serve HTTPS on that port", () => {
    const monitors = of("ServiceMonitor");
    expect(monitors.map(({ metadata }) => metadata.name)).toEqual(["controller-monitor", "speaker-monitor"]);
    for (const { spec } of monitors) {
      const services = of("Service").filter(({ metadata }) =>
        matches(metadata.labels, spec?.selector?.matchLabels),
      );
      expect(services).toHaveLength(1);
      const [endpoint] = spec?.endpoints ?? [];
      const port = services[0]?.spec?.ports?.find(({ name }) => name === endpoint?.port);
      const found = pods.filter(({ metadata }) => matches(metadata.labels, services[0]?.spec?.selector));
      expect(found).toHaveLength(1);
      const [container] = found[0]?.spec.containers ?? [];
      const served = container?.ports.find(({ name }) => name === port?.targetPort)?.containerPort;
      expect([endpoint?.scheme, port?.port, served]).toEqual(["https", 9120, 9120]);
      expect(container?.args).toContain("--secure-metrics-port=9120");
    }
  });

  test("nothing is left open, nor annotated as if it were", () => {
    expect(pods).toHaveLength(2);
    for (const { metadata, spec } of pods) {
      expect(spec.containers[0]?.args).toContain("--plain-metrics=false");
      expect(Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith("prometheus"))).toEqual(
        [],
      );
    }
  });
});

describe("scrape-config.yaml", async () => {
  interface Job {
    kubernetes_sd_configs?: object[];
    static_configs?: object[];
    authorization?: { credentials_file: string };
    relabel_configs: { source_labels: string[]; regex?: string; action?: string }[];
  }
  const text = await Bun.file(join(import.meta.dir, "scrape-config.yaml")).text();
  const config = parse(text) as { scrape_configs: Job[] };

  test("keeps the Pods' ports of the overlay that each job is for", async () => {
    const overlays = ["metallb-native-prometheus.yaml", "metallb-native-prometheus-secure.yaml"];
    for (const [index, { relabel_configs }] of config.scrape_configs.entries()) {
      const { pods } = await installed(overlays[index] ?? "");
      const kept = (label: string) =>
        relabel_configs.find(({ source_labels }) => source_labels[0] === `__meta_kubernetes_pod_${label}`)
          ?.regex;
      for (const { metadata, spec } of pods) {
        expect(metadata.labels.component).toMatch(new RegExp(`^(${kept("label_component")})$`));
        expect(spec.containers[0]?.ports.map(({ name }) => name)).toContain(
          kept("container_port_name") ?? "",
        );
      }
    }
  });

  const promtool = Bun.which("promtool");
  test.skipIf(promtool === null)(`is read by promtool${promtool ? "" : " (missing)"}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "mlbt-scrape-"));
    // In a Pod it is there.
    await Bun.write(join(folder, "token"), "token");
    // Debian builds Prometheus without the discovery of Kubernetes.
    const jobs = config.scrape_configs.map(({ kubernetes_sd_configs: _, ...job }) => ({
      ...job,
      static_configs: [{ targets: ["127.0.0.1:9120"] }],
      ...(job.authorization && { authorization: { credentials_file: join(folder, "token") } }),
    }));
    await Bun.write(join(folder, "prometheus.yml"), JSON.stringify({ scrape_configs: jobs }));
    const line = [promtool ?? "", "check", "config", join(folder, "prometheus.yml")];
    const { exitCode, stdout, stderr } = Bun.spawnSync(line);
    rmSync(folder, { recursive: true });
    expect([exitCode, stderr.toString(), stdout.toString()]).toEqual([
      0,
      "",
      expect.stringContaining("SUCCESS"),
    ]);
  });
});
