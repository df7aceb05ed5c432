import type { Layer2Change } from "#core/announce/mod.ts";
import {
  backoffMs,
  type Clock,
  type Informer,
  type KubeClient,
  KubeError,
  type Logger,
  labelOfNode,
  type ServiceL2Announcement,
  ServiceL2Statuses,
  type ServiceL2StatusView,
  systemClock,
} from "#k8s/mod.ts";
import { Echo } from "./echo.ts";
import { type Incumbents, L2StatusObjects } from "./objects.ts";
import { plan, type Step } from "./plan.ts";
import { KeyedQueue } from "./queue.ts";
import { Standings } from "./standings.ts";

interface Options {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly node: string;
  /** ServiceL2Status objects of all nodes. */
  readonly informer: Informer<ServiceL2StatusView>;
  /** The Pod of this speaker, with which its objects go; undefined where it is not known. */
  pod(): { name: string; uid: string } | undefined;
  /** This node began to announce the Service, and another did, or nobody, before. */
  announcerChanged(service: string, before: string | undefined): void;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** One Service costs up to three requests; so 10,000 Services that move at once are written within some minutes. */
const limits = { coalesceMs: 200, workersMax: 4, burst: 50, refillMs: 20 };
/** A permission that is missing does not come back within seconds. */
const refusedPauseMs = 60_000;
const unknownPauseMs = 10_000;
/** After this the watch is believed to have nothing to say of what was written. */
const echoMaxMs = 10_000;
/** Two speakers that both believe to announce a Service, each removing what the other wrote, become slow. */
const contestedMaxMs = 60_000;
const contestForgottenMs = 300_000;

/**
 * Keeps the ServiceL2Status of what this node announces, and knows who announced each Service last. Nothing else
 * waits for it: a write that fails is tried again, at growing intervals, and what is announced stays as it is.
 */
export class L2StatusWriter {
  readonly #options: Options;
  readonly #clock: Clock;
  readonly #statuses: ServiceL2Statuses;
  readonly #objects: L2StatusObjects;
  readonly #standings: Standings;
  readonly #queue: KeyedQueue;
  readonly #failures = new Map<string, number>();
  /** How often an object was made for a Service in a row, and when last. */
  readonly #made = new Map<string, { count: number; at: number }>();
  /** Services just written, until the watch shows it. */
  readonly #echoes = new Map<string, Echo>();
  /** Services that this node is known to announce. */
  readonly #told = new Set<string>();
  #isStarted = false;
  #isRefused = false;

