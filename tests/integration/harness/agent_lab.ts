import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type KubeClient, type KubeObject, type ResourceType, resources } from "#k8s/mod.ts";
import {
  createCertificates,
  createSandboxApi,
  type SandboxApi,
  serveSandboxApi,
  writeKubeconfig,
} from "#sandbox/api/mod.ts";
import {
  createNetwork,
  type LabPlan,
  markerVariable,
  nodesOf,
  planLab,
  removeLeftovers,
  stationNamed,
} from "#sandbox/lab/mod.ts";
import { startWorkload } from "#sandbox/workload/mod.ts";

const prefix = "mlbt-agent-";
const relayPort = 6443;
const token = "agent-test";

/** What a command in a namespace did. */
export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Nodes and a client on a bridge in namespaces, the sandbox's API and controllers in this process, an agent in a process
 * of its own on each node: everything of the sandbox but speakers and router.
 */
export class AgentLab {
  readonly plan: LabPlan;
  readonly client: KubeClient;
  /** What the controllers and agents had to complain about. */
  readonly complaints: string[] = [];
  readonly #directory: string;
  readonly #api: SandboxApi;
  readonly #stopServing: () => Promise<void>;
  readonly #abort = new AbortController();
  readonly #agents = new Map<string, Bun.Subprocess<"ignore", "pipe", "inherit">>();

  private constructor(directory: string, plan: LabPlan, api: SandboxApi, stopServing: () => Promise<void>) {
    this.#directory = directory;
    this.plan = plan;
    this.#api = api;
    this.client = api.client;
    this.#stopServing = stopServing;
  }

