import { record, text } from "../object.ts";

/** What a URL names; see `parseResourcePath`. */
interface ResourcePath {
  readonly group: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** What a request wants to do, in the words of RBAC (kubernetes.io "Authorization", Review Your Request Attributes). */
export interface ResourceAttributes {
  readonly verb: string;
  /** "" is the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** "" at the cluster scope. */
  readonly namespace: string;
  /** "" for a whole collection. */
  readonly name: string;
}

/** A request for a path that is no resource, such as `/version`. */
export interface PathAttributes {
  readonly verb: string;
  readonly path: string;
}

export type Attributes = ResourceAttributes | PathAttributes;

const objectVerbs: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

const isOn = (value: string | null) => value !== null && value !== "false" && value !== "0";

/** Of a request for a resource (apiserver `RequestInfo`). */
export function resourceAttributes(
  method: string,
  query: URLSearchParams,
  path: ResourcePath,
): ResourceAttributes {
  const verb = objectVerbs[method] ?? method.toLowerCase();
  const isCollection = path.name === undefined;
  const isRead = verb === "get" && (isCollection || isOn(query.get("watch")));
  const readVerb = isOn(query.get("watch")) ? "watch" : "list";
  // A list of the one object of a name is judged as that object.
  const named = /^metadata\.name=([^,]+)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  const isNamespace = path.plural === "namespaces" && path.group === "";
  return {
    verb: isRead ? readVerb : isCollection && verb === "delete" ? "deletecollection" : verb,
    group: path.group,
    resource: path.plural,
    subresource: path.subresource ?? "",
    namespace: path.namespace ?? (isNamespace ? (path.name ?? "") : ""),
    name: path.name ?? (isRead ? (named ?? "") : ""),
  };
}

/** Of the `spec` of an access review; undefined where it asks for neither a resource nor a path. */
export function reviewedAttributes(spec: Record<string, unknown>): Attributes | undefined {
  if (spec.nonResourceAttributes !== undefined) {
    const asked = record(spec, "nonResourceAttributes");
    return { verb: text(asked, "verb"), path: text(asked, "path") };
  }
  if (spec.resourceAttributes === undefined) return undefined;
  const asked = record(spec, "resourceAttributes");
  return {
    verb: text(asked, "verb"),
    group: text(asked, "group"),
    resource: text(asked, "resource"),
    subresource: text(asked, "subresource"),
    namespace: text(asked, "namespace"),
    name: text(asked, "name"),
  };
}

/** `cannot list resource "services" in API group "" at the cluster scope`. */
export function cannot(attributes: Attributes): string {
  const { verb } = attributes;
  if ("path" in attributes) return `cannot ${verb} path "${attributes.path}"`;
  const { group, resource, subresource, namespace } = attributes;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
}