  constructor(options: Options) {
    const { client, namespace, node, informer, signal, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#statuses = new ServiceL2Statuses({ client, namespace, random: () => clock.random() });
    this.#objects = new L2StatusObjects(informer);
    this.#standings = new Standings(node);
    this.#queue = new KeyedQueue(clock, limits, (service) => this.#work(service));
    this.#objects.onObject((service) => this.#touch(service));
    signal.addEventListener("abort", () => this.#queue.stop(), { once: true });
  }

  get incumbents(): Incumbents {
    return this.#objects;
  }

  /** Services whose object is still to be written. */
  get pending(): number {
    return this.#queue.size;
  }

  /** The first decision is taken: what an earlier run of this speaker wrote and is no longer so is removed. */
  start(): void {
    this.#isStarted = true;
    for (const service of this.#objects.services()) this.#touch(service);
  }

  decided(changes: readonly Layer2Change[]): void {
    for (const service of this.#standings.decided(changes, this.#clock.steady())) this.#touch(service);
  }

  /** The data plane says that the first gratuitous frame of the address is out. */
  announced(address: string): void {
    for (const service of this.#standings.announced(address, this.#clock.steady())) this.#touch(service);
  }

  #touch(service: string): void {
    this.#tell(service);
    if (!this.#isStarted) return;
    if (this.#echoes.get(service)?.isHeard(this.#objects.of(service))) this.#echoes.delete(service);
    // Most objects are other nodes', of Services that are other nodes': nothing is to be done about them.
    if (this.#steps(service).length > 0) this.#queue.add(service);
    else this.#settled(service);
  }

  /** Once for each time that this node begins to announce; a speaker that restarts finds itself as the incumbent. */
  #tell(service: string): void {
    const isAnnounced = this.#standings.of(service, this.#clock.steady()).is === "announced";
    if (this.#told.has(service) === isAnnounced) return;
    if (!isAnnounced) {
      this.#told.delete(service);
      return;
    }
    this.#told.add(service);
    const before = this.#objects.get(service);
    if (before !== this.#options.node) this.#options.announcerChanged(service, before);
  }

  #steps(service: string): Step[] {
    const standing = this.#standings.of(service, this.#clock.steady());
    const self = { owner: labelOfNode(this.#options.node), podUid: this.#options.pod()?.uid };
    return plan(standing, this.#objects.of(service), self);
  }

  #settled(service: string): void {
    this.#failures.delete(service);
    this.#echoes.delete(service);
    this.#queue.drop(service);
    const dueAt = this.#standings.dueAt(service);
    if (dueAt === undefined) return;
    const delayMs = dueAt - this.#clock.steady();
    if (delayMs > 0) this.#queue.add(service, delayMs);
    else this.#standings.forget(service);
  }

  async #work(service: string): Promise<void> {
    if (!this.#options.informer.synced) {
      // Without knowing what there is, every write could be the wrong one.
      this.#queue.pause(unknownPauseMs);
      this.#queue.add(service);
      return;
    }
    const now = this.#clock.steady();
    const steps = this.#steps(service);
    if (steps.length === 0) {
      this.#settled(service);
      return;
    }
    const echoMs = this.#echoes.get(service)?.waitMs(now) ?? 0;
    const waitMs = Math.max(echoMs, this.#contestedMs(service, steps, now));
    if (waitMs > 0) {
      this.#queue.add(service, waitMs);
      return;
    }
    const echo = new Echo(now + echoMaxMs);
    this.#echoes.set(service, echo);
    try {
      for (const step of steps) await this.#carryOut(service, step, echo);
      this.#failures.delete(service);
      this.#isRefused = false;
      echo.complete();
      this.#queue.add(service, echoMaxMs);
      this.#touch(service);
    } catch (error) {
      this.#failed(service, error);
    }
  }

  #failed(service: string, error: unknown): void {
    this.#echoes.delete(service);
    const { log } = this.#options;
    if (isRefusal(error)) {
      if (!this.#isRefused) log.warn("cannot write ServiceL2Status objects", { error: String(error) });
      this.#isRefused = true;
      this.#queue.pause(refusedPauseMs);
      this.#queue.add(service);
      return;
    }
    const failures = (this.#failures.get(service) ?? 0) + 1;
    if (failures === 1) log.warn("cannot write a ServiceL2Status", { service, error: String(error) });
    this.#failures.set(service, failures);
    this.#queue.add(service, backoffMs(failures, this.#clock.random()));
  }

  async #carryOut(service: string, step: Step, echo: Echo): Promise<void> {
    const { node } = this.#options;
    if (step.do === "create") {
      const announcement = { service, node, interfaces: step.interfaces };
      this.#noteMade(service);
      const name = await this.#statuses.create(announcement, this.#pod());
      echo.written(name);
      await unlessGone(this.#statuses.fill(name, announcement));
    } else if (step.do === "fill") {
      await this.#fill(step.name, { service, node, interfaces: step.interfaces });
    } else {
      await unlessGone(this.#statuses.remove(step.name));
      echo.removed(step.name);
    }
  }

  #pod(): { name: string; uid: string } | undefined {
    const pod = this.#options.pod();
    return pod && { name: pod.name, uid: pod.uid };
  }

  /** One that cannot become right is removed, and made anew when the watch says that it is gone. */
  async #fill(name: string, announcement: ServiceL2Announcement): Promise<void> {
    try {
      await unlessGone(this.#statuses.fill(name, announcement));
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 422) throw error;
      await unlessGone(this.#statuses.remove(name));
    }
  }

  #noteMade(service: string): void {
    const now = this.#clock.steady();
    const before = this.#made.get(service);
    const isFresh = !before || now - before.at > contestForgottenMs;
    this.#made.delete(service);
    this.#made.set(service, { count: isFresh ? 1 : before.count + 1, at: now });
    for (const [other, { at }] of this.#made) {
      if (now - at <= contestForgottenMs) break;
      this.#made.delete(other);
    }
  }

  /** How long to wait before another object is made for a Service whose last ones did not stay. */
  #contestedMs(service: string, steps: readonly Step[], now: number): number {
    const made = this.#made.get(service);
    if (!made || made.count < 2 || !steps.some((step) => step.do === "create")) return 0;
    const delayMs = Math.min(contestedMaxMs, 250 * 2 ** Math.min(made.count, 16));
    return made.at + delayMs - now;
  }
}

/** The permission is missing, or the cluster has no such kind: true of every Service. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 403 || error.code === 404);
}

/** What is to be changed or removed may have been removed by another speaker, or with its Pod; the watch will say so. */
async function unlessGone(write: Promise<void>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof KubeError) || error.code !== 404) throw error;
  }
}
