import { createInformer, type KubeClient, type KubeObject, type Logger, resources } from "#k8s/mod.ts";
import type { Child, Output } from "../lab/mod.ts";
import { metallbNamespace } from "../options.ts";
import type { Component } from "./metallb_objects.ts";
import { type ProcessState, podStatus } from "./pod_status.ts";
import type { PodLogs } from "./runtime/mod.ts";

/** A Pod of MetalLB's own, which is a process of the sandbox. */
export interface OwnPod {
  readonly uid: string;
  readonly name: string;
  readonly component: Component;
  /** Where the scheduler or the DaemonSet has put it. */
  readonly node: string;
  readonly deleting: boolean;
}

/** How a Pod becomes a process. */
export interface Launcher {
  launch(pod: OwnPod, output: Output): Child;
  /** The process answers here when it is ready. */
  socketOf(pod: OwnPod): string;
  addressOf(pod: OwnPod): { podIP: string; hostIP: string };
}

/** A Pod and its process; the newest one, where it was started again. */
export interface RunningPod {
  pod: OwnPod;
  child: Child;
  state: ProcessState;
}

export interface OwnPodsOptions {
  log: Logger;
  signal: AbortSignal;
  /** Keeps what the processes write. */
  logs: PodLogs;
  /** How long after a process has ended the API is told. */
  relistMs?: number;
}

/** A kubelet looks at its containers once a second (PLEG relist): the API is not told sooner than by a real one. */
const defaultRelistMs = 1000;
const stopGraceMs = 3000;
const readyPollMs = 15;
const probeTimeoutMs = 1_000;

/**
 * Runs MetalLB's own Pods as processes, as a kubelet runs containers: a Pod that appears is started, one that is
 * deleted is stopped, its status tells what the process does. A process that dies stays dead until it is started
 * again, so that what follows can be watched.
 */
export class OwnPods {
  readonly #client: KubeClient;
  readonly #launcher: Launcher;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  readonly #logs: PodLogs;
  readonly #relistMs: number;
  readonly #running = new Map<string, RunningPod>();
  readonly #leaving = new Set<string>();
  /** Status writes of one Pod in their order. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor(client: KubeClient, launcher: Launcher, options: OwnPodsOptions) {
    const { log, signal, logs, relistMs = defaultRelistMs } = options;
    this.#logs = logs;
    this.#client = client;
    this.#relistMs = relistMs;
    this.#launcher = launcher;
    this.#log = log;
    this.#signal = signal;
    const informer = createInformer(client, {
      resource: resources.pods,
      namespace: metallbNamespace,
      labelSelector: "app=metallb",
      project: ownPod,
      log,
      signal,
    });
    informer.subscribe({
      changed: (pod) => pod && this.#changed(pod),
      removed: (pod) => void (pod && this.#leave(pod)),
    });
  }

  /** The process of a component; of a speaker on the named node. */
  find(component: Component, node?: string): RunningPod | undefined {
    return [...this.#running.values()].find(
      ({ pod }) => pod.component === component && (node === undefined || pod.node === node),
    );
  }

  byUid(uid: string): RunningPod | undefined {
    return this.#running.get(uid);
  }

