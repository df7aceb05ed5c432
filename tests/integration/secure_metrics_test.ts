/** /metrics over HTTPS, asked for by the service accounts of a cluster: the API answers who they are and what they may. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { parseAllDocuments } from "yaml";
import { type RunningController, runController } from "#controller/mod.ts";
import { createAuthority, issueCertificate, type KeyedCertificate } from "#k8s/certificates/mod.ts";
import { connectKubernetes, type KubeObject, PathAccess, type ResourceType } from "#k8s/mod.ts";
import { writeKubeconfig } from "#sandbox/api/mod.ts";
import { serveSecureMetrics } from "#server/secure_metrics/mod.ts";
import { tlsPolicy } from "#server/tls/mod.ts";
import { eventually, ownNamespace, TestCluster } from "./controller_support.ts";

const tokens = { scraper: "token-of-the-scraper", other: "token-of-another", wrong: "token-of-nobody" };
const silent = { info() {}, warn() {} };
const rbac = { group: "rbac.authorization.k8s.io", version: "v1", namespaced: false } as const;
const clusterRoles: ResourceType = { ...rbac, plural: "clusterroles", kind: "ClusterRole" };
const bindings: ResourceType = { ...rbac, plural: "clusterrolebindings", kind: "ClusterRoleBinding" };

let cluster: TestCluster;
let authority: KeyedCertificate;
let folder: string;
let controller: RunningController;

/** Writes a new certificate as a kubelet does: complete files take the place of the old ones. */
async function renew(): Promise<KeyedCertificate> {
  const options = { commonName: "metrics", names: ["localhost"], addresses: ["127.0.0.1"] };
  const issued = await issueCertificate(authority, { ...options, now: new Date(), days: 1 });
  for (const [name, text] of [
    ["tls.crt", issued.certPem],
    ["tls.key", issued.keyPem],
  ] as const) {
    await Bun.write(join(folder, `${name}.new`), text);
    await rename(join(folder, `${name}.new`), join(folder, name));
  }
  return issued;
}

beforeAll(async () => {
  cluster = await TestCluster.start();
  authority = await createAuthority({ commonName: "test", now: new Date(), days: 1 });
  folder = join(cluster.directory, "metrics-certificate");
  await mkdir(folder);
  await renew();
  for (const [name, token] of Object.entries(tokens)) {
    if (name === "wrong") continue;
    const username = `system:serviceaccount:monitoring:${name}`;
    cluster.api.addToken(token, { username, groups: ["system:serviceaccounts"] });
  }
  await cluster.client.create(clusterRoles, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "metrics-reader" },
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  });
  await cluster.client.create(bindings, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "metrics-reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "metrics-reader" },
    subjects: [{ kind: "ServiceAccount", namespace: "monitoring", name: "scraper" }],
  });
  controller = await runController({
    kubeconfig: cluster.kubeconfig,
    namespace: ownNamespace,
    hostname: "127.0.0.1",
    port: 0,
    loadBalancerClass: "",
    secureMetrics: { port: 0, policy: tlsPolicy(), certificateDirectory: folder, checkMs: 50 },
    logLevel: "none",
    version: "test",
  });
}, 30_000);

afterAll(async () => {
  await controller?.stop();
  await cluster?.stop();
});

function scrape(token?: string, port = controller.secureMetricsPort): Promise<Response> {
  return fetch(`https://127.0.0.1:${port}/metrics`, {
    tls: { ca: authority.certPem },
    keepalive: false,
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
  });
}

