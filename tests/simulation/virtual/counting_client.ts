import type { KubeClient, KubeError, KubeObject, ListOptions, ResourceType } from "#k8s/mod.ts";

export interface Write {
  readonly by: string;
  /** `PATCH services/status`. */
  readonly what: string;
  readonly name: string;
  readonly at: number;
}

/**
 * One component's way to the API in the process: says that a watch stands, as the real client does, and writes down
 * every write. `refuse` may throw in place of an answer.
 */
export class CountingClient implements KubeClient {
  constructor(
    private readonly by: string,
    private readonly inner: KubeClient,
    private readonly now: () => number,
    private readonly writes: Write[],
    private readonly refuse: (what: string, name: string) => KubeError | undefined = () => undefined,
  ) {}

  get(resource: ResourceType, name: string, namespace?: string): Promise<KubeObject> {
    return this.inner.get(resource, name, namespace);
  }

  list(resource: ResourceType, options?: ListOptions) {
    return this.inner.list(resource, options);
  }

  pages(resource: ResourceType, options?: ListOptions & { signal?: AbortSignal }) {
    return this.inner.pages(resource, options);
  }

  create(...args: Parameters<KubeClient["create"]>): Promise<KubeObject> {
    const [resource, object] = args;
    return this.#write(`POST ${resource.plural}`, object.metadata.name, () => this.inner.create(...args));
  }

  patch(...args: Parameters<KubeClient["patch"]>): Promise<KubeObject> {
    const [resource, { name, subresource }] = args;
    const place = subresource ? `${resource.plural}/${subresource}` : resource.plural;
    return this.#write(`PATCH ${place}`, name, () => this.inner.patch(...args));
  }

  remove(...args: Parameters<KubeClient["remove"]>): Promise<void> {
    const [resource, name] = args;
    return this.#write(`DELETE ${resource.plural}`, name, () => this.inner.remove(...args));
  }

  watch(resource: ResourceType, resourceVersion: string, options: Parameters<KubeClient["watch"]>[2]) {
    options.onOpen?.();
    return this.inner.watch(resource, resourceVersion, options);
  }

  review(resource: ResourceType, object: Omit<KubeObject, "metadata">): Promise<KubeObject> {
    return this.inner.review(resource, object);
  }

  async #write<T>(what: string, name: string, work: () => Promise<T>): Promise<T> {
    this.writes.push({ by: this.by, what, name, at: this.now() });
    const refusal = this.refuse(what, name);
    if (refusal) throw refusal;
    return work();
  }
}
