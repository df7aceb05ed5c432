import {
  type Informer,
  type InformerHandler,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ServiceL2StatusView,
  serviceL2StatusView,
} from "#k8s/mod.ts";

/**
 * An API server for ServiceL2Status objects in a test's hands: it keeps them, refuses to change what is immutable, and
 * tells its watchers when the test lets it.
 */
export class ApiDouble {
  readonly objects = new Map<string, KubeObject>();
  /** Every write that was let through, as `create l2-xxxxx`. */
  readonly writes: string[] = [];
  /** Throws what the next write is answered with. */
  fault: (write: string) => void = () => {};
  readonly #told: (() => void)[] = [];
  readonly #handlers: InformerHandler<ServiceL2StatusView>[] = [];
  #revision = 0;

  constructor(readonly now: () => number) {}

  /** As `kubectl get servicel2statuses`: node, Service, interfaces. */
  table(): string[] {
    return [...this.objects.values()]
      .map(serviceL2StatusView)
      .map(({ node, service, interfaces, isFilled }) =>
        `${service} ${isFilled ? node : "-"} ${interfaces.join()}`.trim(),
      )
      .sort();
  }

  /** The watch delivers what has happened. */
  deliver(): void {
    for (const tell of this.#told.splice(0)) tell();
  }

  client(): KubeClient {
    const double = {
      create: async (_: unknown, object: KubeObject) => {
        this.#admit(`create ${object.metadata.name}`);
        if (this.objects.has(object.metadata.name)) throw new KubeError(409, "AlreadyExists", "there is one");
        const { status: _status, ...rest } = structuredClone(object);
        this.#put({
          ...rest,
          metadata: { ...rest.metadata, creationTimestamp: new Date(this.now()).toISOString() },
        });
        return object;
      },
      patch: async (
        _: unknown,
        target: { name: string; subresource?: "status" },
        __: unknown,
        body: never,
      ) => {
        this.#admit(`${target.subresource ? "fill" : "adopt"} ${target.name}`);
        const object = this.#find(target.name);
        const { status, metadata } = body as { status?: Record<string, unknown>; metadata?: object };
        const before = object.status as Record<string, unknown> | undefined;
        for (const field of ["node", "serviceName", "serviceNamespace"]) {
          const isChanged = status && before?.[field] !== undefined && before[field] !== status[field];
          if (isChanged) throw new KubeError(422, "Invalid", `status.${field}: the value cannot be changed`);
        }
        this.#put({ ...object, ...(status && { status }), metadata: { ...object.metadata, ...metadata } });
        return object;
      },
      remove: async (_: unknown, name: string) => {
        this.#admit(`remove ${name}`);
        this.removeObject(name);
      },
    };
    return double as unknown as KubeClient;
  }

  /** As `kubectl delete`, or the garbage collector. */
  removeObject(name: string): void {
    const before = serviceL2StatusView(this.#find(name));
    this.objects.delete(name);
    this.#told.push(() => {
      for (const handler of this.#handlers) handler.removed(before);
    });
  }

  /** An informer that has listed what there is. */
  informer(): Informer<ServiceL2StatusView> {
    const subscribe = (handler: InformerHandler<ServiceL2StatusView>) => {
      this.#handlers.push(handler);
      for (const object of this.objects.values()) handler.changed(serviceL2StatusView(object), undefined);
    };
    return { synced: true, subscribe } as unknown as Informer<ServiceL2StatusView>;
  }

  #admit(write: string): void {
    this.fault(write);
    this.writes.push(write);
  }

  #find(name: string): KubeObject {
    const object = this.objects.get(name);
    if (!object) throw new KubeError(404, "NotFound", `there is no ${name}`);
    return object;
  }

  #put(object: KubeObject): void {
    const known = this.objects.get(object.metadata.name);
    const before = known && serviceL2StatusView(known);
    const after = serviceL2StatusView(object);
    this.objects.set(object.metadata.name, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(++this.#revision) },
    });
    this.#told.push(() => {
      for (const handler of this.#handlers) handler.changed(after, before);
    });
  }
}
