import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeKubeconfig } from "#sandbox/api/mod.ts";
import { Witness } from "../../e2e/support/witness.ts";
import { eventually } from "../../integration/harness/eventually.ts";
import { temporaryDirectory } from "../../integration/harness/temporary.ts";
import type { Annotate, Held } from "./api_server.ts";
import { Lan } from "./lan.ts";

const main = `${import.meta.dir}/../../../main.ts`;

/** Real speakers in their namespaces, a real API server, addresses that they announce, and a witness. */
export class FailoverCluster {
  readonly lan: Lan;
  readonly nodes: readonly string[];
  readonly addresses: readonly string[];
  readonly directory = temporaryDirectory("failover");
  readonly #speakers = new Map<string, Bun.Subprocess>();
  #api: Bun.Subprocess<"pipe", "pipe", "inherit"> | undefined;
  #answers: AsyncIterator<string> | undefined;
  #witness: Witness | undefined;

  /** With a second network the speakers reach one another and the API by it, and announce on the first alone. */
  constructor(nodeCount: number, { hasSecond = false } = {}) {
    this.nodes = Array.from({ length: nodeCount }, (_, index) => `node${index + 1}`);
    this.addresses = Array.from({ length: 2 * nodeCount }, (_, index) => `10.99.1.${index + 1}`);
    this.lan = new Lan(this.nodes, hasSecond);
  }

  get witness(): Witness {
    if (!this.#witness) throw new Error("The cluster has not started.");
    return this.#witness;
  }

  async start(): Promise<void> {
    this.#witness = await Witness.start(this.lan, "witness");
    const secretKey = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64");
    mkdirSync(this.#file("secret"));
    writeFileSync(this.#file("secret/secretkey"), secretKey);
    await this.#startApi({
      listen: this.lan.reached("api"),
      nodes: this.nodes.map((name) => ({ name, address: this.lan.reached(name) })),
      addresses: this.addresses,
      interfaces: this.lan.hasSecond ? ["eth0"] : [],
      secretKey,
    });
    for (const node of this.nodes) this.startSpeaker(node);
    await this.whole();
  }

  startSpeaker(node: string): void {
    const address = this.lan.reached(node);
    const flags = {
      kubeconfig: this.#file("kubeconfig"),
      namespace: "metallb-system",
      "pod-name": `speaker-${node}`,
      "node-name": node,
      "ml-bindaddr": address,
      "ml-secret-key-path": this.#file("secret"),
      host: address,
      "unix-socket": this.#file(`${node}.sock`),
    };
    const argv = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
    rmSync(flags["unix-socket"], { force: true });
    const log = openSync(this.#file(`${node}.log`), "a");
    const program = [process.execPath, main, "speaker", ...argv];
    const child = Bun.spawn(this.lan.command(node, ...program), {
      stdin: "ignore",
      stdout: log,
      stderr: log,
    });
    this.#speakers.set(node, child);
  }

  signal(node: string, signal: NodeJS.Signals): void {
    this.#speakers.get(node)?.kill(signal);
  }

  isRunning(node: string): boolean {
    const child = this.#speakers.get(node);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** SIGKILL where it still runs, then starts it again. */
  async restartSpeaker(node: string): Promise<void> {
    const child = this.#speakers.get(node);
    child?.kill("SIGKILL");
    await child?.exited;
    this.startSpeaker(node);
  }

  async annotate(command: Annotate): Promise<void> {
    this.#api?.stdin.write(`${JSON.stringify(command)}\n`);
    await this.#api?.stdin.flush();
    await this.#answers?.next();
  }

  /** Each speaker hears all others and each address has one announcer, and that for a second on end. */
  async whole(timeoutMs = 60_000): Promise<void> {
    let wholeSince = Number.POSITIVE_INFINITY;
    let missing: string[] = [];
    const isWhole = async () => {
      const ended = this.nodes.find((node) => !this.isRunning(node));
      if (ended) throw new Error(`The speaker of ${ended} has ended.\n${this.#log(ended)}`);
      missing = await this.#missing();
      wholeSince = missing.length === 0 ? Math.min(wholeSince, performance.now()) : Number.POSITIVE_INFINITY;
      return performance.now() - wholeSince >= 1_000;
    };
    await eventually("every speaker hears all others", isWhole, timeoutMs, 250).catch((error) => {
      throw new Error(`${error.message}: ${missing.join(", ")}`);
    });
  }

  /** Who announces the address by its own word. */
  async announcer(address: string): Promise<string> {
    for (const node of this.nodes) if (announcersIn(await this.#metrics(node), address) > 0) return node;
    throw new Error(`Nobody announces ${address}.`);
  }

  /** How often speakers found another dead, so far. */
  verdicts(): number {
    const found = this.nodes.map((node) => this.#log(node).match(/"state":"dead"/g)?.length ?? 0);
    return found.reduce((sum, count) => sum + count, 0);
  }

  /** All that must not stay behind is done before the first wait: whoever is interrupted may not come further. */
  async stop(): Promise<void> {
    for (const child of this.#speakers.values()) child.kill("SIGKILL");
    this.#api?.kill("SIGKILL");
    this.lan.remove();
    rmSync(this.directory, { recursive: true, force: true });
    await this.#witness?.stop();
    await Promise.all([...this.#speakers.values()].map((child) => child.exited));
  }

  async #startApi(held: Held): Promise<void> {
    const program = [process.execPath, `${import.meta.dir}/api_server.ts`, JSON.stringify(held)];
    this.#api = Bun.spawn(this.lan.command("api", ...program), {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    this.#answers = lines(this.#api.stdout);
    const { value } = await this.#answers.next();
    const { url, ca, token } = JSON.parse(value);
    writeFileSync(this.#file("kubeconfig"), writeKubeconfig({ server: url, caPem: ca, token }));
  }

  #log(node: string): string {
    return readFileSync(this.#file(`${node}.log`), "utf8");
  }

  /** What keeps the cluster from being whole, in words. */
  async #missing(): Promise<string[]> {
    const said = await Promise.all(this.nodes.map((node) => this.#metrics(node)));
    const all = said.join("\n");
    const deaf = this.nodes
      .map((node, index) => ({ node, living: livingIn(said[index] ?? "") }))
      .filter(({ living }) => living !== this.nodes.length - 1)
      .map(({ node, living }) => `${node} hears ${living}`);
    const contested = this.addresses
      .map((address) => ({ address, count: announcersIn(all, address) }))
      .filter(({ count }) => count !== 1)
      .map(({ address, count }) => `${address} has ${count} announcers`);
    return [...deaf, ...contested];
  }

  async #metrics(node: string): Promise<string> {
    try {
      const signal = AbortSignal.timeout(2_000);
      const response = await fetch("http://speaker/metrics", { unix: this.#file(`${node}.sock`), signal });
      return await response.text();
    } catch {
      return "";
    }
  }

  #file(name: string): string {
    return join(this.directory, name);
  }
}

function announcersIn(metrics: string, address: string): number {
  return metrics.split("\n").filter((line) => line.startsWith(`metallb_speaker_announced{ip="${address}"`))
    .length;
}

function livingIn(metrics: string): number {
  return Number(/^metallb_speaker_members\{state="alive"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
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
