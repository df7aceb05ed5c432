import type { Kind } from "../kinds/mod.ts";
import { isRecord, record } from "../object.ts";
import {
  type ApiContext,
  createObject,
  type DeleteOptions,
  deleteObject,
  listObjects,
  Pager,
  patchObject,
  type Selection,
  scaleOf,
  selectionOf,
  updateObject,
  updateScale,
} from "../operations/mod.ts";
import { applyJsonPatch, applyMergePatch } from "../patch/mod.ts";
import { builtInSchema } from "../schema/mod.ts";
import { badRequest, methodNotAllowed, noSuchPath, notFound } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { watchStream } from "../watch/mod.ts";
import { readObject, readPatch } from "./body.ts";
import { acceptedForm, includeObjectOf } from "./negotiate.ts";
import type { ResourcePath } from "./path.ts";
import { Presenter } from "./presenter.ts";
import { count, isDryRun, isTrue, writeOptions } from "./query.ts";
import { reply, replyValue } from "./reply.ts";
import { watchRequest } from "./watch_request.ts";

/** One request for a stored kind. */
interface Call {
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly kind: Kind;
  readonly path: ResourcePath;
  readonly presenter: Presenter;
}

/** Namespaces are finalized by a subresource of their own; clients that know it use it as they use status. */
const statusNames: ReadonlySet<string> = new Set(["status", "finalize"]);

