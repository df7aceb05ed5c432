/** k8s/manifests as an administrator applies them: with an unmodified kubectl, at once and again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import type { KubeObject } from "#k8s/mod.ts";
import { renderedFiles, renderOverlay } from "../../k8s/manifests/render.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const root = join(import.meta.dir, "..", "..");
const manifests = join(root, "k8s", "manifests");
const main = join(root, "main.ts");

interface Container {
  name: string;
  args: string[];
  env: { name: string }[];
  ports: { containerPort: number }[];
}

describe.skipIf(!hasKubectl)(`k8s/manifests${hasKubectl ? "" : " (needs kubectl)"}`, () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  async function rendered(overlay: string): Promise<KubeObject[]> {
    const text = await cluster.run(`kustomize ${join(manifests, overlay)}`);
    return parseAllDocuments(text).map((document) => document.toJS());
  }

  function pod(objects: KubeObject[], kind: string): { container: Container; service: string } {
    const found = objects.find((object) => object.kind === kind);
    const spec = found?.spec as {
      template: { spec: { containers: Container[]; serviceAccountName: string } };
    };
    const [container] = spec.template.spec.containers;
    if (!container) throw new Error(`${kind} has no container`);
    return { container, service: spec.template.spec.serviceAccountName };
  }

  test("native is applied by kubectl apply -k in one go, and a second time changes nothing", async () => {
    const first = await cluster.run(`apply -k ${join(manifests, "native")}`);
    expect(first).toContain("deployment.apps/controller created");
    expect(first).toContain("daemonset.apps/speaker created");
    expect(first).toContain("service/metallb-webhook-service created");
    // kubectl says "configured" of some kinds whatever it sent; the versions tell whether anything was written.
    const versions = () =>
      cluster.run(
        "get crds,deployments,daemonsets,services,secrets,configmaps,poddisruptionbudgets,roles,clusterroles,validatingwebhookconfigurations -A -o jsonpath={.items[*].metadata.resourceVersion}",
      );
    const before = await versions();
    await cluster.run(`apply -k ${join(manifests, "native")}`);
    expect(await versions()).toBe(before);
    expect(await cluster.run("get deployment/controller daemonset/speaker -n metallb-system -o name")).toBe(
      "deployment.apps/controller\ndaemonset.apps/speaker\n",
    );
  }, 60_000);

  test("native may also be applied on the server's side", async () => {
    const applied = await cluster.run(
      `apply --server-side --force-conflicts -k ${join(manifests, "native")}`,
    );
    expect(applied).toContain("daemonset.apps/speaker serverside-applied");
  }, 60_000);

  test("the single file says the same, and applied over it changes nothing", async () => {
    const versions = () =>
      cluster.run(
        "get crds,deployments,daemonsets,clusterroles -A -o jsonpath={.items[*].metadata.resourceVersion}",
      );
    await cluster.run(`apply -k ${join(manifests, "native")}`);
    const before = await versions();
    await cluster.run(`apply -f ${join(manifests, "rendered", "metallb-native.yaml")}`);
    expect(await versions()).toBe(before);
  }, 60_000);

  test.each(Object.entries(renderedFiles))("rendered/%s is fresh", async (file, overlay) => {
    const stored = await Bun.file(join(manifests, "rendered", file)).text();
    if (stored !== (await renderOverlay(overlay)))
      throw new Error(`k8s/manifests/rendered/${file} is stale: run "bun run rendered"`);
  });

  test("every definition of a kind is in it", async () => {
    const files = readdirSync(join(root, "k8s", "crds")).filter((name) => name.endsWith("s.yaml"));
    const listed = parse(await Bun.file(join(root, "k8s", "crds", "kustomization.yaml")).text());
    expect(listed.resources).toEqual(files.sort());
  });

  test.each(["controller", "speaker"])(
    "the %s's container starts the program with flags and variables it knows",
    async (part) => {
      const kind = part === "controller" ? "Deployment" : "DaemonSet";
      const { container, service } = pod(await rendered("native"), kind);
      expect([service, container.args[0]]).toEqual([part, part]);
      const help = await new Response(
        Bun.spawn([process.execPath, main, ...container.args.slice(0, 1), "--help"]).stdout,
      ).text();
      for (const flag of container.args.slice(1)) expect(help).toContain(flag.split("=")[0] ?? "");
      for (const { name } of container.env) expect(help).toContain(name);
    },
  );

  test("whoever is bound exists, and the rest names what exists", async () => {
    const objects = await rendered("native");
    const has = (kind: string, name: string) =>
      objects.some((object) => object.kind === kind && object.metadata.name === name);
    for (const binding of objects.filter(({ kind }) => kind?.endsWith("Binding"))) {
      const { roleRef, subjects } = binding as unknown as {
        roleRef: { kind: string; name: string };
        subjects: { kind: string; name: string }[];
      };
      expect([binding.metadata.name, has(roleRef.kind, roleRef.name)]).toEqual([binding.metadata.name, true]);
      for (const { kind, name } of subjects)
        expect([kind, name, has(kind, name)]).toEqual([kind, name, true]);
    }
    const services = objects.flatMap(({ webhooks }) =>
      ((webhooks ?? []) as { clientConfig: { service: { name: string } } }[]).map(
        ({ clientConfig }) => clientConfig.service.name,
      ),
    );
    expect(new Set(services)).toEqual(new Set(["metallb-webhook-service"]));
    expect(has("Service", "metallb-webhook-service")).toBe(true);
  });

  test.each(["with-prometheus", "with-prometheus-secure", "networkpolicies"])(
    "%s renders",
    async (overlay) => {
      expect((await rendered(overlay)).length).toBeGreaterThan(0);
    },
  );
});