  static async start(nodes: number): Promise<AgentLab> {
    removeDeadRuns();
    const directory = join(tmpdir(), `${prefix}${process.pid}`);
    mkdirSync(directory, { recursive: true });
    const plan = planLab({
      stateDirectory: directory,
      nodes,
      nodePrefix: "node",
      lan: "192.168.1.0/24",
      podCidr: "10.244.0.0/16",
      hasRouter: false,
    });
    createNetwork(plan);
    const api = createSandboxApi({ now: Date.now });
    api.addToken(token, { username: "admin", groups: ["system:masters"] });
    const certificate = await createCertificates({
      names: ["localhost"],
      addresses: ["127.0.0.1"],
      now: new Date(),
    });
    const unixSocket = join(directory, "api.sock");
    const server = serveSandboxApi(api, { hostname: "127.0.0.1", port: 0, unixSocket, certificate });
    const lab = new AgentLab(directory, plan, api, () => server.stop());
    const kubeconfig = (url: string) => writeKubeconfig({ server: url, caPem: certificate.caPem, token });
    writeFileSync(join(directory, "ca.pem"), certificate.caPem);
    writeFileSync(join(directory, "kubeconfig"), kubeconfig(server.url));
    writeFileSync(join(directory, "relayed.kubeconfig"), kubeconfig(`https://127.0.0.1:${relayPort}`));
    return lab.orStopped(lab.#begin());
  }

  async #begin(): Promise<AgentLab> {
    const nodes = nodesOf(this.plan);
    for (const node of nodes) await this.makeNode(node.name);
    const complain = (message: string, fields?: object) =>
      this.complaints.push(`${message} ${JSON.stringify(fields ?? {})}`);
    const log = { debug() {}, info() {}, warn: complain, error: complain };
    await startWorkload(this.client, { log, signal: this.#abort.signal, now: Date.now }).ready;
    await Promise.all(nodes.map((node) => this.startAgent(node.name)));
    return this;
  }

  /** For what a test cannot begin without: where that fails, nothing is left running. */
  async orStopped<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const name of [...this.#agents.keys()]) await this.killAgent(name);
    this.#abort.abort();
    this.#api.close();
    await this.#stopServing();
    removeLeftovers(this.#directory);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  file(name: "ca.pem" | "kubeconfig" | "relayed.kubeconfig"): string {
    return join(this.#directory, name);
  }

  get token(): string {
    return token;
  }

  /** The Node object, as the sandbox makes it; ready as soon as its agent says so. */
  async makeNode(name: string): Promise<void> {
    const { address, podCidr } = stationNamed(this.plan, name);
    const labels = { "kubernetes.io/hostname": name };
    await this.client.create(resources.nodes, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
      spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
    });
    const addresses = [{ type: "InternalIP", address }];
    const target = { name, subresource: "status" } as const;
    await this.client.patch(resources.nodes, target, "merge", { status: { addresses } });
  }

  async startAgent(nodeName: string): Promise<void> {
    const options = {
      nodeName,
      kubeconfig: this.file("relayed.kubeconfig"),
      relay: { listen: `127.0.0.1:${relayPort}`, unixSocket: join(this.#directory, "api.sock") },
      relayOnly: false,
    };
    const script = new URL("./agent_child.ts", import.meta.url).pathname;
    const inside = ["ip", "netns", "exec", stationNamed(this.plan, nodeName).namespace];
    const child = Bun.spawn([...inside, process.execPath, script, JSON.stringify(options)], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
      // Nothing of the user's: a proxy variable would send the API's traffic astray.
      env: { PATH: process.env.PATH ?? "", [markerVariable]: this.plan.id },
    });
    this.#agents.set(nodeName, child);
    const started = Promise.withResolvers<void>();
    void this.#listen(nodeName, child.stdout, started.resolve);
    const died = child.exited.then((code) =>
      Promise.reject(new Error(`agent of ${nodeName}: exit code ${code}`)),
    );
    await Promise.race([started.promise, died]);
    died.catch(() => {});
  }

  /** SIGKILL: what it set up stays behind. */
  async killAgent(nodeName: string): Promise<void> {
    const child = this.#agents.get(nodeName);
    this.#agents.delete(nodeName);
    child?.kill("SIGKILL");
    await child?.exited;
  }

  async exec(station: string, ...command: string[]): Promise<Outcome> {
    const inside = ["ip", "netns", "exec", stationNamed(this.plan, station).namespace];
    const child = Bun.spawn([...inside, ...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    const [exitCode, stdout, stderr] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { exitCode, stdout, stderr };
  }

  /** Frames that a station sees, by tcpdump with link-level addresses; from the moment that it listens. */
  async capture(station: string, filter: string): Promise<{ stop(): Promise<string[]> }> {
    const inside = ["ip", "netns", "exec", stationNamed(this.plan, station).namespace];
    const child = Bun.spawn([...inside, "tcpdump", "-letnni", "eth0", "--immediate-mode", filter], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      env: { PATH: process.env.PATH ?? "", [markerVariable]: this.plan.id },
    });
    const frames = new Response(child.stdout).text();
    const reader = child.stderr.getReader();
    for (let said = ""; !said.includes("listening on"); ) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`tcpdump does not listen: ${said}`);
      said += new TextDecoder().decode(value);
    }
    reader.releaseLock();
    return {
      async stop() {
        // What is on its way to the capture buffer still counts.
        await Bun.sleep(100);
        child.kill("SIGINT");
        return (await frames).split("\n").filter(Boolean);
      },
    };
  }

  /** As if this node's speaker answered ARP for the address. */
  async announce(address: string, nodeName: string): Promise<void> {
    const { mac } = stationNamed(this.plan, nodeName);
    const entry = [address, "lladdr", mac, "dev", "eth0", "nud", "permanent"];
    await this.exec("client", "ip", "neighbour", "replace", ...entry);
  }

  /** First line of the answer, or curl's exit code where there is none (7 refused, 28 no answer). */
  async visit(station: string, url: string): Promise<string> {
    const { exitCode, stdout } = await this.exec(station, "curl", "-s", "-m", "1", url);
    return exitCode === 0 ? (stdout.split("\n")[0] ?? "") : `curl ${exitCode}`;
  }

  async apply(resource: ResourceType, object: KubeObject): Promise<KubeObject> {
    return this.client.create(resource, {
      ...object,
      metadata: { namespace: "default", ...object.metadata },
    });
  }

  async #listen(name: string, output: ReadableStream<Uint8Array>, started: () => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const part of output) {
      for (const line of decoder.decode(part).split("\n").filter(Boolean)) {
        if (line === "started") started();
        else this.complaints.push(`${name}: ${line}`);
      }
    }
  }
}

/** Namespaces, processes and files of runs whose process is gone. */
function removeDeadRuns(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const pid = Number(name.slice(prefix.length));
    if (!pid || isAlive(pid)) continue;
    removeLeftovers(join(tmpdir(), name));
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
