import {
  type ContainerLog,
  type ContainerRef,
  type Execution,
  type PodConnection,
  type PodRuntime,
  RuntimeError,
} from "../../api/mod.ts";
import type { RunningPod } from "../own_pods.ts";
import { exitCode } from "../pod_status.ts";
import { notStarted, programArguments } from "./command.ts";
import { dialByAgent, dialHere } from "./dial.ts";
import { attachedExecution, spawnExecution } from "./execution.ts";
import type { PodLogs } from "./pod_logs.ts";

/** Where a process of the sandbox lives. */
export interface PodPlace {
  /** Absent where it stands on the machine's own network, at an address of the loopback. */
  readonly namespace?: string;
  readonly address: string;
  readonly port: number;
}

export interface SandboxRuntimeOptions {
  readonly logs: PodLogs;
  /** The process of one of MetalLB's own pods; undefined for any other pod. */
  find(uid: string): RunningPod | undefined;
  placeOf(pod: RunningPod["pod"]): PodPlace;
  /** Of the agent in the pod's namespace. */
  dialSocketOfPod(pod: RunningPod["pod"]): string;
  /** Of a node's agent; undefined where there are none. */
  dialSocketOfNode(node: string): string | undefined;
  /** The port that MetalLB's pods listen on, by their own count. */
  readonly httpPort: number;
  /** How to run our program in a namespace, or on this machine. */
  command(namespace: string | undefined, args: readonly string[]): string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Told to a `wget` where the pod has no network of its own: what its localhost is. */
export const localhostVariable = "METALLB_SANDBOX_LOCALHOST";

/**
 * What kubelets and container runtimes do, for the sandbox's pods. MetalLB's own are processes; the others are played by
 * their node's agent: they answer at their address, have written nothing and hold no program.
 */
export class SandboxRuntime implements PodRuntime {
  readonly #given: SandboxRuntimeOptions;

  constructor(given: SandboxRuntimeOptions) {
    this.#given = given;
  }

  async log(of: ContainerRef, previous: boolean): Promise<ContainerLog | undefined> {
    const log = this.#given.logs.find(of.uid, previous);
    if (log || previous || !of.isRunning) return log?.read();
    return { lines: [], follow: silence };
  }

  async exec(of: ContainerRef, command: readonly string[]): Promise<Execution> {
    const own = this.#given.find(of.uid);
    // A played pod's image holds nothing that could run.
    if (!own) throw notStarted(command[0] ?? "");
    const args = programArguments(command);
    if (!own.child.isRunning) throw notFound(of);
    const { pod } = own;
    const { namespace, address } = this.#given.placeOf(pod);
    const { environment } = this.#given;
    const env = namespace === undefined ? { ...environment, [localhostVariable]: address } : environment;
    return spawnExecution(this.#given.command(namespace, args), env);
  }

  async attach(of: ContainerRef): Promise<Execution> {
    const running = this.#given.find(of.uid);
    const log = running ? this.#given.logs.find(of.uid, false)?.read() : { lines: [], follow: silence };
    if (!log) throw notFound(of);
    return attachedExecution(log, running?.child.ended.then(exitCode) ?? Promise.resolve(0));
  }

  async dial(of: ContainerRef, port: number): Promise<PodConnection> {
    try {
      return await this.#dial(of, port);
    } catch (error) {
      const why = (error as Error).message;
      throw new RuntimeError(
        `error forwarding port ${port} to pod ${of.pod}, uid ${of.uid}: failed to connect to localhost:${port} inside the pod: ${why}`,
      );
    }
  }

  #dial(of: ContainerRef, port: number): Promise<PodConnection> {
    const own = this.#given.find(of.uid);
    if (!own) {
      const socket = this.#given.dialSocketOfNode(of.node);
      if (socket && of.podIP !== "") return dialByAgent(socket, of.podIP, port);
      throw new RuntimeError("nothing answers for this pod where the sandbox has no network namespaces");
    }
    const place = this.#given.placeOf(own.pod);
    if (place.namespace !== undefined) {
      return dialByAgent(this.#given.dialSocketOfPod(own.pod), "127.0.0.1", port);
    }
    // Its loopback is the machine's, where others listen too.
    if (port === this.#given.httpPort) return dialHere(place.address, place.port);
    throw new RuntimeError("connection refused");
  }
}

function notFound({ container }: ContainerRef): RuntimeError {
  return new RuntimeError(`container not found ("${container}")`);
}

async function* silence(signal: AbortSignal): AsyncGenerator<never> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
