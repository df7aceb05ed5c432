import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { type Finished, run } from "./support/run.ts";

// A whole cluster, and three dozen starts of kubectl.
setDefaultTimeout(60_000);

const lacking = missing("bird", "curl");

/** The commands that guides to MetalLB tell their readers to type, with unmodified kubectl, as they are written there. */
describe.skipIf(lacking !== undefined)(
  `the commands of the guides${lacking ? ` (needs ${lacking})` : ""}`,
  () => {
    let cluster: TestCluster;
    const names: Record<string, string> = {};

    beforeAll(async () => {
      cluster = await TestCluster.start({ flags: ["--demo"] });
      const pods = await cluster.kubectl(
        ...["get", "pods", "-n", "metallb-system", "-o"],
        'jsonpath={range .items[*]}{.metadata.labels.component} {.metadata.name} {.spec.nodeName}{"\\n"}{end}',
      );
      const nameOf = (pattern: RegExp) => pattern.exec(pods)?.[1] ?? "";
      names["controller-pod"] = nameOf(/controller (\S+)/);
      names["speaker-pod"] = nameOf(/speaker (\S+) node1/);
      names["speaker-pod-name"] = names["speaker-pod"];
    });
    afterAll(() => cluster?.stop());

    const environment = (more: Record<string, string> = {}) => ({
      KUBECONFIG: cluster.kubeconfig,
      HOME: cluster.stateDirectory,
      ...more,
    });
    /** A line of a guide with its placeholders filled in. */
    const filled = (line: string) =>
      line.replace(/<([a-z-]+)>/g, (_, name: string) => names[name] ?? `<${name}>`);
    const shell = (line: string, more?: Record<string, string>): Promise<Finished> =>
      run(["sh", "-c", filled(line)], { env: environment(more) });
    async function says(line: string): Promise<string> {
      const { code, stdout, stderr } = await shell(line);
      if (code !== 0) throw new Error(`${filled(line)} ended with ${code}: ${stderr}`);
      return stdout;
    }

    test("what runs: pods, everything of the namespace, Services", async () => {
      const pods = await says("kubectl get pods -n metallb-system");
      expect(pods).toMatch(/^controller-\S+ +1\/1 +Running/m);
      expect(pods.match(/^speaker-\S+ +1\/1 +Running/gm)).toHaveLength(3);
      const all = await says("kubectl get all -n metallb-system");
      expect(all).toMatch(/^service\/metallb-webhook-service +ClusterIP +\S+ +<none> +443\/TCP/m);
      expect(all).toMatch(/^daemonset.apps\/speaker +3 +3 +3/m);
      expect(all).toMatch(/^deployment.apps\/controller +1\/1/m);
      expect((await says("kubectl get svc -A | grep LoadBalancer | wc -l")).trim()).toBe("2");
      expect(await says("kubectl get svc metallb-demo -o wide")).toMatch(
        /LoadBalancer +\S+ +192\.168\.1\.\d+ +80:/,
      );
    });

    test("what is configured, in both spellings and with the shared list", async () => {
      expect(await says("kubectl get ipaddresspool -n metallb-system")).toContain("192.168.1.");
      expect(await says("kubectl get l2advertisement -n metallb-system")).toMatch(/^NAME +IPADDRESSPOOLS/);
      expect(await says("kubectl get bgppeer -n metallb-system")).toMatch(/^NAME +ADDRESS +ASN/);
      const all = "ipaddresspools,l2advertisements,bgppeers,bgpadvertisements";
      expect(await says(`kubectl get ${all} -n metallb-system`)).toContain("ipaddresspool.metallb.io/");
      // As one guide has it, without the namespace: an answer that misleads, told so in docs/troubleshooting.md.
      expect((await shell(`kubectl get ${all}`)).stderr).toBe("No resources found in default namespace.\n");
    });

    test("the old ConfigMap is not there, and kubectl says so", async () => {
      const { code, stderr } = await shell("kubectl get configmap -n metallb-system metallb -o yaml");
      expect([code, stderr]).toEqual([1, 'Error from server (NotFound): configmaps "metallb" not found\n']);
    });

    test("strictARP is found and edited where kubeadm keeps it", async () => {
      const show = "kubectl get configmap kube-proxy -n kube-system -o yaml";
      expect(await says(show)).toMatch(/^ +strictARP: false$/m);
      const editor = "sed -i -e 's/strictARP: false/strictARP: true/'";
      const edited = await shell("kubectl edit configmap -n kube-system kube-proxy", { KUBE_EDITOR: editor });
      expect([edited.code, edited.stdout]).toEqual([0, "configmap/kube-proxy edited\n"]);
      expect(await says(show)).toMatch(/^ +strictARP: true$/m);
    });

    test("a ServiceMonitor is found where the Prometheus Operator's kinds are, and its absence is told where not", async () => {
      const find = "kubectl get servicemonitor -n metallb-system";
      expect((await shell(find)).stderr).toContain(
        `the server doesn't have a resource type "servicemonitor"`,
      );
      await cluster.apply(serviceMonitorKind);
      await eventually("the kind is served", async () => (await shell(find)).code === 0, 20_000);
      await cluster.apply(serviceMonitor);
      expect(await says(find)).toMatch(/^controller +/m);
    });

    test("logs are searched: whole, by their end, with times, of a Deployment, of all speakers", async () => {
      const sessions = "kubectl logs -n metallb-system <speaker-pod> | grep -i bgp";
      await eventually(
        "the session is told",
        async () => (await shell(sessions)).stdout.includes("established"),
        30_000,
      );
      // Nothing is wrong, and grep says so by its exit code.
      const errors = await shell(
        'kubectl logs -n metallb-system <controller-pod> | grep -i \'"level":"error"\'',
      );
      expect([errors.code, errors.stdout]).toEqual([1, ""]);
      const last = await says("kubectl logs -n metallb-system deployment/controller --tail=1 --timestamps");
      expect(last).toMatch(/^\d{4}-\d\d-\d\dT\S+Z \{"ts":/);
      expect(last.trimEnd().split("\n")).toHaveLength(1);
      const all = await says("kubectl logs -n metallb-system -l component=speaker --tail=1 --prefix");
      expect(all.match(/^\[pod\/speaker-\S+\/speaker\]/gm)).toHaveLength(3);
      expect(await says("kubectl logs -n metallb-system <speaker-pod> --limit-bytes=10")).toHaveLength(10);
      expect(
        await says("kubectl logs -n metallb-system <speaker-pod> --since-time=2099-01-01T00:00:00Z"),
      ).toBe("");
      const { stderr } = await shell("kubectl logs -n metallb-system <speaker-pod> -c nginx");
      expect(stderr).toContain("container nginx is not valid for pod");
    });

    test("logs are followed until the process ends, and those of the run before are kept", async () => {
      const node = "node3";
      const pod = (
        await cluster.kubectl(
          ...["get", "pods", "-n", "metallb-system", "-l", "component=speaker", "-o"],
          `jsonpath={.items[?(@.spec.nodeName=="${node}")].metadata.name}`,
        )
      ).trim();
      const none = await shell(`kubectl logs -p -n metallb-system ${pod}`);
      expect(none.stderr).toContain(`previous terminated container "speaker" in pod "${pod}" not found`);
      const following = shell(`kubectl logs -f -n metallb-system ${pod}`);
      await cluster.sandbox("kill", "speaker", node);
      expect((await following).stdout).toContain("speaker started");
      await cluster.sandbox("start", "speaker", node);
      expect(await says(`kubectl logs -p -n metallb-system ${pod}`)).toBe((await following).stdout);
    });

    test("exec reads metrics and addresses from within the pod, though its image has neither shell nor tools", async () => {
      const scrape = "wget -qO- localhost:7472/metrics";
      const head = await says(
        `kubectl exec -n metallb-system <controller-pod> -- \\\n  ${scrape} | head -20`,
      );
      expect(head.trimEnd().split("\n")).toHaveLength(20);
      const up = `kubectl exec -n metallb-system <speaker-pod> -- \\\n  ${scrape} | grep bgp_session_up`;
      await eventually("the session is up", async () => / 1$/m.test((await shell(up)).stdout), 30_000);
      const addresses = await says("kubectl exec -n metallb-system <speaker-pod> -- ip addr");
      expect(addresses).toMatch(/^\d+: eth0: <[A-Z,_]*LOWER_UP/m);
      expect(addresses).toContain("inet 192.168.1.11/24 scope global eth0");
    });

    test("what docs/troubleshooting.md says to type works, in both languages", async () => {
      names["loadbalancer-ip"] = "192.168.1.240";
      const lines = (await Promise.all(pages.map((page) => Bun.file(page).text()))).map(typedLines);
      expect(lines[0]).toEqual(lines[1] ?? []);
      expect(lines[0]?.length).toBeGreaterThan(12);
      for (const line of lines[0] ?? []) {
        const { code, stdout, stderr } = await shell(line);
        // No error in the log: grep has found nothing, which is its exit code 1.
        const expected = line.includes("grep -i error") && stdout === "" ? 1 : 0;
        expect({ line, code, stderr }).toEqual({ line, code: expected, stderr: "" });
      }
    });

    test("exec gives the program's exit code, and says of others that they are not there", async () => {
      const missingPage = await shell(
        "kubectl exec -n metallb-system <speaker-pod> -- wget -qO- localhost:7472/nowhere",
      );
      expect([missingPage.code, missingPage.stdout]).toEqual([1, ""]);
      expect(missingPage.stderr).toContain("wget: server returned error: HTTP/1.1 404");
      expect(missingPage.stderr).toContain("command terminated with exit code 1");
      const sh = await shell("kubectl exec -n metallb-system <speaker-pod> -- sh -c 'id > /tmp/mlbt-owned'");
      expect(sh.code).not.toBe(0);
      expect(sh.stderr).toContain('exec: "sh": executable file not found in $PATH');
      const file = await shell(
        "kubectl exec -n metallb-system <speaker-pod> -- wget -qO- file:///etc/passwd",
      );
      expect([file.code, file.stdout]).toEqual([1, ""]);
    });

    test.each([
      ["deployment/controller", "controller", 200],
      ["<speaker-pod-name>", "speaker", 200],
    ])("port-forward to %s, with several connections through one", async (target, component, status) => {
      await forwarded(target, "7472", async (port) => {
        const pages = await Promise.all(
          Array.from({ length: 5 }, () =>
            run(["curl", "-sS", "-w", "%{http_code}", `http://localhost:${port}/metrics`]),
          ),
        );
        for (const { stdout } of pages) {
          expect(stdout).toEndWith(String(status));
          expect(stdout).toContain(
            component === "speaker" ? "metallb_speaker_announced" : "metallb_allocator",
          );
        }
      });
    });

    test("port-forward by the name that a Helm release gives the Deployment", async () => {
      // The release is named so and selects the same Pods; it runs none of its own here.
      await cluster.apply(helmDeployment);
      await forwarded("deployment/metallb-controller", "7472", async (port) => {
        const { stdout } = await run(["curl", "-sS", `http://localhost:${port}/metrics`]);
        expect(stdout).toContain("metallb_allocator");
      });
    });

    test("port-forward to an example's pod, and to a port that nobody listens on", async () => {
      await forwarded("-n default deployment/metallb-demo", "80", async (port) => {
        const { stdout } = await run(["curl", "-sS", `http://localhost:${port}/`]);
        expect(stdout).toContain("pod metallb-demo-");
      });
      const told = await forwarded("<speaker-pod>", "81", async (port) => {
        expect((await run(["curl", "-sS", `http://localhost:${port}/`])).code).not.toBe(0);
      });
      expect(told).toContain("failed to connect to localhost:81 inside the pod: connection refused");
    });

    /** Runs the command while it forwards; gives what it wrote to standard error. */
    async function forwarded(
      target: string,
      port: string,
      use: (local: number) => Promise<void>,
    ): Promise<string> {
      const local = freePort(Number(port) < 1024 ? 0 : Number(port));
      const argv = filled(`kubectl port-forward -n metallb-system ${target} ${local}:${port}`).split(" ");
      const child = Bun.spawn(argv, {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
        env: { ...process.env, ...environment() },
      });
      const errors = new Response(child.stderr).text();
      try {
        const output = child.stdout.getReader();
        const first = new TextDecoder().decode((await output.read()).value);
        if (!first.startsWith("Forwarding from"))
          throw new Error(`${argv.join(" ")}: ${first}${await errors}`);
        void drain(output);
        await use(local);
      } finally {
        child.kill();
      }
      return errors;
    }
  },
);

const pages = ["", ".ko"].map((end) => join(import.meta.dir, "../../docs", `troubleshooting${end}.md`));

/** The commands of a page's shell blocks that only look, without their comments. */
function typedLines(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.split("\n"))
    .map((line) => line.replace(/ *# .*$/, ""))
    .filter((line) => /^kubectl (get|describe|logs|exec) /.test(line));
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

/** The port itself where it is free on the loopback, else any other. */
function freePort(wanted: number): number {
  for (const port of [wanted, 0]) {
    try {
      const listener = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
      const found = listener.port;
      listener.stop(true);
      return found;
    } catch {
      // Somebody has it.
    }
  }
  throw new Error("no port of the loopback is free");
}

const serviceMonitorKind = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: servicemonitors.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: { plural: servicemonitors, singular: servicemonitor, kind: ServiceMonitor, listKind: ServiceMonitorList }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`;

const serviceMonitor = `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: controller, namespace: metallb-system }
spec: { selector: { matchLabels: { app: metallb } }, endpoints: [{ port: monitoring }] }
`;

const helmDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: metallb-controller, namespace: metallb-system }
spec:
  replicas: 0
  selector: { matchLabels: { app: metallb, component: controller } }
  template:
    metadata: { labels: { app: metallb, component: controller } }
    spec: { containers: [{ name: controller, image: metallb-ts }] }
`;
