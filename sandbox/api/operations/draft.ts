import type { KubeObject } from "#k8s/mod.ts";
import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import { isRecord } from "../object.ts";
import { applyDefaults, decodeAsGoType, pruneUnknown, type Schema } from "../schema/mod.ts";
import { badRequest } from "../status_error.ts";
import type { WriteOptions } from "./context.ts";
import { toStored } from "./encode.ts";

/**
 * Turns what a client sent, in the version of `kind`, into a draft of what will be stored: right kind, no unknown
 * fields, right JSON types, defaults. Takes `body` over and changes it.
 */
export function draftOf(body: unknown, kind: Kind, options: WriteOptions): KubeObject {
  if (!isRecord(body)) throw badRequest("the body of the request must be a JSON object");
  const apiVersion = apiVersionOf(kind);
  body.apiVersion ||= apiVersion;
  body.kind ||= kind.kind;
  if (body.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (body.kind !== kind.kind) {
    throw badRequest(
      `the kind in the data (${body.kind}) does not match the expected kind of the resource "${kind.plural}" (${kind.kind})`,
    );
  }
  if (!isRecord(body.metadata)) body.metadata = {};
  const unknown = pruneUnknown(body, kind.schema);
  if (unknown.length > 0) reportUnknown(unknown, kind, options);
  if (kind.isCustom) {
    decodeAsGoType({ metadata: body.metadata, apiVersion }, goPartOf(kind.schema), kind.kind);
  } else {
    decodeAsGoType(body, kind.schema, kind.kind);
  }
  applyDefaults(body, kind.schema);
  dropEmpty(body.metadata as Record<string, unknown>);
  const draft = toStored(body as unknown as KubeObject, kind);
  kind.strategy.complete?.(draft);
  return draft;
}

/** What Go's encoder leaves out ("omitempty"), so that a removed last label leaves no trace. */
function dropEmpty(metadata: Record<string, unknown>): void {
  for (const field of ["labels", "annotations", "finalizers", "ownerReferences", "managedFields"]) {
    const value = metadata[field];
    if (typeof value === "object" && value !== null && Object.keys(value).length === 0)
      delete metadata[field];
  }
}

/** Of a custom object Go knows the metadata only; the rest is the structural schema's to judge. */
function goPartOf({ properties }: Schema): Schema {
  return { type: "object", properties: { metadata: properties?.metadata ?? {} } };
}

export function reportUnknown(
  unknown: readonly string[],
  kind: Kind,
  { fieldValidation, warn }: WriteOptions,
): void {
  const texts = unknown.map((path) => `unknown field "${path}"`);
  if (fieldValidation === "Strict") {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${texts.join(", ")}`,
    );
  }
  if (fieldValidation === "Warn") for (const each of texts) warn?.(each);
}
