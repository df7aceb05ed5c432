import { type Clock, systemClock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { type ReflectorSink, reflect } from "./reflector.ts";
import type {
  Informer,
  InformerHandler,
  KubeClient,
  KubeObject,
  ListOptions,
  ResourceType,
} from "./types.ts";

export interface InformerOptions<T> extends ListOptions {
  resource: ResourceType;
  /**
   * Cuts an object down to what is used. It may throw (`ShapeError`): then that object is logged and left out, or
   * stays as it was last understood, and the others go on.
   */
  project: (object: KubeObject) => T;
  log: Logger;
  /** Ends the list and watch for good. */
  signal: AbortSignal;
  clock?: Clock;
  /** Nothing is asked before this has resolved. */
  after?: Promise<unknown>;
}

/** Starts at once; handlers subscribed before the first `await` see every object. */
export function createInformer<T>(client: KubeClient, options: InformerOptions<T>): Informer<T> {
  const { resource, namespace, labelSelector, fieldSelector, log, signal, clock = systemClock } = options;
  const store = new Store<T>(options);
  const scope: ListOptions = {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
  const relist = () => store.relist;
  const run = () => reflect({ client, resource, scope, sink: store, log, clock, signal, relist });
  (options.after ? options.after.then(run) : run()).catch((error: unknown) => {
    log.error("the reflector ended by a fault of its own", {
      resource: resource.plural,
      error: String(error),
    });
  });
  return store;
}

/** Of ten thousands of objects; so its identity is kept as numbers where that is possible. */
interface Entry<T> {
  uid: Identity;
  resourceVersion: Identity;
  value: T;
}

type Identity = string | number | undefined;

/** A uid is 122 random bits, of which 48 are told apart here; two in a row under one name do not have the same. */
function uidOf(uid: string | undefined): Identity {
  if (uid === undefined || !/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(uid)) return uid;
  return Number.parseInt(uid.slice(0, 8) + uid.slice(9, 13), 16);
}

/** Opaque (Kubernetes API concepts), and in practice a number. */
function versionOf(version: string | undefined): Identity {
  return version !== undefined && /^[1-9]\d{0,14}$/.test(version) ? Number(version) : version;
}

/** The local copy, told by a reflector and telling its handlers. */
class Store<T> implements Informer<T>, ReflectorSink {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #handlers: InformerHandler<T>[] = [];
  readonly #connectionListeners: ((connected: boolean) => void)[] = [];
  readonly #firstList = Promise.withResolvers<void>();
  readonly #firstAnswer = Promise.withResolvers<void>();
  #listedKeys: Set<string> | undefined;
  #listBeganAt = Number.NEGATIVE_INFINITY;
  /** When the last complete list began. */
  #freshSince = Number.NEGATIVE_INFINITY;
  #waiting: { since: number; resolve: () => void }[] = [];
  #relist = new AbortController();
  #isSynced = false;
  #isConnected = false;
  #isRefused = false;
  #lastError: string | undefined;

  readonly #clock: Clock;

  constructor(private readonly options: InformerOptions<T>) {
    this.#clock = options.clock ?? systemClock;
  }

  get synced(): boolean {
    return this.#isSynced;
  }

  get connected(): boolean {
    return this.#isConnected;
  }

  get isRefused(): boolean {
    return this.#isRefused;
  }

  get lastError(): string | undefined {
    return this.#lastError;
  }

  get size(): number {
    return this.#entries.size;
  }

  whenSynced(): Promise<void> {
    return this.#firstList.promise;
  }

  whenAnswered(): Promise<void> {
    return this.#firstAnswer.promise;
  }

  freshSince(steadyMs: number): Promise<void> {
    if (this.#freshSince >= steadyMs) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ since: steadyMs, resolve });
      const isListing = this.#listedKeys !== undefined && this.#listBeganAt >= steadyMs;
      if (!isListing) this.#relist.abort();
    });
  }

  get relist(): AbortSignal {
    return this.#relist.signal;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  *values(): IterableIterator<T> {
    for (const entry of this.#entries.values()) yield entry.value;
  }

  subscribe(handler: InformerHandler<T>): void {
    this.#handlers.push(handler);
    for (const { value } of [...this.#entries.values()])
      this.#tell((one) => one.changed(value, undefined), [handler]);
  }

  onConnection(listener: (connected: boolean) => void): void {
    this.#connectionListeners.push(listener);
  }

  listBegan(): void {
    this.#listedKeys = new Set();
    this.#listBeganAt = this.#clock.steady();
    if (this.#relist.signal.aborted) this.#relist = new AbortController();
  }

  listed(object: KubeObject): void {
    this.#listedKeys?.add(keyOf(object));
    this.changed(object);
  }

  listEnded(): void {
    const listed = this.#listedKeys;
    this.#listedKeys = undefined;
    for (const key of [...this.#entries.keys()]) if (!listed?.has(key)) this.#remove(key);
    this.#isSynced = true;
    this.#firstList.resolve();
    this.#firstAnswer.resolve();
    this.#freshSince = this.#listBeganAt;
    const isFresh = ({ since }: { since: number }) => since <= this.#freshSince;
    for (const { resolve } of this.#waiting.filter(isFresh)) resolve();
    this.#waiting = this.#waiting.filter((one) => !isFresh(one));
  }

  changed(object: KubeObject): void {
    const key = keyOf(object);
    const uid = uidOf(object.metadata.uid);
    const resourceVersion = versionOf(object.metadata.resourceVersion);
    let before = this.#entries.get(key);
    if (before && resourceVersion !== undefined && before.resourceVersion === resourceVersion) return;
    // Deleted and made anew while the watch was down: two objects, not one that changed.
    if (before && before.uid !== uid) {
      this.#remove(key);
      before = undefined;
    }
    delete object.metadata.managedFields;
    let value: T;
    try {
      value = this.options.project(object);
    } catch (error) {
      const { log, resource } = this.options;
      log.error("cannot read an object", { resource: resource.plural, object: key, error: String(error) });
      return;
    }
    this.#entries.set(key, { uid, resourceVersion, value });
    // Most updates touch fields that are not used (a Node's heartbeat): they are no change.
    if (before && Bun.deepEquals(before.value, value)) return;
    this.#tell((handler) => handler.changed(value, before?.value));
  }

  deleted(object: KubeObject): void {
    this.#remove(keyOf(object));
  }

  connection(problem: string | undefined, isRefused: boolean): void {
    if (isRefused) this.#firstAnswer.resolve();
    this.#isRefused = isRefused;
    this.#lastError = problem;
    const isConnected = problem === undefined;
    if (isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    for (const listener of this.#connectionListeners) listener(isConnected);
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#tell((handler) => handler.removed(entry.value));
  }

  /** Handlers are isolated: one that throws is logged, the others are told. */
  #tell(call: (handler: InformerHandler<T>) => void, handlers = this.#handlers): void {
    for (const handler of handlers) {
      try {
        call(handler);
      } catch (error) {
        const { log, resource } = this.options;
        const words = error instanceof Error ? error.stack : String(error);
        log.error("a handler failed", { resource: resource.plural, error: words });
      }
    }
  }
}

function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace ? `${namespace}/${name}` : name;
}
