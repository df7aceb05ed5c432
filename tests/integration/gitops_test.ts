/**
 * Whoever keeps the manifests applied (Argo CD, Flux, kubectl in a pipeline) and the controller write the same objects:
 * each its own fields, so that neither finds anything to put right.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { type RunningController, runController } from "#controller/mod.ts";
import { tlsPolicy } from "#server/tls/mod.ts";
import { eventually } from "./controller_support.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const file = join(import.meta.dir, "..", "..", "k8s", "manifests", "rendered", "metallb-native.yaml");
const kinds =
  "crds,namespaces,deployments,daemonsets,services,secrets,configmaps,poddisruptionbudgets,serviceaccounts,roles,clusterroles,rolebindings,clusterrolebindings,validatingwebhookconfigurations";
const waitMs = 20_000;

describe.skipIf(!hasKubectl)(`manifests that are kept applied${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  describe.each(["client", "server"] as const)("on the %s's side", (side) => {
    const apply = side === "client" ? "apply" : "apply --server-side --field-manager=gitops";
    let cluster: ApiOnLoopback;
    let controller: RunningController | undefined;
    beforeAll(async () => {
      cluster = await ApiOnLoopback.start();
      await cluster.run(`${apply} -f ${file}`);
      controller = await startController(cluster);
      await eventually("the controller has written what is its own", waitMs, async () => {
        const bundles = await cluster.run(
          "get validatingwebhookconfigurations,crds -o jsonpath='{..clientConfig.caBundle}'",
        );
        const secrets = await cluster.run("get secrets -n metallb-system -o jsonpath='{.items[*].data}'");
        // One for each of six webhooks, and the conversion of BGPPeer.
        return (
          bundles.split(" ").filter(Boolean).length === 7 &&
          secrets.includes("tls.key") &&
          secrets.includes("secretkey")
        );
      });
    }, 60_000);
    afterAll(async () => {
      await controller?.stop();
      await cluster?.stop();
    });

    /** Name and version of everything that could be fought over. */
    const versions = () =>
      cluster.run(
        `get ${kinds} -A -o 'jsonpath={range .items[*]}{.kind} {.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}'`,
      );

    test("applying again conflicts with nothing and changes nothing", async () => {
      const before = await versions();
      const again = await cluster.kubectl([...apply.split(" "), "-f", file]);
      expect([again.code, again.stderr.replace(/^Warning: .*\n/gm, "")]).toEqual([0, ""]);
      expect(await versions()).toBe(before);
    }, 60_000);

    test("kubectl diff has nothing to say", async () => {
      const flags = side === "client" ? [] : ["--server-side", "--field-manager=gitops"];
      const { code, stdout } = await cluster.kubectl(["diff", ...flags, "-f", file]);
      expect([code, stdout]).toEqual([0, ""]);
    }, 60_000);

    test("a change of the manifests takes nothing of the controller's away", async () => {
      const changed = parseAllDocuments(await Bun.file(file).text())
        .map((document) => document.toJS())
        .map((object) => ({
          ...object,
          metadata: { ...object.metadata, labels: { ...object.metadata.labels, "example.org/round": "2" } },
        }));
      const written = () =>
        cluster.run(
          "get secrets,validatingwebhookconfigurations,crds -A -o 'jsonpath={..clientConfig.caBundle} {..data}'",
        );
      const before = await written();
      await cluster.run(`${apply} -f -`, changed.map((object) => stringify(object)).join("---\n"));
      expect(await cluster.run("get deployment controller -n metallb-system --show-labels")).toContain(
        "round=2",
      );
      expect(await written()).toBe(before);
      const after = await versions();
      await cluster.run(`${apply} -f -`, changed.map((object) => stringify(object)).join("---\n"));
      expect(await versions()).toBe(after);
    }, 60_000);
  });
});

function startController({ directory }: ApiOnLoopback): Promise<RunningController> {
  return runController({
    kubeconfig: join(directory, "kubeconfig"),
    namespace: "metallb-system",
    hostname: "127.0.0.1",
    port: 0,
    podName: "controller-test",
    loadBalancerClass: "",
    memberlistSecret: { secretName: "memberlist", deployment: "controller" },
    webhooks: {
      hostname: "127.0.0.1",
      port: 0,
      serviceName: "metallb-webhook-service",
      secretName: "metallb-webhook-cert",
      policy: tlsPolicy({}),
    },
    logLevel: (process.env.MLBT_LOG as "debug" | undefined) ?? "none",
    version: "test",
  });
}
