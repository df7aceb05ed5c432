import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isRecord } from "../object.ts";
import { applyConfiguration, applyJsonPatch, applyMergePatch, applyStrategicMerge } from "../patch/mod.ts";
import { pruneUnknown } from "../schema/mod.ts";
import {
  badRequest,
  conflict,
  modified,
  notFound,
  StatusError,
  unsupportedMediaType,
} from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { ApiContext, WriteOptions } from "./context.ts";
import { createObject } from "./create.ts";
import { reportUnknown } from "./draft.ts";
import { writerOf } from "./managed_fields.ts";
import { type UpdateTarget, updateObject } from "./update.ts";

export type PatchKind = "json" | "merge" | "strategic" | "apply";

export interface PatchOptions extends WriteOptions {
  /** Of an apply: fields that others own are taken over instead of refused. */
  readonly force?: boolean | undefined;
  /** Throws where an apply may not create what is not there. */
  readonly mayCreate?: (() => void) | undefined;
}

/** PATCH. Only an apply creates what is not there, and only of the object itself. */
export function patchObject(
  context: ApiContext,
  kind: Kind,
  target: UpdateTarget,
  patchKind: PatchKind,
  patch: unknown,
  options: PatchOptions,
): { stored: Stored; isCreated: boolean } {
  if (patchKind === "apply") return applyObject(context, kind, target, patch, options);
  if (patchKind === "strategic" && kind.isCustom) {
    throw unsupportedMediaType([
      "application/json-patch+json",
      "application/merge-patch+json",
      "application/apply-patch+yaml",
    ]);
  }
  const change = (current: KubeObject): unknown => {
    if (patchKind === "json") return applyJsonPatch(current, patch);
    if (!isRecord(patch)) throw badRequest("the patch must be a JSON object");
    return patchKind === "merge"
      ? applyMergePatch(current, patch)
      : applyStrategicMerge(current, patch, kind.schema);
  };
  const seesManagedFields = patchKind === "json";
  return {
    stored: updateObject(context, kind, target, change, { ...options, seesManagedFields }),
    isCreated: false,
  };
}

function applyObject(
  context: ApiContext,
  kind: Kind,
  target: UpdateTarget,
  body: unknown,
  options: PatchOptions,
): { stored: Stored; isCreated: boolean } {
  const applied = readConfiguration(body, kind, target);
  const { fieldManager: manager } = options;
  if (!manager) {
    throw badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  }
  refuseUndeclared(applied, kind, target, options);
  const writer = writerOf(context, kind, options, target.subresource);
  const existing = context.store.collection(kind.collection).get(target.namespace, target.name);
  const change = (live: KubeObject | undefined) =>
    applyConfiguration(live, structuredClone(applied), kind.schema, writer, options.force === true);
  if (existing !== undefined) {
    const version = applied.metadata.resourceVersion;
    if (version && version !== existing.object.metadata.resourceVersion) throw modified(kind, target.name);
    const all = { ...options, isApplied: true, seesManagedFields: true };
    return { stored: updateObject(context, kind, target, change, all), isCreated: false };
  }
  if (target.subresource !== undefined) throw notFound(kind, target.name);
  if (applied.metadata.uid || applied.metadata.resourceVersion) {
    throw conflict(kind, target.name, "uid or resourceVersion mismatch: the object does not exist");
  }
  options.mayCreate?.();
  const created = createObject(context, kind, target.namespace, change(undefined), {
    ...options,
    isApplied: true,
  });
  return { stored: created, isCreated: true };
}

/** A configuration is read by the schema before anything else, so that nobody owns a field that there is not. */
function refuseUndeclared(
  applied: KubeObject,
  kind: Kind,
  target: UpdateTarget,
  options: PatchOptions,
): void {
  const [first, ...others] = pruneUnknown(structuredClone(applied), kind.schema);
  if (first === undefined) return;
  if (options.fieldValidation === "Strict") reportUnknown([first, ...others], kind, options);
  const { group, version, kind: name } = kind;
  const what = `${target.namespace}/${target.name}; ${group}/${version}, Kind=${name}`;
  const why = `failed to create typed patch object (${what}): .${first}: field not declared in schema`;
  throw new StatusError(500, "", why);
}

function readConfiguration(body: unknown, kind: Kind, target: UpdateTarget): KubeObject {
  if (!isRecord(body) || !isRecord(body.metadata)) {
    throw badRequest("an applied configuration must be an object with apiVersion, kind and metadata");
  }
  if (!body.apiVersion || body.kind !== kind.kind) {
    throw badRequest(`an applied configuration must name its apiVersion and the kind ${kind.kind}`);
  }
  if (Array.isArray(body.metadata.managedFields) && body.metadata.managedFields.length > 0) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const { managedFields: _managedFields, ...metadata } = body.metadata;
  return { ...body, metadata: { ...metadata, name: metadata.name ?? target.name } } as KubeObject;
}
