import type { Admission } from "../admission/mod.ts";
import { EscalationGuard } from "../authorization/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { type ApiContext, Pager } from "../operations/mod.ts";
import { noSuchPath } from "../status_error.ts";
import type { Call } from "./call.ts";
import { answerCollection } from "./collection_requests.ts";
import { answerEviction } from "./eviction_requests.ts";
import { acceptedForm, includeObjectOf } from "./negotiate.ts";
import { answerObject } from "./object_requests.ts";
import type { ResourcePath } from "./path.ts";
import { Presenter } from "./presenter.ts";
import { isDryRun } from "./query.ts";
import { answerScale } from "./scale_requests.ts";

/** Answers requests for collections, objects and their subresources. */
export class ResourceHandler {
  readonly #context: ApiContext;
  readonly #admission: Admission;
  readonly #escalation: EscalationGuard;
  readonly #pager: Pager;

  constructor(context: ApiContext, admission: Admission) {
    this.#context = context;
    this.#admission = admission;
    this.#escalation = new EscalationGuard(context.store);
    this.#pager = new Pager(context);
  }

  async handle(
    request: Request,
    url: URL,
    kind: Kind,
    path: ResourcePath,
    { user, mayCreate }: Pick<Call, "user" | "mayCreate">,
  ): Promise<Response> {
    const { name, namespace, subresource } = path;
    const isMisplaced = kind.namespaced
      ? name !== undefined && namespace === undefined
      : namespace !== undefined;
    if (isMisplaced) throw noSuchPath();
    const form = acceptedForm(request.headers.get("accept"));
    const include = includeObjectOf(url.searchParams.get("includeObject"));
    const call: Call = {
      context: this.#context,
      request,
      query: url.searchParams,
      kind,
      namespace,
      user,
      mayCreate,
      admission: this.#admission,
      escalation: this.#escalation,
      isDryRun: isDryRun(url.searchParams.getAll("dryRun")),
      presenter: new Presenter(this.#context, kind, form, include),
      warnings: kind.deprecation === undefined ? [] : [kind.deprecation],
    };
    if (name === undefined) return answerCollection(call, this.#pager);
    if (subresource === undefined) return answerObject(call, name);
    if (subresource === "scale") return answerScale(call, name);
    if (subresource === "eviction" && kind.collection === "pods") return answerEviction(call, name);
    // Namespaces are finalized by a subresource of their own; clients that know it use it as they use status.
    const isStatus = subresource === "status" || (subresource === "finalize" && kind.plural === "namespaces");
    if (kind.hasStatus && isStatus) return answerObject(call, name, "status");
    throw noSuchPath();
  }
}
