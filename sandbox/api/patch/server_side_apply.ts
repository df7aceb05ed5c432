import type { KubeObject } from "#k8s/mod.ts";
import { isEqual } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { compare, fieldSetOf } from "./compare.ts";
import { type FieldConflict, fieldConflicts, withoutAllowed } from "./conflict.ts";
import { intersection, leaf, union } from "./field_set.ts";
import { hasLastApplied, lastAppliedFields, setLastApplied } from "./last_applied.ts";
import {
  arranged,
  beforeFirstApply,
  entryOf,
  inScope,
  isOf,
  type ManagedFields,
  managedFieldsOf,
  ownedByAny,
  type Writer,
  without,
} from "./managers.ts";
import { merge, removeDropped } from "./merge.ts";
import { updated } from "./track_update.ts";

/** kubectl's own name when it applies: it may take over from its client-side apply. */
const kubectl = "kubectl";
/** Owned by nobody and there all the same: no apply takes the metadata or the name away. */
const identity = { "f:metadata": { ".": leaf, "f:name": leaf, "f:namespace": leaf } };

/**
 * Server-side apply (kubernetes.io "Server-Side Apply", structured-merge-diff `Updater.Apply`): `applied` is merged into
 * a live object; what the applier named before and nobody owns any longer is removed; a field that another manager owns
 * with another value is a conflict, which `force` settles for the applier. Gives a new object with its managed fields.
 * An entry in another version of the kind is compared by the names of its fields, without a conversion.
 */
export function applyConfiguration(
  live: KubeObject | undefined,
  applied: KubeObject,
  schema: Schema,
  writer: Writer,
  force: boolean,
): KubeObject {
  const managed = managedBeforeApply(live, schema, writer);
  const first = attempt(live, applied, schema, writer, managed);
  let { conflicts } = first;
  if (conflicts.length > 0 && !force && writer.manager === kubectl) {
    conflicts = withoutAllowed(conflicts, lastAppliedFields(live, schema));
  }
  if (conflicts.length > 0 && !force) throw fieldConflicts(conflicts);
  const { result } = first;
  if (writer.manager === kubectl && hasLastApplied(result)) setLastApplied(result, applied);
  return result;
}

/** Who applies first to an object that nobody is written down for meets whoever made it what it is. */
function managedBeforeApply(
  live: KubeObject | undefined,
  schema: Schema,
  writer: Writer,
): readonly ManagedFields[] {
  const managed = managedFieldsOf(live);
  if (managed.length > 0 || live === undefined) return managed;
  const { subresource: _any, only: _only, except: _except, ...unknown } = writer;
  return updated([], undefined, live, schema, { ...unknown, manager: beforeFirstApply });
}

function attempt(
  live: KubeObject | undefined,
  applied: KubeObject,
  schema: Schema,
  writer: Writer,
  managed: readonly ManagedFields[],
): { result: KubeObject; conflicts: FieldConflict[] } {
  const before = managed.find((entry) => isOf(entry, writer, "Apply"));
  const others = managed.filter((entry) => entry !== before);
  const named = inScope(fieldSetOf(applied, schema), writer);
  const result = merge(structuredClone(live), applied, schema) as KubeObject;
  if (before !== undefined) {
    const owned = union(union(named, ownedByAny(others)), identity);
    removeDropped(result, before.fieldsV1, owned, schema);
  }
  const comparison = compare(live ?? {}, result, schema);
  const changed = inScope(comparison.changed, writer);
  const removed = inScope(comparison.removed, writer);
  const conflicts = others.flatMap((entry) => {
    const fields = intersection(entry.fieldsV1, changed);
    return fields === undefined ? [] : [{ entry, fields }];
  });
  const left = others.flatMap((entry) => without(entry, union(changed, removed)) ?? []);
  // An apply that says the same again keeps its time, so that it changes nothing.
  const isSame = changed === undefined && removed === undefined && isEqual(before?.fieldsV1, named);
  const own = isSame ? before : named && entryOf(writer, "Apply", named);
  result.metadata.managedFields = arranged([...left, ...(own === undefined ? [] : [own])]);
  return { result, conflicts };
}