  list(): readonly RunningPod[] {
    return [...this.#running.values()];
  }

  /** Starts the process of a Pod again whose process has ended. */
  restart({ pod, state }: RunningPod): Child {
    return this.#start(pod, state.restarts + 1);
  }

  /** Resolves when that many Pods are ready, or when the time is up; gives the names of processes that are late. */
  async whenReady(count: number, limitMs: number): Promise<string[]> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const late = this.list().filter(({ state }) => !state.isReady);
      const missing = count - this.#running.size;
      if (late.length === 0 && missing <= 0) return [];
      if (performance.now() > deadline || this.#signal.aborted) {
        return [...late.map(({ child }) => child.name), ...(missing > 0 ? [`${missing} without a Pod`] : [])];
      }
      await Bun.sleep(readyPollMs);
    }
  }

  /** SIGTERM to all at once, SIGKILL to those that do not end in time. */
  async stop(): Promise<void> {
    await Promise.all(this.list().map(({ child }) => child.isRunning && child.stop(stopGraceMs)));
  }

  #changed(pod: OwnPod): void {
    if (this.#signal.aborted || pod.node === "") return;
    if (pod.deleting) void this.#leave(pod);
    else if (!this.#running.has(pod.uid)) this.#start(pod, 0);
  }

  /** Stops the process, then gives the API the last word on the Pod, as a kubelet does. */
  async #leave(pod: OwnPod): Promise<void> {
    if (this.#leaving.has(pod.uid)) return;
    this.#leaving.add(pod.uid);
    const running = this.#running.get(pod.uid);
    this.#running.delete(pod.uid);
    if (running?.child.isRunning) await running.child.stop(stopGraceMs);
    await this.#writes.get(pod.uid);
    this.#writes.delete(pod.uid);
    if (pod.deleting && !this.#signal.aborted) {
      await this.#client.remove(resources.pods, pod.name, metallbNamespace).catch((error) => {
        this.#log.debug("a Pod was gone before its last word", { pod: pod.name, error });
      });
    }
    this.#logs.remove(pod);
    this.#leaving.delete(pod.uid);
  }

  #start(pod: OwnPod, restarts: number): Child {
    const log = this.#logs.open(pod, restarts);
    const child = this.#launcher.launch(pod, (stream, bytes) => log.append(stream, bytes));
    const { component } = pod;
    const state = {
      component,
      ...this.#launcher.addressOf(pod),
      startedMs: Date.now(),
      restarts,
      isReady: false,
    };
    const running: RunningPod = { pod, child, state };
    this.#running.set(pod.uid, running);
    this.#write(running);
    void this.#watchStart(running);
    void child.ended.then(async (how) => {
      log.end();
      const ended = { how, atMs: Date.now() };
      await Bun.sleep(this.#relistMs);
      this.#update(running, { isReady: false, ended });
    });
    return child;
  }

  async #watchStart(running: RunningPod): Promise<void> {
    const socket = this.#launcher.socketOf(running.pod);
    while (running.child.isRunning && !this.#signal.aborted) {
      if (await isReady(socket)) return this.#update(running, { isReady: true });
      await Bun.sleep(readyPollMs);
    }
  }

  #update(running: RunningPod, change: Partial<ProcessState>): void {
    Object.assign(running.state, change);
    // A newer process of the same Pod tells its own state.
    if (this.#running.get(running.pod.uid) === running && !this.#signal.aborted) this.#write(running);
  }

  #write({ pod, state }: RunningPod): void {
    const write = async () => {
      const target = { name: pod.name, namespace: metallbNamespace, subresource: "status" } as const;
      await this.#client.patch(resources.pods, target, "merge", { status: podStatus(state) });
    };
    const before = this.#writes.get(pod.uid) ?? Promise.resolve();
    const after = before.then(write).catch((error) => {
      if (!this.#signal.aborted) this.#log.warn("cannot write a Pod's status", { pod: pod.name, error });
    });
    this.#writes.set(pod.uid, after);
  }
}

/** Undefined for a Pod that is no part of MetalLB's known to us. */
function ownPod(object: KubeObject): OwnPod | undefined {
  const { uid = "", name, labels, deletionTimestamp } = object.metadata;
  const component = labels?.component;
  if (component !== "controller" && component !== "speaker") return undefined;
  const spec = object.spec as { nodeName?: string } | undefined;
  return { uid, name, component, node: spec?.nodeName ?? "", deleting: deletionTimestamp !== undefined };
}

/** Asks as a kubelet's readiness probe does. */
async function isReady(unixSocket: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(probeTimeoutMs);
    const response = await fetch("http://pod/readyz", { unix: unixSocket, signal });
    return response.ok;
  } catch {
    return false;
  }
}
