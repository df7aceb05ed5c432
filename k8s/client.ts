import type { Clock } from "./clock.ts";
import { listQuery, resourcePath } from "./paths.ts";
import { type ContactListener, Transport, type TransportOptions } from "./transport.ts";
import {
  type CallLimits,
  type KubeClient,
  KubeError,
  type KubeObject,
  type ListOptions,
  type PatchType,
  type ResourceType,
} from "./types.ts";
import { type WatchEvent, watchdog, watchEvents } from "./watch_stream.ts";

const pageSize = 500;
const listTimeoutMs = 30_000;
const callTimeoutMs = 10_000;
/** A server answers a watch with its headers at once, long before the first event. */
const watchOpenMs = 30_000;
/** A live server sends a bookmark about each minute; silence for longer means that the link is dead. */
const stallMinMs = 120_000;
const stallSpreadMs = 60_000;
/** A list that outlives its continue token begins again; a third time it is an error. */
const listAttemptsMax = 3;

const contentTypes: Record<PatchType, string> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

interface ListBody {
  items?: KubeObject[];
  metadata?: { resourceVersion?: string; continue?: string };
}

/** {@link KubeClient} over one {@link Transport}. */
export class RestClient implements KubeClient {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #contact: ContactListener | undefined;

  constructor(options: TransportOptions) {
    this.#transport = new Transport(options);
    this.#clock = options.clock;
    this.#contact = options.contact;
  }

  get(resource: ResourceType, name: string, namespace?: string): Promise<KubeObject> {
    return this.#transport.json<KubeObject>({
      verb: "GET",
      resource: resource.plural,
      path: resourcePath(resource, namespace, name),
      timeoutMs: callTimeoutMs,
    });
  }

  async list(
    resource: ResourceType,
    options: ListOptions = {},
  ): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    for (let attempt = 1; ; attempt++) {
      try {
        const items: KubeObject[] = [];
        let resourceVersion = "";
        for await (const page of this.pages(resource, options)) {
          items.push(...page.items);
          resourceVersion = page.resourceVersion;
        }
        return { items, resourceVersion };
      } catch (error) {
        if (!(error instanceof KubeError) || error.code !== 410 || attempt === listAttemptsMax) throw error;
      }
    }
  }

  async *pages(
    resource: ResourceType,
    options: ListOptions & { signal?: AbortSignal } = {},
  ): AsyncGenerator<{ items: KubeObject[]; resourceVersion: string }> {
    let token: string | undefined;
    do {
      const body = await this.#transport.json<ListBody>({
        verb: "LIST",
        resource: resource.plural,
        path:
          resourcePath(resource, options.namespace) +
          listQuery(options, { limit: pageSize, continue: token }),
        timeoutMs: listTimeoutMs,
        signal: options.signal,
      });
      if (!Array.isArray(body.items) || typeof body.metadata?.resourceVersion !== "string") {
        throw new Error(`The list of ${resource.plural} has no items or no metadata.resourceVersion`);
      }
      // Items of a typed list do not say what they are.
      const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
      for (const item of body.items) {
        item.apiVersion ??= apiVersion;
        item.kind ??= resource.kind;
      }
      yield { items: body.items, resourceVersion: body.metadata.resourceVersion };
      token = body.metadata.continue || undefined;
    } while (token);
  }

  create(resource: ResourceType, object: KubeObject, limits: CallLimits = {}): Promise<KubeObject> {
    return this.#transport.json<KubeObject>({
      verb: "POST",
      resource: resource.plural,
      path: resourcePath(resource, object.metadata.namespace) + listQuery({}, serverLimit(limits)),
      body: JSON.stringify(object),
      ...limited(limits),
    });
  }

  patch(
    resource: ResourceType,
    target: { name: string; namespace?: string; subresource?: "status" },
    type: PatchType,
    body: unknown,
    options: { fieldManager?: string; force?: boolean; dryRun?: boolean } & CallLimits = {},
  ): Promise<KubeObject> {
    const query = listQuery(
      {},
      {
        fieldManager: options.fieldManager,
        force: options.force ? "true" : undefined,
        dryRun: options.dryRun ? "All" : undefined,
        ...serverLimit(options),
      },
    );
    return this.#transport.json<KubeObject>({
      verb: "PATCH",
      resource: target.subresource ? `${resource.plural}/${target.subresource}` : resource.plural,
      path: resourcePath(resource, target.namespace, target.name, target.subresource) + query,
      body: JSON.stringify(body),
      contentType: contentTypes[type],
      ...limited(options),
    });
  }

  async remove(
    resource: ResourceType,
    name: string,
    namespace?: string,
    limits: CallLimits = {},
  ): Promise<void> {
    await this.#transport.json<unknown>({
      verb: "DELETE",
      resource: resource.plural,
      path: resourcePath(resource, namespace, name) + listQuery({}, serverLimit(limits)),
      ...limited(limits),
    });
  }

  async *watch(
    resource: ResourceType,
    resourceVersion: string,
    options: ListOptions & { signal: AbortSignal; timeoutSeconds: number; onOpen?: () => void },
  ): AsyncGenerator<WatchEvent> {
    const stall = new AbortController();
    const limitMs = stallMinMs + this.#clock.random() * stallSpreadMs;
    const dog = watchdog(this.#clock, limitMs, () => stall.abort());
    const query = listQuery(options, {
      watch: "true",
      allowWatchBookmarks: "true",
      timeoutSeconds: options.timeoutSeconds,
      resourceVersion,
    });
    try {
      const response = await this.#transport.open({
        verb: "WATCH",
        resource: resource.plural,
        path: resourcePath(resource, options.namespace) + query,
        timeoutMs: watchOpenMs,
        signal: AbortSignal.any([options.signal, stall.signal]),
      });
      if (!response.body) throw new Error(`The watch of ${resource.plural} has no body`);
      options.onOpen?.();
      yield* watchEvents(response.body, () => {
        dog.touch();
        this.#contact?.heard();
      });
    } catch (error) {
      if (!stall.signal.aborted) throw error;
      throw new Error(`The watch of ${resource.plural} was silent for ${Math.round(limitMs / 1000)} s`, {
        cause: error,
      });
    } finally {
      dog.stop();
      stall.abort();
    }
  }

  review(resource: ResourceType, object: Omit<KubeObject, "metadata">): Promise<KubeObject> {
    const apiVersion = resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
    return this.#transport.json<KubeObject>({
      verb: "POST",
      resource: resource.plural,
      path: resourcePath(resource),
      body: JSON.stringify({ apiVersion, kind: resource.kind, ...object }),
      timeoutMs: callTimeoutMs,
    });
  }
}

function limited({ signal, mayGo, timeoutMs = callTimeoutMs }: CallLimits) {
  return { timeoutMs, ...(signal && { signal }), ...(mayGo && { mayGo }) };
}

/** A Go duration, as the API server reads it. */
function serverLimit({ timeoutMs }: CallLimits) {
  return { timeout: timeoutMs === undefined ? undefined : `${Math.ceil(timeoutMs)}ms` };
}
