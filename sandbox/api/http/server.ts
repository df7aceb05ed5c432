import type { Admission } from "../admission/mod.ts";
import { type Attributes, cannot, resourceAttributes } from "../authorization/mod.ts";
import type { Registry } from "../kinds/mod.ts";
import { isRecord } from "../object.ts";
import type { ApiContext } from "../operations/mod.ts";
import type { Authorizer, ReviewKind } from "../reviews/mod.ts";
import { applyDefaults, decodeAsGoType, pruneUnknown } from "../schema/mod.ts";
import {
  accessDenied,
  badRequest,
  methodNotAllowed,
  noSuchPath,
  StatusError,
  unauthorized,
} from "../status_error.ts";
import { isPodStream, type PodStreams, type Upgrade } from "../streams/mod.ts";
import type { User, Users } from "../users.ts";
import { readObject } from "./body.ts";
import { findStored } from "./call.ts";
import { Documents } from "./documents.ts";
import { parseResourcePath } from "./path.ts";
import { replyError, replyValue } from "./reply.ts";
import { ResourceHandler } from "./resource_handler.ts";

/** They tell nothing, as `/version` does, and are asked before anybody can have a token. */
const healthPaths = ["/livez", "/readyz", "/healthz"];

const version = {
  major: "1",
  minor: "32",
  gitVersion: "v1.32.0-metallb-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "bun",
  compiler: "bun",
  platform: "linux/amd64",
};

export interface HttpServerParts {
  readonly context: ApiContext;
  readonly users: Users;
  readonly reviews: readonly ReviewKind[];
  readonly authorize: Authorizer;
  readonly admission: Admission;
  /** Absent where no runtime runs the pods. */
  readonly streams: PodStreams | undefined;
  /** Hears of every request of an authenticated user. */
  readonly audit: ((user: User, attributes: Attributes, isAllowed: boolean) => void) | undefined;
}

/** The HTTP surface: one function from request to response. */
export class HttpServer {
  readonly #registry: Registry;
  readonly #reviews: readonly ReviewKind[];
  readonly #users: Users;
  readonly #authorize: Authorizer;
  readonly #audit: HttpServerParts["audit"];
  readonly #documents: Documents;
  readonly #resources: ResourceHandler;
  readonly #context: ApiContext;
  readonly #streams: PodStreams | undefined;

  constructor({ context, users, reviews, authorize, admission, streams, audit }: HttpServerParts) {
    this.#registry = context.registry;
    this.#reviews = reviews;
    this.#users = users;
    this.#authorize = authorize;
    this.#audit = audit;
    this.#context = context;
    this.#streams = streams;
    this.#documents = new Documents(context.registry, reviews, context.now);
    this.#resources = new ResourceHandler(context, admission);
  }

  /** Where the request is upgraded, its answer is no answer any more. */
  async fetch(request: Request, upgrade: Upgrade = () => false): Promise<Response> {
    try {
      const url = new URL(request.url);
      if (url.pathname === "/version") return replyValue(version);
      if (healthPaths.some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`))) {
        return new Response("ok");
      }
      const user = this.#users.authenticate(request);
      if (user === undefined) throw unauthorized();
      return await this.#authenticated(request, url, user, upgrade);
    } catch (error) {
      return replyError(error);
    }
  }

  async #authenticated(request: Request, url: URL, user: User, upgrade: Upgrade): Promise<Response> {
    const path = parseResourcePath(url.pathname);
    if (path?.plural === undefined) {
      const verb = request.method === "HEAD" ? "get" : request.method.toLowerCase();
      this.#judge(user, { verb, path: url.pathname });
      return this.#documents.answer(request, url);
    }
    const { group, version: apiVersion, plural } = path;
    const judge = (verb?: string) => {
      const attributes = resourceAttributes(request.method, url.searchParams, { ...path, plural });
      this.#judge(user, verb === undefined ? attributes : { ...attributes, verb });
    };
    judge();
    const review = this.#reviews.find(
      (each) => each.group === group && each.version === apiVersion && each.plural === plural,
    );
    if (review !== undefined && path.name === undefined) return answer(request, review, user);
    const kind = this.#registry.find(group, apiVersion, plural);
    if (kind === undefined) throw noSuchPath();
    const isPod = group === "" && plural === "pods" && path.namespace !== undefined;
    if (this.#streams && isPod && path.name !== undefined && isPodStream(path.subresource)) {
      const pod = findStored({ context: this.#context, kind, namespace: path.namespace }, path.name);
      return this.#streams.handle(path.subresource, { request, query: url.searchParams, pod, upgrade });
    }
    return this.#resources.handle(request, url, kind, path, { user, mayCreate: () => judge("create") });
  }

  #judge(user: User, attributes: Attributes): void {
    const { allowed } = this.#authorize(user, attributes);
    this.#audit?.(user, attributes, allowed);
    if (allowed) return;
    const why = `User "${user.username}" ${cannot(attributes)}`;
    if ("path" in attributes) throw accessDenied("", {}, why);
    const { group, resource, name } = attributes;
    const plural = group === "" ? resource : `${resource}.${group}`;
    const details = { ...(group && { group }), kind: resource, ...(name && { name }) };
    throw accessDenied(name === "" ? plural : `${plural} "${name}"`, details, why);
  }
}

async function answer(request: Request, review: ReviewKind, user: User): Promise<Response> {
  if (request.method !== "POST") throw methodNotAllowed(request.method.toLowerCase());
  const body = (await readObject(request, review.schema)) ?? {};
  if (!isRecord(body)) throw badRequest("the body of the request must be a JSON object");
  if (body.kind !== undefined && body.kind !== review.kind) {
    throw new StatusError(400, "BadRequest", `the kind in the data (${body.kind}) is not ${review.kind}`);
  }
  pruneUnknown(body, review.schema);
  decodeAsGoType(body, review.schema, review.kind);
  applyDefaults(body, review.schema);
  const { group, version: apiVersion, kind } = review;
  return replyValue(
    {
      kind,
      apiVersion: `${group}/${apiVersion}`,
      metadata: { creationTimestamp: null },
      ...(body.spec === undefined ? {} : { spec: body.spec }),
      status: review.answer(body, user),
    },
    201,
  );
}
