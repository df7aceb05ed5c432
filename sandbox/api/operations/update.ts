import type { KubeObject } from "#k8s/mod.ts";
import { invalid } from "../field_error.ts";
import type { Kind } from "../kinds/mod.ts";
import { isEqual, isRecord } from "../object.ts";
import { isSameOwnership, trackUpdate } from "../patch/mod.ts";
import { badRequest, conflict, invalidObject, modified, notFound } from "../status_error.ts";
import { Stored } from "../store/mod.ts";
import type { ApiContext, WriteOptions } from "./context.ts";
import { draftOf } from "./draft.ts";
import { decodeCopy, draftCopy, fromStored } from "./encode.ts";
import { takeManagedFields, writerOf } from "./managed_fields.ts";
import { finalizersOf, validateDraft, validateStatusDraft } from "./validate.ts";

export interface UpdateTarget {
  readonly namespace: string;
  readonly name: string;
  readonly subresource?: "status" | undefined;
}

export interface UpdateOptions extends WriteOptions {
  readonly isPut?: boolean;
  /** `change` has worked out the managed fields itself. */
  readonly isApplied?: boolean;
  /** `change` reads the managed fields of what it gets. */
  readonly seesManagedFields?: boolean;
  /** The write is told as one of this subresource. */
  readonly as?: "scale";
}

/** Metadata that only the server writes; a client's values for them count for nothing. */
const serverFields = [
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "generateName",
];

/**
 * PUT and PATCH: `change` gets a copy in the version of `kind` and returns what the client wants of it. A change that
 * changes nothing writes nothing. The last finalizer's going removes an object that is being deleted.
 */
export function updateObject(
  context: ApiContext,
  kind: Kind,
  target: UpdateTarget,
  change: (current: KubeObject) => unknown,
  options: UpdateOptions,
): Stored {
  const collection = context.store.collection(kind.collection);
  const existing = collection.get(target.namespace, target.name);
  if (existing === undefined) throw notFound(kind, target.name);
  const before = existing.object;
  const wanted = change((options.seesManagedFields ? decodeCopy : draftCopy)(existing, kind));
  const given = takeManagedFields(wanted);
  const draft = draftOf(wanted, kind, options);
  checkIdentity(kind, target, draft, before, options.isPut === true);

  const next = target.subresource === "status" ? withStatus(kind, draft, before) : draft;
  keepServerFields(next, before);
  if (target.subresource === undefined && kind.hasStatus) setStatus(next, before.status);
  // As this version shows both: what managers own and what the schema says is in its words.
  const [seenBefore, seen] = inVersion(existing, next, kind);
  const managedFields = options.isApplied
    ? given
    : trackUpdate(
        seenBefore,
        seen,
        kind.schema,
        writerOf(context, kind, options, target.subresource ?? options.as),
        given,
      );
  if (target.subresource === undefined) {
    kind.strategy.prepareForUpdate?.(next, before);
    if (kind.hasGeneration && isWantedChanged(kind, next, before)) {
      next.metadata.generation = (before.metadata.generation ?? 0) + 1;
    }
  }
  // Times alone are no change (apiserver `ignoreManagedFieldsTimestampsTransformer`).
  setManagedFields(next, before.metadata.managedFields);
  if (isEqual(next, before) && isSameOwnership(managedFields, before.metadata.managedFields)) return existing;
  setManagedFields(next, managedFields);
  const custom = { seen, seenBefore };
  if (target.subresource === "status") validateStatusDraft(context, kind, next, before, custom);
  else validateDraft(context, kind, next, before, custom);

  if (options.dryRun) return new Stored(next, existing.revision);
  const isGone = next.metadata.deletionTimestamp !== undefined && finalizersOf(next).length === 0;
  if (isGone && !hasSpecFinalizers(next)) return collection.remove(existing, next);
  return collection.replace(existing, next);
}

function inVersion(existing: Stored, next: KubeObject, kind: Kind): [before: KubeObject, next: KubeObject] {
  return kind.conversion === undefined
    ? [fromStored(existing.object, kind), fromStored(next, kind)]
    : [decodeCopy(existing, kind), fromStored(next, kind)];
}

function checkIdentity(
  kind: Kind,
  target: UpdateTarget,
  { metadata }: KubeObject,
  before: KubeObject,
  isPut: boolean,
): void {
  metadata.name ||= target.name;
  metadata.namespace ||= target.namespace;
  if (metadata.name !== target.name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`,
    );
  }
  if (kind.namespaced && metadata.namespace !== target.namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace}) does not match the namespace on the request (${target.namespace})`,
    );
  }
  if (!kind.namespaced) delete metadata.namespace;
  if (metadata.uid && metadata.uid !== before.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${before.metadata.uid}`;
    throw conflict(kind, target.name, why);
  }
  const version = metadata.resourceVersion;
  if (!version) {
    // Built-in kinds allow an update that asks for no particular version; custom kinds do not.
    if (isPut && kind.isCustom) {
      const detail = "must be specified for an update";
      throw invalidObject(kind, target.name, [invalid("metadata.resourceVersion", 0, detail)]);
    }
  } else if (version !== before.metadata.resourceVersion) throw modified(kind, target.name);
}

/**
 * A write to `/status` leaves the rest as it was. Built-in kinds also take labels, annotations and finalizers from it,
 * as MetalLB relies on for Services; custom kinds take the status only.
 */
function withStatus(kind: Kind, draft: KubeObject, before: KubeObject): KubeObject {
  const next: KubeObject = { ...before, metadata: kind.isCustom ? { ...before.metadata } : draft.metadata };
  setStatus(next, draft.status);
  return next;
}

function keepServerFields({ metadata }: KubeObject, { metadata: old }: KubeObject): void {
  for (const field of [...serverFields, "resourceVersion"]) {
    if (old[field] === undefined) delete metadata[field];
    else metadata[field] = old[field];
  }
}

function setStatus(object: KubeObject, status: unknown): void {
  if (status === undefined) delete object.status;
  else object.status = status;
}

function setManagedFields({ metadata }: KubeObject, managedFields: unknown): void {
  if (!Array.isArray(managedFields) || managedFields.length === 0) delete metadata.managedFields;
  else metadata.managedFields = managedFields;
}

/** Whether anything but metadata and status differs. */
function isWantedChanged(kind: Kind, next: KubeObject, before: KubeObject): boolean {
  const wanted = ({ apiVersion: _version, kind: _kind, metadata: _metadata, status, ...rest }: KubeObject) =>
    kind.hasStatus ? rest : { ...rest, status };
  return !isEqual(wanted(next), wanted(before));
}

/** Namespaces keep their finalizers in the spec. */
function hasSpecFinalizers({ kind, spec }: KubeObject): boolean {
  return (
    kind === "Namespace" && isRecord(spec) && Array.isArray(spec.finalizers) && spec.finalizers.length > 0
  );
}