describe("metrics over HTTPS", () => {
  test("are served to the service account that may read them", async () => {
    const answer = await scrape(tokens.scraper);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("metallb_k8s_client_config_loaded_bool");
  });

  test.each([
    ["no token", undefined, 401, "a bearer token is required"],
    ["a token that nobody has", tokens.wrong, 401, "the bearer token is not valid"],
    [
      "one without the right",
      tokens.other,
      403,
      "system:serviceaccount:monitoring:other may not read /metrics",
    ],
  ])("are not served to %s", async (_, token, status, text) => {
    const answer = await scrape(token);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(text);
  });

  test("stay open on the console's port, as in MetalLB before 0.16", async () => {
    expect((await fetch(`http://127.0.0.1:${controller.port}/metrics`)).status).toBe(200);
  });

  test("need the rights of with-prometheus-secure, for who asks and for who is asked about", async () => {
    const asking = "token-of-the-controller";
    const reading = "token-of-prometheus-k8s";
    for (const [token, username] of [
      [asking, "system:serviceaccount:metallb-system:controller"],
      [reading, "system:serviceaccount:monitoring:prometheus-k8s"],
    ] as const) {
      cluster.api.addToken(token, { username, groups: ["system:serviceaccounts"] });
    }
    const kubeconfig = join(cluster.directory, "asking");
    const { url: server } = cluster.server;
    await Bun.write(
      kubeconfig,
      writeKubeconfig({ server, caPem: cluster.certificates.caPem, token: asking }),
    );
    const { client } = await connectKubernetes({ kubeconfig, userAgent: "test" });
    const access = new PathAccess(client, silent);
    await expect(access.judge(reading, "/metrics")).rejects.toThrow("forbidden");
    const manifests = join(import.meta.dir, "..", "..", "k8s", "manifests");
    for (const file of ["base/rbac.yaml", "with-prometheus-secure/access.yaml"]) {
      for (const document of parseAllDocuments(await Bun.file(join(manifests, file)).text())) {
        const object = document.toJS() as KubeObject;
        if (object.kind === "ClusterRole") await cluster.client.create(clusterRoles, object);
        if (object.kind === "ClusterRoleBinding") await cluster.client.create(bindings, object);
      }
    }
    expect(await access.judge(reading, "/metrics")).toMatchObject({ code: "allowed" });
    expect(await access.judge(tokens.other, "/metrics")).toMatchObject({ code: "forbidden" });
  });

  test("are closed on the console's port when that is asked for", async () => {
    const closed = await runController({
      kubeconfig: cluster.kubeconfig,
      namespace: ownNamespace,
      hostname: "127.0.0.1",
      port: 0,
      loadBalancerClass: "",
      isPlainMetricsOff: true,
      logLevel: "none",
      version: "test",
    });
    const answer = await fetch(`http://127.0.0.1:${closed.port}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([
      404,
      "metrics are not served in the clear here (--plain-metrics=false)\n",
    ]);
    await closed.stop();
  });

  test("come with the renewed certificate; one that does not fit changes nothing", async () => {
    const renewed = await renew();
    await eventually("the new certificate is served", 5_000, async () => {
      // Who opens a connection in the very moment of the change is reset.
      const shown = await presented().catch(() => "");
      return shown === renewed.certPem.trim();
    });
    expect((await scrape(tokens.scraper)).status).toBe(200);
    // A key that does not fit is not served, and takes nothing away.
    const ends = new X509Certificate(renewed.certPem).validToDate.getTime() / 1000;
    expect(await (await scrape(tokens.scraper)).text()).toContain(
      `metallb_tls_certificate_not_after_seconds{use="metrics"} ${ends}\n`,
    );
    await Bun.write(join(folder, "tls.key"), authority.keyPem);
    await Bun.sleep(150);
    expect((await scrape(tokens.scraper)).status).toBe(200);
    await renew();
  });

  /** The certificate that a client is shown. */
  async function presented(): Promise<string> {
    return await new Promise((resolve, reject) => {
      const socket = connect({
        host: "127.0.0.1",
        port: controller.secureMetricsPort ?? 0,
        ca: authority.certPem,
      });
      socket.once("error", reject);
      socket.once("secureConnect", () => {
        const base64 = socket.getPeerCertificate().raw.toString("base64");
        socket.destroy();
        const lines = base64.match(/.{1,64}/g) ?? [];
        resolve(["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n"));
      });
    });
  }

  test("are served for a minute at most to a token that was revoked, and say it when the API is away", async () => {
    let now = 0;
    // Good for one review: from the second on the API does not know it, as after a revocation.
    const username = "system:serviceaccount:monitoring:scraper";
    cluster.api.addToken("short-lived", { username, groups: [] }, { oneTime: true });
    const served = await serveSecureMetrics(
      { port: 0, policy: tlsPolicy(), certificateDirectory: folder },
      {
        hostname: "127.0.0.1",
        metrics: { contentType: () => "text/plain", render: async () => "up 1\n" },
        access: new PathAccess(cluster.client, silent),
        selfSigned: () => Promise.reject(new Error("not asked for")),
        log: silent,
        now: () => now,
      },
    );
    const statusAt = async (ms: number, token: string) => {
      now = ms;
      return (await scrape(token, served?.port)).status;
    };
    expect(await statusAt(0, "short-lived")).toBe(200);
    expect(await statusAt(59_999, "short-lived")).toBe(200);
    expect(await statusAt(60_000, "short-lived")).toBe(401);
    expect(await statusAt(60_000, tokens.scraper)).toBe(200);
    await cluster.restartApi(async () => {
      expect(await statusAt(120_000, tokens.scraper)).toBe(503);
    });
    await eventually("the API answers again", 10_000, async () => {
      now += 10_000;
      return (await scrape(tokens.scraper, served?.port)).status === 200;
    });
    await served?.stop();
  }, 20_000);

  const lacking = ["prometheus", "promtool"].filter((program) => Bun.which(program) === null);
  test.skipIf(lacking.length > 0)(
    `a real Prometheus reads them, with token and authority (needs ${lacking.join(", ") || "nothing more"})`,
    async () => {
      const data = join(cluster.directory, "prometheus");
      await Bun.write(join(data, "token"), tokens.scraper);
      await Bun.write(join(data, "ca.crt"), authority.certPem);
      const config = join(data, "prometheus.yml");
      const port = freePort();
      await Bun.write(
        config,
        JSON.stringify({
          global: { scrape_interval: "1s" },
          scrape_configs: [
            {
              job_name: "metallb-controller",
              scheme: "https",
              authorization: { credentials_file: join(data, "token") },
              tls_config: { ca_file: join(data, "ca.crt") },
              static_configs: [{ targets: [`127.0.0.1:${controller.secureMetricsPort}`] }],
            },
          ],
        }),
      );
      const checked = Bun.spawnSync(["promtool", "check", "config", config]);
      expect(checked.stderr.toString()).toBe("");
      const prometheus = Bun.spawn(
        [
          "prometheus",
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(data, "db")}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdout: "ignore", stderr: "ignore" },
      );
      try {
        const query = `http://127.0.0.1:${port}/api/v1/query?query=metallb_k8s_client_config_loaded_bool`;
        const [, value] = await eventually("a sample is there", 30_000, async () => {
          const answer = await fetch(query).catch(() => undefined);
          const body = (await answer?.json().catch(() => undefined)) as
            | { data?: { result: { value: [number, string] }[] } }
            | undefined;
          await Bun.sleep(100);
          return body?.data?.result[0]?.value;
        });
        expect(value).toBe("1");
      } finally {
        prometheus.kill("SIGKILL");
        await prometheus.exited;
        await rm(data, { recursive: true });
      }
    },
    40_000,
  );
});

function freePort(): number {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port = 0 } = server;
  server.stop(true);
  return port;
}
