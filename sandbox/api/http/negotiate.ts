import { StatusError } from "../status_error.ts";
import type { IncludeObject } from "../table/mod.ts";

/** How objects are to be shown: as they are, as a Table, or by their metadata alone. */
export type Form = "object" | "table" | "metadata";

interface MediaType {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The first form of the Accept header that this server can give; throws 406 where there is none. */
export function acceptedForm(accept: string | null): Form {
  const wanted = parseAccept(accept);
  if (wanted.length === 0) return "object";
  for (const { type, parameters } of wanted) {
    if (!isJson(type)) continue;
    const { as, v = "v1", g = "meta.k8s.io" } = parameters;
    if (as === undefined) return "object";
    if (v !== "v1" || g !== "meta.k8s.io") continue;
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "metadata";
  }
  throw new StatusError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json, application/json;as=Table;v=v1;g=meta.k8s.io, application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
  );
}

/** Whether the client takes aggregated discovery of the version that is served, v2. */
export function acceptsAggregatedDiscovery(accept: string | null): boolean {
  return parseAccept(accept).some(
    ({ type, parameters }) =>
      isJson(type) &&
      parameters.g === "apidiscovery.k8s.io" &&
      parameters.v === "v2" &&
      parameters.as === "APIGroupDiscoveryList",
  );
}

export function includeObjectOf(text: string | null): IncludeObject {
  return text === "None" || text === "Object" ? text : "Metadata";
}

function isJson(type: string): boolean {
  return type === "application/json" || type === "application/*" || type === "*/*";
}

function parseAccept(accept: string | null): MediaType[] {
  return (accept ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [type = "", ...parameters] = entry.split(";").map((part) => part.trim());
      return { type, parameters: Object.fromEntries(parameters.map((each) => each.split("=", 2))) };
    });
}
