import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectKubernetes, type KubeClient, type KubeObject } from "#k8s/mod.ts";
import { writeKubeconfig } from "#sandbox/api/mod.ts";
import { cleanUpOnSignal } from "./ending.ts";
import { cpuMsOf } from "./measure.ts";

export const ownNamespace = "metallb-system";
export const apiToken = "bench";

export type ApiCommand =
  /** Services s0, s1, …; with an address each, from that one on, or pending. */
  | { do: "services"; count: number; addressesFrom?: string }
  | { do: "pool"; cidr: string }
  /** Nodes node0, node1, … with the labels that kubelets give. */
  | { do: "nodes"; count: number }
  /** Counts changes from now on. */
  | { do: "watch" }
  | { do: "changes" }
  /** When so many Services have an address. */
  | { do: "served"; count: number; timeoutMs: number };

export function exampleService(index: number, annotations: Record<string, string> = {}): KubeObject {
  const name = `s${index}`;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", labels: { app: name }, annotations },
    spec: {
      type: "LoadBalancer",
      // Node ports would run out at 2,768.
      allocateLoadBalancerNodePorts: false,
      selector: { app: name },
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 8080 }],
    },
  };
}

/** So many pieces of work, so many at a time. */
export async function inParallel(
  count: number,
  parallel: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** An API in its own process, and controllers as they are deployed: the program, over HTTPS, with its own log. */
export class BenchCluster {
  readonly #directory = mkdtempSync(join(tmpdir(), `mlbt-${process.pid}-bench-`));
  readonly #server: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: AsyncIterator<string>;
  readonly #controllers: ControllerProcess[] = [];
  /** Where the API is, and the authority that signed its certificate. */
  endpoint = { url: "", ca: "" };

  private constructor() {
    this.#server = Bun.spawn([process.execPath, `${import.meta.dir}/api_server.ts`], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#answers = lines(this.#server.stdout);
    cleanUpOnSignal(() => this.#remove());
  }

  static async start(): Promise<BenchCluster> {
    const cluster = new BenchCluster();
    cluster.endpoint = (await cluster.#answer()) as { url: string; ca: string };
    const { url, ca } = cluster.endpoint;
    const text = writeKubeconfig({ server: url, caPem: ca, token: apiToken });
    await Bun.write(cluster.kubeconfig, text);
    return cluster;
  }

  get kubeconfig(): string {
    return join(this.#directory, "kubeconfig");
  }

  get apiPid(): number {
    return this.#server.pid;
  }

  async tell(command: ApiCommand): Promise<unknown> {
    this.#server.stdin.write(`${JSON.stringify(command)}\n`);
    await this.#server.stdin.flush();
    return await this.#answer();
  }

  async client(): Promise<KubeClient> {
    return (await connectKubernetes({ kubeconfig: this.kubeconfig, userAgent: "bench" })).client;
  }

  startController(): ControllerProcess {
    const controller = new ControllerProcess(this.#directory, this.#controllers.length, this.kubeconfig);
    this.#controllers.push(controller);
    return controller;
  }

  async stop(): Promise<void> {
    for (const controller of this.#controllers) await controller.stop();
    this.#remove();
    await this.#server.exited;
  }

  #remove(): void {
    for (const controller of this.#controllers) controller.kill();
    this.#server.kill("SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("the API's process ended");
    return JSON.parse(value);
  }
}

export class ControllerProcess {
  readonly startedAt = performance.now();
  readonly #logFile: string;
  readonly #socket: string;
  readonly #child: Bun.Subprocess;

  constructor(directory: string, index: number, kubeconfig: string) {
    this.#logFile = join(directory, `controller-${index}.log`);
    this.#socket = join(directory, `controller-${index}.sock`);
    const main = `${import.meta.dir}/../../main.ts`;
    const own = ["--kubeconfig", kubeconfig, "--namespace", ownNamespace];
    const served = ["--host", "127.0.0.1", "--port", "0", "--unix-socket", this.#socket];
    const out = openSync(this.#logFile, "w");
    this.#child = Bun.spawn([process.execPath, main, "controller", ...own, ...served], {
      stdin: "ignore",
      stdout: out,
      stderr: out,
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has adopted what there is and begins to give addresses: ms since its start, and its CPU time. */
  async allocating(timeoutMs = 20_000): Promise<{ wallMs: number; cpuMs: number }> {
    while (performance.now() - this.startedAt < timeoutMs) {
      if (readFileSync(this.#logFile, "utf8").includes('"caches complete, allocating"')) {
        return { wallMs: performance.now() - this.startedAt, cpuMs: await cpuMsOf(this.pid) };
      }
      await Bun.sleep(5);
    }
    throw new Error(
      `the controller does not allocate after ${timeoutMs} ms:\n${readFileSync(this.#logFile, "utf8")}`,
    );
  }

  /** Resolves when /readyz says so: ms since its start. */
  async ready(timeoutMs = 20_000): Promise<number> {
    while (performance.now() - this.startedAt < timeoutMs) {
      const response = await fetch("http://controller/readyz", { unix: this.#socket }).catch(() => undefined);
      if (response?.ok) return performance.now() - this.startedAt;
      await Bun.sleep(5);
    }
    throw new Error(`the controller is not ready after ${timeoutMs} ms`);
  }

  /** Its calls of the API so far, as it counts them: `LIST services` and how often. */
  async calls(): Promise<Map<string, number>> {
    const response = await fetch("http://controller/metrics", { unix: this.#socket });
    const found = new Map<string, number>();
    const pattern = /^metallb_k8s_client_api_duration_seconds_count\{([^}]*)\} (\d+)$/gm;
    for (const [, labels = "", count] of (await response.text()).matchAll(pattern)) {
      const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1];
      const call = `${label("verb")} ${label("resource")}`;
      found.set(call, (found.get(call) ?? 0) + Number(count));
    }
    return found;
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.exited;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}
