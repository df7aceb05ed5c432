import { backoffMs } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";
import { createInformer } from "../informer.ts";
import type { Logger } from "../logger.ts";
import { type Informer, type KubeClient, KubeError, type KubeObject, resources } from "../types.ts";
import { type ConfigurationStatus, statusOf, type Verdict } from "./status.ts";

/** Whose verdict it is. */
export type Component = { readonly type: "controller" } | { readonly type: "speaker"; readonly node: string };

interface Options {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly component: Component;
  /** Of the own Pod: the object goes when the Pod does. */
  readonly podName: string | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Several changes of the configuration become one write. */
const coalesceMs = 200;
/** A permission that is missing does not come back within seconds. */
const forbiddenRetryMs = 60_000;

const kind = resources.configurationStates;
const apiVersion = `${kind.group}/${kind.version}`;

/**
 * Keeps the component's ConfigurationState at its last verdict: written when the two differ, so that steady state
 * writes nothing, and again when the object was edited or deleted. A write that fails touches nothing else.
 */
export class ConfigurationStateWriter {
  readonly #options: Options;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #condition: string;
  readonly #fieldManager: string;
  readonly #objects: Informer<KubeObject>;
  #verdict: Verdict | undefined;
  /** What was written last, where the object itself cannot be read, or not yet. */
  #written: ConfigurationStatus | undefined;
  #isScheduled = false;
  #isRunning = false;
  #isDue = false;
  #failures = 0;

  constructor(options: Options) {
    this.#options = options;
    const { client, component, namespace, log, signal, clock = systemClock } = options;
    this.#clock = clock;
    const isSpeaker = component.type === "speaker";
    this.#name = isSpeaker ? `speaker-${component.node}` : "controller";
    this.#condition = isSpeaker ? "configReconcilerValid" : "poolReconcilerValid";
    this.#fieldManager = isSpeaker ? "configReconciler" : "poolReconciler";
    this.#objects = createInformer(client, {
      resource: kind,
      namespace,
      fieldSelector: `metadata.name=${this.#name}`,
      project: (object) => object,
      log,
      signal,
      clock,
    });
    const again = () => this.#schedule(coalesceMs);
    this.#objects.subscribe({ changed: again, removed: again });
  }

  /** The configuration was judged. */
  report(verdict: Verdict): void {
    this.#verdict = verdict;
    this.#schedule(coalesceMs);
  }

  #schedule(delayMs: number): void {
    const { signal } = this.#options;
    if (signal.aborted || this.#verdict === undefined) return;
    if (this.#isRunning) this.#isDue = true;
    if (this.#isScheduled || this.#isRunning) return;
    this.#isScheduled = true;
    const cancel = this.#clock.after(delayMs, () => {
      this.#isScheduled = false;
      signal.removeEventListener("abort", cancel);
      void this.#run();
    });
    signal.addEventListener("abort", cancel, { once: true });
  }

  async #run(): Promise<void> {
    const { log, signal } = this.#options;
    this.#isRunning = true;
    this.#isDue = false;
    let problem: unknown;
    try {
      await this.#objects.whenAnswered();
      if (!signal.aborted) await this.#write();
    } catch (error) {
      problem = error;
    }
    this.#isRunning = false;
    if (signal.aborted) return;
    this.#failures = problem === undefined ? 0 : this.#failures + 1;
    if (this.#failures === 1) {
      log.warn("cannot write the ConfigurationState", { name: this.#name, error: String(problem) });
    }
    if (this.#failures > 0) {
      const isForbidden = problem instanceof KubeError && (problem.code === 403 || problem.code === 404);
      this.#schedule(isForbidden ? forbiddenRetryMs : backoffMs(this.#failures, this.#clock.random()));
    } else if (this.#isDue) this.#schedule(coalesceMs);
  }

  async #write(): Promise<void> {
    const { namespace } = this.#options;
    if (!this.#verdict) return;
    const existing = this.#objects.get(`${namespace}/${this.#name}`);
    const stored = existing?.status as Partial<ConfigurationStatus> | undefined;
    const before = stored ?? this.#written;
    const now = new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
    const status = statusOf(this.#verdict, this.#condition, before, now);
    if (Bun.deepEquals(status, this.#objects.synced ? stored : before)) return;
    if (!existing) await this.#create();
    const target = { name: this.#name, namespace, subresource: "status" } as const;
    const body = { apiVersion, kind: kind.kind, metadata: { name: this.#name, namespace }, status };
    const options = { fieldManager: this.#fieldManager, force: true };
    await this.#options.client.patch(kind, target, "apply", body, options);
    this.#written = status;
  }

  async #create(): Promise<void> {
    const { client, namespace, component } = this.#options;
    const labels = {
      "metallb.io/component-type": component.type,
      ...(component.type === "speaker" && { "metallb.io/node-name": component.node }),
    };
    const ownerReferences = await this.#owner();
    const metadata = { name: this.#name, namespace, labels, ownerReferences };
    try {
      await client.create(kind, { apiVersion, kind: kind.kind, metadata });
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== "AlreadyExists") throw error;
    }
  }

  /** Without a Pod, as on an administrator's machine, nobody owns the object. */
  async #owner() {
    const { client, namespace, podName } = this.#options;
    if (podName === undefined) return [];
    try {
      const { metadata } = await client.get(resources.pods, podName, namespace);
      const { name, uid } = metadata;
      return uid === undefined ? [] : [{ apiVersion: "v1", kind: "Pod", name, uid }];
    } catch (error) {
      if (error instanceof KubeError && (error.code === 404 || error.code === 403)) return [];
      throw error;
    }
  }
}
