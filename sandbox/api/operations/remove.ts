import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { conflict, forbiddenRequest, notFound } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { type ApiContext, timestamp } from "./context.ts";
import { finalizersOf } from "./validate.ts";

export interface DeleteOptions {
  readonly dryRun?: boolean | undefined;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
}

/** What is left after a delete: gone, or waiting for its finalizers. */
export interface Deletion {
  readonly isGone: boolean;
  readonly stored: Stored;
}

/** Finalizers by which the garbage collector is asked to see to the dependents before the owner goes. */
export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

export function deleteObject(
  context: ApiContext,
  kind: Kind,
  namespace: string,
  name: string,
  options: DeleteOptions = {},
): Deletion {
  const collection = context.store.collection(kind.collection);
  const existing = collection.get(namespace, name);
  if (existing === undefined) throw notFound(kind, name);
  checkPreconditions(kind, existing.object, options);
  const why = kind.strategy.refuseDelete?.(existing.object);
  if (why !== undefined) throw forbiddenRequest(kind, name, why);

  const finalizers = finalizersFor(existing.object, options);
  const waits = finalizers.length > 0 || kind.collection === "namespaces";
  if (options.dryRun) return { isGone: !waits, stored: existing };
  if (!waits) return { isGone: true, stored: collection.remove(existing) };
  if (existing.object.metadata.deletionTimestamp !== undefined) return { isGone: false, stored: existing };

  const next = structuredClone(existing.object);
  const { metadata } = next;
  metadata.deletionTimestamp = timestamp(context.now());
  metadata.deletionGracePeriodSeconds = 0;
  if (metadata.generation !== undefined) metadata.generation++;
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (kind.collection === "namespaces") next.status = { ...(next.status as object), phase: "Terminating" };
  return { isGone: false, stored: collection.replace(existing, next) };
}

function finalizersFor(object: KubeObject, { propagationPolicy }: DeleteOptions): string[] {
  const own = finalizersOf(object);
  if (object.metadata.deletionTimestamp !== undefined) return own;
  const added =
    propagationPolicy === "Foreground"
      ? foregroundFinalizer
      : propagationPolicy === "Orphan"
        ? orphanFinalizer
        : undefined;
  return added === undefined || own.includes(added) ? own : [...own, added];
}

function checkPreconditions(kind: Kind, { metadata }: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const check = (field: string, wanted: string | undefined, actual: string | undefined) => {
    if (wanted === undefined || wanted === actual) return;
    const why = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`;
    throw conflict(kind, metadata.name, why);
  };
  check("UID", uid, metadata.uid);
  check("ResourceVersion", resourceVersion, metadata.resourceVersion);
}
