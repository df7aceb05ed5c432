import type { Registry } from "../kinds/mod.ts";
import type { ReviewKind } from "../reviews/mod.ts";
import { methodNotAllowed, noSuchPath } from "../status_error.ts";
import { Discovery } from "./discovery.ts";
import { acceptsAggregatedDiscovery } from "./negotiate.ts";
import { OpenApi } from "./openapi.ts";
import { replyTagged, replyValue } from "./reply.ts";

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
/** RFC 9111 §5.3 and its forerunners ask for no more than a year. */
const foreverMs = 365 * 24 * 3_600_000;

/** What there is and how it is made up: discovery and OpenAPI. */
export class Documents {
  readonly #discovery: Discovery;
  readonly #openApi: OpenApi;
  readonly #now: () => number;

  constructor(registry: Registry, reviews: readonly ReviewKind[], now: () => number) {
    this.#discovery = new Discovery(registry, reviews);
    this.#openApi = new OpenApi(registry, reviews);
    this.#now = now;
  }

  answer(request: Request, { pathname, searchParams }: URL): Response {
    if (request.method !== "GET" && request.method !== "HEAD")
      throw methodNotAllowed(request.method.toLowerCase());
    const steps = pathname.split("/").filter((step) => step !== "");
    if (steps[0] === "openapi" && steps[1] === "v3")
      return this.#openApiDocument(request, steps.slice(2), searchParams.get("hash") ?? "");
    if (steps.length === 1 && (steps[0] === "api" || steps[0] === "apis")) {
      return this.#rootDiscovery(request, steps[0]);
    }
    const isCore = steps[0] === "api";
    const [group = "", apiVersion] = isCore ? ["", steps[1]] : steps.slice(1);
    if (!isCore && steps[0] !== "apis") {
      if (steps.length === 0) return replyValue({ paths: ["/api", "/apis", "/openapi/v3", "/version"] });
      throw noSuchPath();
    }
    const document =
      apiVersion === undefined
        ? this.#discovery.group(group)
        : this.#discovery.resourceList(group, apiVersion);
    if (document === undefined) throw noSuchPath();
    return replyValue(document);
  }

  #rootDiscovery(request: Request, root: "api" | "apis"): Response {
    if (acceptsAggregatedDiscovery(request.headers.get("accept"))) {
      const { json, etag } = this.#discovery.aggregated(root);
      const headers = { Vary: "Accept", "Cache-Control": "public", "Content-Type": aggregatedType };
      return replyTagged(request, json, etag, headers);
    }
    if (root === "apis") return replyValue(this.#discovery.groupList());
    return replyValue({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] });
  }

  /** With the hash that the index tells, a document never changes: clients need not ask again (KEP-2896). */
  #openApiDocument(request: Request, steps: readonly string[], wantedHash: string): Response {
    const [root, first = "", second = ""] = steps;
    if (root === undefined) {
      const { json, hash } = this.#openApi.index();
      return replyTagged(request, json, `"${hash}"`);
    }
    const isKnown = root === "api" ? steps.length === 2 : root === "apis" && steps.length === 3;
    const [group, version] = root === "api" ? ["", first] : [first, second];
    const document = isKnown ? this.#openApi.document(group, version) : undefined;
    if (document === undefined) throw noSuchPath();
    const { json, hash } = document;
    if (wantedHash !== "" && wantedHash !== hash) {
      const Location = `/openapi/v3/${steps.join("/")}?hash=${hash}`;
      return new Response(null, { status: 301, headers: { Location, "Cache-Control": "no-cache, private" } });
    }
    const Expires = new Date(this.#now() + foreverMs).toUTCString();
    const lasting = { "Cache-Control": "public, immutable", Expires };
    return replyTagged(request, json, `"${hash}"`, { Vary: "Accept", ...(wantedHash !== "" && lasting) });
  }
}
