import type { KubeClient, KubeObject, ListOptions, PatchType, ResourceType } from "#k8s/mod.ts";
import { apiVersionOf, type Kind } from "./kinds/mod.ts";
import { record, text } from "./object.ts";
import {
  type ApiContext,
  createObject,
  decodeCopy,
  deleteObject,
  listObjects,
  patchObject,
  selectionOf,
} from "./operations/mod.ts";
import type { ReviewKind } from "./reviews/mod.ts";
import { noSuchPath, notFound } from "./status_error.ts";
import type { Stored } from "./store/mod.ts";
import type { User } from "./users.ts";
import { WatchQueue } from "./watch/mod.ts";

/** Calls without a socket. Every answer is a copy that the caller may change. */
export class InProcessClient implements KubeClient {
  readonly #context: ApiContext;
  readonly #reviews: readonly ReviewKind[];
  readonly #user: User;

  constructor(context: ApiContext, reviews: readonly ReviewKind[], user: User) {
    this.#context = context;
    this.#reviews = reviews;
    this.#user = user;
  }

  async get(resource: ResourceType, name: string, namespace?: string): Promise<KubeObject> {
    const kind = this.#kind(resource);
    const collection = this.#context.store.collection(kind.collection);
    const stored = collection.get(kind.namespaced ? (namespace ?? "") : "", name);
    if (stored === undefined) throw notFound(kind, name);
    return await this.#shown(stored, kind);
  }

  async list(
    resource: ResourceType,
    options: ListOptions = {},
  ): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    const kind = this.#kind(resource);
    const items = listObjects(this.#context, kind, this.#selection(kind, options));
    // Of the moment of the list: what is written while objects are converted is for the watch to tell.
    const resourceVersion = String(this.#context.store.revision);
    await this.#context.conversions.prepare(kind, items);
    return { items: items.map((stored) => decodeCopy(stored, kind)), resourceVersion };
  }

  /** One page: in the process there is nothing to be spared. */
  async *pages(
    resource: ResourceType,
    options: ListOptions & { signal?: AbortSignal } = {},
  ): AsyncGenerator<{ items: KubeObject[]; resourceVersion: string }> {
    yield await this.list(resource, options);
  }

  async create(resource: ResourceType, object: KubeObject): Promise<KubeObject> {
    const kind = this.#kind(resource);
    const namespace = kind.namespaced ? (object.metadata.namespace ?? "") : "";
    const create = () => createObject(this.#context, kind, namespace, copyOf(object), {});
    return await this.#shown(await this.#context.conversions.run(create), kind);
  }

  async patch(
    resource: ResourceType,
    target: { name: string; namespace?: string; subresource?: "status" },
    type: PatchType,
    body: unknown,
    options: { fieldManager?: string; force?: boolean; dryRun?: boolean } = {},
  ): Promise<KubeObject> {
    const kind = this.#kind(resource);
    const place = { ...target, namespace: kind.namespaced ? (target.namespace ?? "") : "" };
    const patch = () => patchObject(this.#context, kind, place, type, copyOf(body), options);
    return await this.#shown((await this.#context.conversions.run(patch)).stored, kind);
  }

  async remove(resource: ResourceType, name: string, namespace?: string): Promise<void> {
    const kind = this.#kind(resource);
    deleteObject(this.#context, kind, kind.namespaced ? (namespace ?? "") : "", name);
  }

  async *watch(
    resource: ResourceType,
    resourceVersion: string,
    options: ListOptions & { signal: AbortSignal; timeoutSeconds: number },
  ): AsyncGenerator<{ type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; object: KubeObject }> {
    const { signal, timeoutSeconds } = options;
    if (signal.aborted) return;
    const kind = this.#kind(resource);
    const { namespace, labels, fields } = this.#selection(kind, options);
    const queue = new WatchQueue();
    const stop = this.#context.hub.open(
      this.#context.store.collection(kind.collection),
      {
        scope: { namespace, name: fields?.name },
        labels,
        fields,
        startRevision: Number(resourceVersion) || undefined,
        marksInitialEventsEnd: false,
        allowBookmarks: true,
        timeoutMs: timeoutSeconds * 1_000,
      },
      queue,
    );
    const end = () => {
      stop();
      queue.close();
    };
    signal.addEventListener("abort", end, { once: true });
    try {
      for await (const notice of queue) {
        if (signal.aborted) return;
        if (notice.type === "ERROR") throw notice.error;
        if (notice.type === "BOOKMARK") yield { type: "BOOKMARK", object: bookmark(kind, notice.revision) };
        else yield { type: notice.type, object: await this.#shown(notice.stored, kind) };
      }
    } finally {
      signal.removeEventListener("abort", end);
      end();
    }
  }

  async review(resource: ResourceType, object: Omit<KubeObject, "metadata">): Promise<KubeObject> {
    const review = this.#reviews.find(
      ({ group, version, plural }) =>
        group === resource.group && version === resource.version && plural === resource.plural,
    );
    if (review === undefined) throw noSuchPath();
    const body = copyOf(object) as Record<string, unknown>;
    return {
      metadata: { name: "" },
      ...body,
      status: review.answer(body, this.#user, text(record(body, "metadata"), "namespace")),
    };
  }

  async #shown(stored: Stored, kind: Kind): Promise<KubeObject> {
    await this.#context.conversions.prepare(kind, [stored]);
    return decodeCopy(stored, kind);
  }

  #kind({ group, version, plural }: ResourceType): Kind {
    const kind = this.#context.registry.find(group, version, plural);
    if (kind === undefined) throw noSuchPath();
    return kind;
  }

  #selection(kind: Kind, { namespace, labelSelector = "", fieldSelector = "" }: ListOptions) {
    return selectionOf(kind, namespace, labelSelector, fieldSelector);
  }
}

/** As if it had been sent: the caller's object stays the caller's. */
function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function bookmark(kind: Kind, revision: number): KubeObject {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: "", resourceVersion: String(revision) },
  };
}
