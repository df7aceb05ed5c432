import type { KubeObject } from "#k8s/mod.ts";
import type { Schema } from "../schema/mod.ts";
import { compare } from "./compare.ts";
import { union } from "./field_set.ts";
import {
  arranged,
  entryOf,
  inScope,
  isOf,
  type ManagedFields,
  managedFieldsOf,
  readManagedFields,
  type Writer,
  without,
} from "./managers.ts";

/**
 * The managed fields after a write that is no apply: the writer owns what he added or changed and nobody else does, and
 * what is gone is owned by none (structured-merge-diff `Updater.Update`). An object whose managed fields are empty is
 * not tracked until somebody applies to it. `given` is what the client sent for `metadata.managedFields`; a subresource
 * does not take it.
 */
export function trackUpdate(
  live: KubeObject | undefined,
  next: KubeObject,
  schema: Schema,
  writer: Writer,
  given: unknown,
): readonly ManagedFields[] | undefined {
  const told = writer.subresource === undefined ? readManagedFields(given) : undefined;
  const managed = told ?? managedFieldsOf(live);
  if (managed.length === 0 && live !== undefined) return undefined;
  return updated(managed, live, next, schema, writer);
}

/** As {@link trackUpdate}, of given managed fields, also where there are none. */
export function updated(
  managed: readonly ManagedFields[],
  live: KubeObject | undefined,
  next: KubeObject,
  schema: Schema,
  writer: Writer,
): readonly ManagedFields[] {
  const comparison = compare(live ?? {}, next, schema);
  const changed = inScope(comparison.changed, writer);
  const removed = inScope(comparison.removed, writer);
  if (changed === undefined && removed === undefined) return managed;
  const taken = union(changed, removed);
  const left = managed.flatMap((entry) => without(entry, taken) ?? []);
  if (changed === undefined) return left;
  const own = left.find((entry) => isOf(entry, writer, "Update"));
  const fields = union(own?.fieldsV1, changed) ?? changed;
  return arranged([...left.filter((entry) => entry !== own), entryOf(writer, "Update", fields)]);
}
