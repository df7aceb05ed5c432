import {
  backoffMs,
  type Clock,
  createInformer,
  type KubeClient,
  KubeError,
  type KubeObject,
  type Logger,
  labelOfNode,
  type ResourceType,
  systemClock,
} from "#k8s/mod.ts";
import { KeyedQueue } from "../l2_status/queue.ts";

/** A kind of which each node's speaker keeps objects of its own. */
export interface StatusKind<Status> {
  readonly resource: ResourceType;
  /** Of the objects' names; the rest is chosen by chance. */
  readonly generateName: string;
  /** Labels beside `metallb.io/node`. */
  labelsOf(status: Status): Record<string, string>;
  /** What an object is about, by its labels; undefined: it is none of ours. */
  keyOf(labels: Readonly<Record<string, string>>): string | undefined;
}

export interface StatusWriterOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly node: string;
  /** The Pod of this speaker, with which its objects go; undefined where it is not known. */
  pod(): { name: string; uid: string } | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const nodeLabel = "metallb.io/node";
/** Changes of half a second are one write; 10,000 objects are written within some minutes. */
const limits = { coalesceMs: 500, workersMax: 4, burst: 50, refillMs: 20 };
/** A permission that is missing does not come back within seconds. */
const refusedPauseMs = 60_000;
const unknownPauseMs = 5_000;

/**
 * Keeps this node's objects of one kind as they are wanted: one for each key, written by this node only, when it differs,
 * and again when somebody edits or deletes it. Nothing waits for it: a write that fails is tried again, ever more slowly.
 */
export class OwnStatuses<Status extends object> {
  readonly #kind: StatusKind<Status>;
  readonly #options: StatusWriterOptions;
  readonly #clock: Clock;
  readonly #wanted = new Map<string, Status>();
  /** By key, then by name: what the API server has, as far as it is known. */
  readonly #known = new Map<string, Map<string, KubeObject>>();
  readonly #failures = new Map<string, number>();
  readonly #queue: KeyedQueue;
  readonly #informer: { readonly synced: boolean };
  #isStarted = false;
  #isRefused = false;

