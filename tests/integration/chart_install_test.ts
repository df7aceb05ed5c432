/** k8s/chart installed, changed and removed by Helm itself, where this machine has it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { helm, renderChart } from "../helm/mod.ts";
import { ApiOnLoopback, hasKubectl } from "./sandbox_api_support.ts";

const chart = join(import.meta.dir, "..", "..", "k8s", "chart");
const lacking = helm === null ? "helm" : hasKubectl ? undefined : "kubectl";
const title = `the chart in Helm's hands${lacking ? ` (needs ${lacking})` : ""}`;

describe.skipIf(lacking !== undefined)(title, () => {
  let cluster: ApiOnLoopback;
  beforeAll(async () => {
    cluster = await ApiOnLoopback.start();
  });
  afterAll(() => cluster?.stop());

  async function run(verb: string, ...args: string[]): Promise<string> {
    const child = Bun.spawn([helm ?? "", verb, ...args, "--namespace", "metallb-system"], {
      stdout: "pipe",
      stderr: "pipe",
      env: {
        PATH: process.env.PATH ?? "",
        HOME: join(cluster.directory, "home"),
        KUBECONFIG: join(cluster.directory, "kubeconfig"),
      },
    });
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`helm ${verb} ${args.join(" ")} failed (${code}): ${stderr}`);
    return stdout;
  }

  const count = async (what: string) =>
    (await cluster.run(`get ${what} -A -o name`)).split("\n").filter(Boolean).length;

  test("a pool outlives crds.enabled=false, the way back, and the release (story 24)", async () => {
    const said = await run(
      "install",
      "metallb",
      chart,
      "--create-namespace",
      "--set",
      "frrk8s.enabled=true,typo=1",
    );
    const values = { frrk8s: { enabled: true }, typo: 1 };
    const { notes } = renderChart({ chart, release: "metallb", namespace: "metallb-system", values });
    expect(notes).toContain("typo: no such key");
    expect(said).toContain("STATUS: deployed");
    expect(said.trim()).toEndWith(notes.trim());
    await cluster.run("get deployment/metallb-controller daemonset/metallb-speaker -n metallb-system");
    const pool = {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: { name: "first", namespace: "metallb-system" },
      spec: { addresses: ["192.0.2.0/28"] },
    };
    await cluster.run("apply -f -", JSON.stringify(pool));
    await run("upgrade", "metallb", chart, "--set", "crds.enabled=false");
    expect(await count("ipaddresspools")).toBe(1);
    await run("upgrade", "metallb", chart, "--set", "crds.enabled=true");
    await run("uninstall", "metallb");
    expect(await count("deployments,daemonsets,clusterroles -l app.kubernetes.io/instance=metallb")).toBe(0);
    expect(await count("ipaddresspools")).toBe(1);
    await run("install", "metallb", chart);
    expect(await count("ipaddresspools")).toBe(1);
  }, 120_000);
});
