import type { KubeClient } from "#k8s/mod.ts";
import type { AskedController, Component, OwnPods, RunningPod } from "./cluster/mod.ts";
import { type SandboxStatus, sandboxStatus } from "./control/mod.ts";
import { SandboxError } from "./error.ts";
import {
  type Child,
  type Cut,
  cutStation,
  cutsOf,
  findProgram,
  healStation,
  type LabPlan,
  type LabSupport,
  markerVariable,
  nodesOf,
  removeLeftovers,
  stationNamed,
} from "./lab/mod.ts";
import type { HostPorts } from "./ports/mod.ts";
import { type Ground, type Paths, type Processes, routerName } from "./processes/mod.ts";

/** Where everything is reached from the host. */
export interface Addresses extends HostPorts {
  /** `https://127.0.0.1:6443`. */
  api: string;
  kubeconfig: string;
  prometheusFile: string;
}

/** What a start has built and a stop takes down. */
export interface SandboxParts {
  stateDirectory: string;
  ground: Ground;
  client: KubeClient;
  ownPods: OwnPods;
  asked: AskedController;
  /** Of the controller that is asked. */
  consoleSocket(): string;
  processes: Processes;
  addresses: Addresses;
  paths: Paths;
  /** A new token for one login. */
  loginToken(): string;
  /** A token that reads everything. */
  adminToken: string;
  /** Ends what runs in this process. */
  close(): Promise<void>;
}

/** A running sandbox: what the verbs of the command line and the end-to-end tests act on. */
export class Sandbox {
  readonly stateDirectory: string;
  readonly addresses: Addresses;
  /** A member of system:masters, without a socket. */
  readonly client: KubeClient;
  readonly #parts: SandboxParts;
  readonly #ended = Promise.withResolvers<void>();
  #stopping: Promise<void> | undefined;

  constructor(parts: SandboxParts) {
    this.stateDirectory = parts.stateDirectory;
    this.addresses = parts.addresses;
    this.client = parts.client;
    this.#parts = parts;
  }

  get plan(): LabPlan {
    return this.#parts.ground.plan;
  }

  /** Whether there is a LAN, and if not, why. */
  get support(): LabSupport {
    return this.#parts.ground.support;
  }

  get router(): Child | undefined {
    return this.#parts.processes.router;
  }

  /** By station. */
  agents(): ReadonlyMap<string, Child> {
    return this.#parts.processes.agents;
  }

  status(): Promise<SandboxStatus> {
    const { paths, adminToken: token } = this.#parts;
    return sandboxStatus(this, { unixSocket: this.#parts.consoleSocket(), token }, paths.socket(routerName));
  }

  /** A new URL, good for one login. */
  loginUrl(): string {
    return `${this.addresses.console}/login?token=${this.#parts.loginToken()}`;
  }

  pods(): readonly RunningPod[] {
    return this.#parts.ownPods.list();
  }

  /** The Pod of the controller that leads. */
  get leader(): string | undefined {
    return this.#parts.asked.leader;
  }

  /** The process of the controller, by its Pod's name or else the one that leads, or of a node's speaker. */
  pod(component: Component, which?: string): RunningPod {
    const { ownPods, asked } = this.#parts;
    const found = component === "controller" ? asked.find(which) : ownPods.find(component, this.#node(which));
    if (found) return found;
    const name = which === undefined ? "" : component === "controller" ? ` named ${which}` : ` on ${which}`;
    throw new SandboxError(`There is no Pod of the ${component}${name} just now.`);
  }

  /** The machine that the Pod's process runs at. */
  stationOf(pod: RunningPod["pod"]): string {
    return this.#parts.processes.stationNameOf(pod);
  }

  agent(node: string | undefined): Child {
    const agent = this.agents().get(this.#node(node));
    if (agent) return agent;
    throw new SandboxError("This sandbox has no agents: it runs without network namespaces.");
  }

  /** SIGKILL: no goodbye to anyone. */
  async kill(part: Component | "agent", node?: string): Promise<Child> {
    const child = part === "agent" ? this.agent(node) : this.pod(part, node).child;
    if (!child.isRunning) throw new SandboxError(`${child.name} does not run.`);
    await child.kill();
    return child;
  }

  /** Starts again what was killed or has died. */
  start(part: Component | "agent", node?: string): Child {
    const { processes, ownPods } = this.#parts;
    const before = part === "agent" ? this.agent(node) : this.pod(part, node).child;
    if (before.isRunning) throw new SandboxError(`${before.name} runs already, as process ${before.pid}.`);
    return part === "agent" ? processes.startAgent(this.#node(node)) : ownPods.restart(this.pod(part, node));
  }

  cut(station: string, cut: Cut): void {
    cutStation(this.#lan(), stationNamed(this.plan, station), cut);
  }

  heal(station: string): void {
    healStation(this.#lan(), stationNamed(this.plan, station));
  }

  /** By station; one that is not there is whole. */
  cuts(): Map<string, Cut> {
    return this.support.ok ? cutsOf(this.plan) : new Map();
  }

  /** Runs a program at a station to its end. */
  async exec(
    station: string,
    argv: readonly string[],
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const { namespace } = stationNamed(this.#lan(), station);
    const child = Bun.spawn([findProgram("ip") ?? "ip", "netns", "exec", namespace, ...argv], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, [markerVariable]: this.plan.id },
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    return { exitCode: await child.exited, stdout, stderr };
  }

  /** Resolves when it has stopped, whoever asked for it. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Stops every process in order, then removes every namespace and file. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => this.#ended.resolve());
    return this.#stopping;
  }

  /** The short way: SIGKILL to everything and all of it removed, without waiting for anyone's goodbye. */
  abandon(): void {
    removeLeftovers(this.stateDirectory);
  }

  async #stop(): Promise<void> {
    const { ownPods, processes, close } = this.#parts;
    await ownPods.stop();
    await processes.stop();
    await close();
    removeLeftovers(this.stateDirectory);
  }

  #node(name: string | undefined): string {
    const names = nodesOf(this.plan).map((node) => node.name);
    if (name !== undefined && names.includes(name)) return name;
    throw new SandboxError(`Name a node: ${names.join(", ")}.`);
  }

  #lan(): LabPlan {
    if (this.support.ok) return this.plan;
    throw new SandboxError("This sandbox has no LAN: it runs without network namespaces.");
  }
}