  constructor(kind: StatusKind<Status>, options: StatusWriterOptions) {
    const { client, namespace, node, log, signal, clock = systemClock } = options;
    this.#kind = kind;
    this.#options = options;
    this.#clock = clock;
    this.#queue = new KeyedQueue(clock, limits, (key) => this.#work(key));
    signal.addEventListener("abort", () => this.#queue.stop(), { once: true });
    const informer = createInformer(client, {
      resource: kind.resource,
      namespace,
      labelSelector: `${nodeLabel}=${labelOfNode(node)}`,
      project: (object) => object,
      log,
      signal,
      clock,
    });
    informer.subscribe({
      changed: (object) => this.#learn(object),
      removed: (object) => this.#forget(object),
    });
    this.#informer = informer;
  }

  /** What is wanted from now on is known as a whole: what an earlier run wrote and is no longer so is removed. */
  start(): void {
    this.#isStarted = true;
    for (const key of new Set([...this.#wanted.keys(), ...this.#known.keys()])) this.#touch(key);
  }

  /** Undefined: no object. */
  set(key: string, status: Status | undefined): void {
    if (Bun.deepEquals(this.#wanted.get(key), status)) return;
    if (status) this.#wanted.set(key, status);
    else this.#wanted.delete(key);
    this.#touch(key);
  }

  /** The keys that are wanted. */
  keys(): string[] {
    return [...this.#wanted.keys()];
  }

  #touch(key: string): void {
    if (this.#isStarted && !this.#isRight(key)) this.#queue.add(key);
  }

  #learn(object: KubeObject): void {
    const key = this.#remember(object);
    if (key !== undefined) this.#touch(key);
  }

  #remember(object: KubeObject): string | undefined {
    const key = this.#kind.keyOf(object.metadata.labels ?? {});
    if (key === undefined) return undefined;
    const objects = this.#known.get(key) ?? new Map<string, KubeObject>();
    objects.set(object.metadata.name, object);
    this.#known.set(key, objects);
    return key;
  }

  #forget({ metadata }: KubeObject): void {
    const key = this.#kind.keyOf(metadata.labels ?? {});
    const objects = key === undefined ? undefined : this.#known.get(key);
    if (key === undefined || !objects) return;
    objects.delete(metadata.name);
    if (objects.size === 0) this.#known.delete(key);
    this.#touch(key);
  }

  #isRight(key: string): boolean {
    const status = this.#wanted.get(key);
    const objects = [...(this.#known.get(key)?.values() ?? [])];
    const [only] = objects;
    if (!status || !only) return !status && !only;
    return objects.length === 1 && hasStatus(only, status) && this.#isOwned(only);
  }

  #isOwned({ metadata }: KubeObject): boolean {
    const uid = this.#options.pod()?.uid;
    const owners = (metadata.ownerReferences ?? []) as { uid?: string }[];
    return uid === undefined || owners.some((owner) => owner.uid === uid);
  }

  async #work(key: string): Promise<void> {
    const { log } = this.#options;
    if (!this.#informer.synced) {
      // Without knowing what there is, every write could be the wrong one.
      this.#queue.pause(unknownPauseMs);
      return this.#queue.add(key);
    }
    try {
      await this.#write(key);
      this.#failures.delete(key);
      this.#isRefused = false;
    } catch (error) {
      const kind = this.#kind.resource.kind;
      if (error instanceof KubeError && (error.code === 403 || error.code === 404)) {
        if (!this.#isRefused) log.warn(`cannot write ${kind} objects`, { error: String(error) });
        this.#isRefused = true;
        this.#queue.pause(refusedPauseMs);
        return this.#queue.add(key);
      }
      const failures = (this.#failures.get(key) ?? 0) + 1;
      if (failures === 1) log.warn(`cannot write a ${kind}`, { of: key, error: String(error) });
      this.#failures.set(key, failures);
      this.#queue.add(key, backoffMs(failures, this.#clock.random()));
    }
  }

  async #write(key: string): Promise<void> {
    const status = this.#wanted.get(key);
    const objects = [...(this.#known.get(key)?.values() ?? [])].sort(olderFirst);
    const kept = status && objects[0];
    for (const object of objects) if (object !== kept) await this.#remove(object);
    if (!status) return;
    const object = kept ?? (await this.#create(status));
    if (!this.#isOwned(object)) await this.#patch(object, { metadata: { ownerReferences: this.#owners() } });
    if (hasStatus(object, status)) return;
    try {
      const stored = await this.#patch(object, { status: replacing(object.status, status) }, "status");
      // As with a CRD of another version, which drops what it does not know: not to be written again and again.
      if (!hasStatus(stored, status)) throw new Error("the API server keeps another status than was written");
    } catch (error) {
      // Immutable fields of another owner: the object is made anew.
      if (!(error instanceof KubeError) || error.code !== 422) throw error;
      await this.#remove(object);
      throw error;
    }
  }

  async #create(status: Status): Promise<KubeObject> {
    const { client, namespace, node } = this.#options;
    const { resource, generateName } = this.#kind;
    const random = Math.floor(this.#clock.random() * 36 ** 6);
    const object = await client.create(resource, {
      apiVersion: `${resource.group}/${resource.version}`,
      kind: resource.kind,
      metadata: {
        name: `${generateName}${random.toString(36).padStart(6, "0")}`,
        namespace,
        labels: { [nodeLabel]: labelOfNode(node), ...this.#kind.labelsOf(status) },
        ownerReferences: this.#owners(),
      },
      spec: {},
    });
    this.#remember(object);
    return object;
  }

  async #patch(object: KubeObject, body: object, subresource?: "status"): Promise<KubeObject> {
    const { client, namespace } = this.#options;
    const target = { name: object.metadata.name, namespace, ...(subresource && { subresource }) };
    try {
      const stored = await client.patch(this.#kind.resource, target, "merge", body);
      this.#remember(stored);
      return stored;
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 404) throw error;
      // Deleted meanwhile: it is made again. That the kind itself is missing shows when it is created.
      this.#forget(object);
      throw new Error("it was deleted while it was written", { cause: error });
    }
  }

  async #remove(object: KubeObject): Promise<void> {
    const { client, namespace } = this.#options;
    try {
      await client.remove(this.#kind.resource, object.metadata.name, namespace);
    } catch (error) {
      if (!(error instanceof KubeError) || error.code !== 404) throw error;
    }
    this.#forget(object);
  }

  #owners() {
    const pod = this.#options.pod();
    return pod ? [{ apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid }] : [];
  }
}

/** A field that the status does not name is to be absent. */
function hasStatus(object: KubeObject, status: object): boolean {
  return Bun.deepEquals(object.status ?? {}, status);
}

/** RFC 7396: what is not to stay must be named. */
function replacing(before: unknown, after: object): object {
  const gone = Object.keys((before ?? {}) as object).filter((name) => !(name in after));
  return { ...Object.fromEntries(gone.map((name) => [name, null])), ...after };
}

function olderFirst(a: KubeObject, b: KubeObject): number {
  const [first, second] = [a, b].map(
    ({ metadata }) => `${metadata.creationTimestamp ?? ""} ${metadata.name}`,
  );
  return (first ?? "") < (second ?? "") ? -1 : 1;
}
