import type { Admission } from "../admission/mod.ts";
import { type Attributes, cannot, resourceAttributes } from "../authorization/mod.ts";
import type { Registry } from "../kinds/mod.ts";
import type { ApiContext } from "../operations/mod.ts";
import type { Authorizer, ReviewKind } from "../reviews/mod.ts";
import { accessDenied, noSuchPath, type StatusError, unauthorized } from "../status_error.ts";
import { isPodStream, type PodStreams, type Upgrade } from "../streams/mod.ts";
import type { AccountTokens } from "../tokens/mod.ts";
import type { User, Users } from "../users.ts";
import { findStored } from "./call.ts";
import { Documents } from "./documents.ts";
import { impersonationOf } from "./impersonation.ts";
import { parseResourcePath } from "./path.ts";
import { answerReview, answerToken } from "./posted.ts";
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
  readonly tokens: AccountTokens;
  readonly reviews: readonly ReviewKind[];
  readonly authorize: Authorizer;
  readonly admission: Admission;
  /** Absent where no runtime runs the pods. */
  readonly streams: PodStreams | undefined;
  /** Hears of every request of an authenticated user. */
  readonly audit: Audit | undefined;
}

/** `impersonated` is whom the user asked to be, where he asked. */
export type Audit = (user: User, attributes: Attributes, isAllowed: boolean, impersonated?: User) => void;

/** Whose rights count, and who it is in truth where that is another. */
interface Caller {
  readonly is: User;
  readonly by?: User;
}

/** The HTTP surface: one function from request to response. */
export class HttpServer {
  readonly #registry: Registry;
  readonly #reviews: readonly ReviewKind[];
  readonly #users: Users;
  readonly #authorize: Authorizer;
  readonly #audit: Audit | undefined;
  readonly #tokens: AccountTokens;
  readonly #documents: Documents;
  readonly #resources: ResourceHandler;
  readonly #context: ApiContext;
  readonly #streams: PodStreams | undefined;

  constructor({ context, users, tokens, reviews, authorize, admission, streams, audit }: HttpServerParts) {
    this.#registry = context.registry;
    this.#reviews = reviews;
    this.#users = users;
    this.#tokens = tokens;
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
      return await this.#authenticated(request, url, this.#caller(request, user), upgrade);
    } catch (error) {
      return replyError(error);
    }
  }

  async #authenticated(request: Request, url: URL, user: Caller, upgrade: Upgrade): Promise<Response> {
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
    if (review !== undefined && path.name === undefined) {
      if (review.namespaced !== (path.namespace !== undefined)) throw noSuchPath();
      return answerReview(request, review, user.is, path.namespace);
    }
    const kind = this.#registry.find(group, apiVersion, plural);
    if (kind === undefined) throw noSuchPath();
    const { name, namespace } = path;
    if (kind.collection === "serviceaccounts" && path.subresource === "token" && name && namespace)
      return answerToken(this.#tokens, { request, context: this.#context, namespace }, name);
    const isPod = group === "" && plural === "pods" && path.namespace !== undefined;
    if (this.#streams && isPod && path.name !== undefined && isPodStream(path.subresource)) {
      const pod = findStored({ context: this.#context, kind, namespace: path.namespace }, path.name);
      return this.#streams.handle(path.subresource, { request, query: url.searchParams, pod, upgrade });
    }
    return this.#resources.handle(request, url, kind, path, {
      user: user.is,
      mayCreate: () => judge("create"),
    });
  }

  /** Whom the request is to be judged as. Throws where its user may not be that one. */
  #caller(request: Request, user: User): Caller {
    const impersonation = impersonationOf(request.headers);
    if (impersonation === undefined) return { is: user };
    for (const attributes of impersonation.needs) {
      if (this.#authorize(user, attributes).allowed) continue;
      this.#audit?.(user, attributes, false);
      throw forbidden(user, attributes);
    }
    return { is: impersonation.user, by: user };
  }

  #judge({ is, by }: Caller, attributes: Attributes): void {
    const { allowed } = this.#authorize(is, attributes);
    if (by === undefined) this.#audit?.(is, attributes, allowed);
    else this.#audit?.(by, attributes, allowed, is);
    if (!allowed) throw forbidden(is, attributes);
  }
}

function forbidden(user: User, attributes: Attributes): StatusError {
  const why = `User "${user.username}" ${cannot(attributes)}`;
  if ("path" in attributes) return accessDenied("", {}, why);
  const { group, resource, name } = attributes;
  const plural = group === "" ? resource : `${resource}.${group}`;
  const details = { ...(group && { group }), kind: resource, ...(name && { name }) };
  return accessDenied(name === "" ? plural : `${plural} "${name}"`, details, why);
}