/** Answers requests for collections, objects and their subresources. */
export class ResourceHandler {
  readonly #context: ApiContext;
  readonly #pager: Pager;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#pager = new Pager(context);
  }

  async handle(request: Request, url: URL, kind: Kind, path: ResourcePath): Promise<Response> {
    const form = acceptedForm(request.headers.get("accept"));
    const include = includeObjectOf(url.searchParams.get("includeObject"));
    const presenter = new Presenter(this.#context, kind, form, include);
    const call = { request, query: url.searchParams, kind, path, presenter };
    if (kind.namespaced === (path.namespace === undefined) && path.name !== undefined) throw noSuchPath();
    if (!kind.namespaced && path.namespace !== undefined) throw noSuchPath();
    if (path.name === undefined) return this.#collection(call);
    if (path.subresource === undefined) return this.#object(call, path.name);
    if (path.subresource === "scale") return this.#scale(call, path.name);
    if (!kind.hasStatus || !statusNames.has(path.subresource)) throw noSuchPath();
    if (path.subresource === "finalize" && kind.plural !== "namespaces") throw noSuchPath();
    return this.#object(call, path.name, "status");
  }

  async #collection(call: Call): Promise<Response> {
    const { request, kind, path } = call;
    switch (request.method) {
      case "GET":
      case "HEAD":
        return isTrue(call.query, "watch") && call.query.has("watch") ? this.#watch(call) : this.#list(call);
      case "POST":
        if (kind.namespaced && path.namespace === undefined) throw methodNotAllowed("create");
        return this.#create(call);
      case "DELETE":
        return this.#deleteCollection(call);
      default:
        throw methodNotAllowed(request.method.toLowerCase());
    }
  }

  async #object(call: Call, name: string, subresource?: "status"): Promise<Response> {
    const { request, query, kind, path, presenter } = call;
    const namespace = path.namespace ?? "";
    const target = { namespace, name, subresource };
    const warnings: string[] = [];
    const options = () => writeOptions(query, (text) => warnings.push(text));
    switch (request.method) {
      case "GET":
      case "HEAD":
        if (isTrue(query, "watch") && query.has("watch")) throw methodNotAllowed("watch");
        return reply(presenter.object(this.#find(kind, namespace, name)));
      case "PUT": {
        const body = await readObject(request, kind.schema);
        const stored = updateObject(this.#context, kind, target, () => body, { ...options(), isPut: true });
        return reply(presenter.object(stored), 200, warnings);
      }
      case "PATCH": {
        const { kind: patchKind, patch } = await readPatch(request);
        const fieldManager = query.get("fieldManager") ?? undefined;
        const { stored, isCreated } = patchObject(this.#context, kind, target, patchKind, patch, {
          ...options(),
          fieldManager,
        });
        return reply(presenter.object(stored), isCreated ? 201 : 200, warnings);
      }
      case "DELETE": {
        if (subresource !== undefined) throw methodNotAllowed("delete");
        const { isGone, stored } = deleteObject(
          this.#context,
          kind,
          namespace,
          name,
          deleteOptions(query, await readObject(request, deleteOptionsSchema)),
        );
        return isGone ? replyValue(deleted(kind, stored)) : reply(presenter.object(stored));
      }
      default:
        throw methodNotAllowed(request.method.toLowerCase());
    }
  }

  async #create({ request, query, kind, path, presenter }: Call): Promise<Response> {
    const warnings: string[] = [];
    const options = writeOptions(query, (text) => warnings.push(text));
    const body = await readObject(request, kind.schema);
    const stored = createObject(this.#context, kind, path.namespace ?? "", body, options);
    return reply(presenter.object(stored), 201, warnings);
  }

  #list(call: Call): Response {
    const { query, kind, path, presenter } = call;
    const limit = count(query, "limit");
    const key = [
      path.namespace,
      query.get("labelSelector"),
      query.get("fieldSelector"),
      kind.collection,
    ].join();
    const page = this.#pager.page(kind, this.#selection(call), key, limit, query.get("continue") ?? "");
    return reply(presenter.list(page));
  }

  #watch(call: Call): Response {
    const { kind, query, presenter } = call;
    const request = watchRequest(kind, this.#selection(call), query);
    const collection = this.#context.store.collection(kind.collection);
    const body = watchStream(
      (sink) => this.#context.hub.open(collection, request, sink),
      (notice) => presenter.event(notice),
    );
    return new Response(body, {
      headers: { "Content-Type": "application/json", "Cache-Control": "no-cache, private" },
    });
  }

  async #deleteCollection(call: Call): Promise<Response> {
    const { request, query, kind, presenter } = call;
    const options = deleteOptions(query, await readObject(request, deleteOptionsSchema));
    const removed = listObjects(this.#context, kind, this.#selection(call)).map(
      ({ namespace, name }) => deleteObject(this.#context, kind, namespace, name, options).stored,
    );
    return reply(presenter.list({ items: removed, revision: this.#context.store.revision }));
  }

  async #scale({ request, query, kind, path }: Call, name: string): Promise<Response> {
    const namespace = path.namespace ?? "";
    if (request.method === "GET") return replyValue(scaleOf(this.#find(kind, namespace, name), kind));
    const options = writeOptions(query, () => {});
    const write = (change: (current: unknown) => unknown) =>
      replyValue(scaleOf(updateScale(this.#context, kind, { namespace, name }, change, options), kind));
    if (request.method === "PUT") {
      const body = await readObject(request, builtInSchema("V1Scale"));
      return write(() => body);
    }
    if (request.method !== "PATCH") throw methodNotAllowed(request.method.toLowerCase());
    const { kind: patchKind, patch } = await readPatch(request);
    return write((current) =>
      patchKind === "json" ? applyJsonPatch(current, patch) : applyMergePatch(current, patch),
    );
  }

  #selection({ kind, path, query }: Call): Selection {
    return selectionOf(
      kind,
      path.namespace,
      query.get("labelSelector") ?? "",
      query.get("fieldSelector") ?? "",
    );
  }

  #find(kind: Kind, namespace: string, name: string): Stored {
    const stored = this.#context.store.collection(kind.collection).get(namespace, name);
    if (stored === undefined) throw notFound(kind, name);
    return stored;
  }
}

const deleteOptionsSchema = builtInSchema("V1DeleteOptions");

function deleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const given = isRecord(body) ? body : {};
  const policy = given.propagationPolicy ?? query.get("propagationPolicy") ?? undefined;
  if (policy !== undefined && policy !== "Background" && policy !== "Foreground" && policy !== "Orphan") {
    throw badRequest(
      `propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
    );
  }
  const inBody = Array.isArray(given.dryRun) ? given.dryRun.map(String) : [];
  return {
    dryRun: isDryRun([...query.getAll("dryRun"), ...inBody]),
    propagationPolicy: policy,
    preconditions: record(given, "preconditions") as { uid?: string; resourceVersion?: string },
  };
}

function deleted({ group, plural }: Kind, { name, object }: Stored): Record<string, unknown> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(group === "" ? {} : { group }), kind: plural, uid: object.metadata.uid },
  };
}
