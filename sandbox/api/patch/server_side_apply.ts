import type { KubeObject } from "#k8s/mod.ts";
import { isEqual, isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { childSchema, elementStep, type FieldSet, fieldSetOf, isMember, mergingOf } from "./field_set.ts";

/** Who applies, and when; `subresource` is "status" or absent. */
export interface Applier {
  readonly manager: string;
  readonly time: string;
  readonly subresource?: string | undefined;
}

interface ManagedFields {
  manager: string;
  operation: string;
  apiVersion: string;
  time: string;
  fieldsType: "FieldsV1";
  fieldsV1: FieldSet;
  subresource?: string;
}

/**
 * Server-side apply: `applied` is merged into `live`, which may be changed; what the same manager applied before and no
 * longer names is removed, unless another manager applied it too. Appliers are recorded in `metadata.managedFields`.
 * Writes that are no apply are not recorded and conflicts are not raised yet: as if every apply were forced.
 */
export function applyConfiguration(
  live: KubeObject,
  applied: KubeObject,
  schema: Schema,
  applier: Applier,
): KubeObject {
  const entries = Array.isArray(live.metadata.managedFields)
    ? (live.metadata.managedFields as ManagedFields[])
    : [];
  const isOwn = (entry: ManagedFields) =>
    entry.manager === applier.manager &&
    entry.operation === "Apply" &&
    (entry.subresource ?? "") === (applier.subresource ?? "");
  const previous = entries.find(isOwn)?.fieldsV1 ?? {};
  const others = entries.filter((entry) => !isOwn(entry) && entry.operation === "Apply");
  const next = ownedFields(applied, schema);

  const result = merge(live, withoutSystemFields(applied), schema) as KubeObject;
  removeDropped(
    result,
    previous,
    next,
    others.map((entry) => entry.fieldsV1),
    schema,
  );
  const own: ManagedFields = {
    manager: applier.manager,
    operation: "Apply",
    apiVersion: applied.apiVersion ?? "",
    time: applier.time,
    fieldsType: "FieldsV1",
    fieldsV1: next,
    ...(applier.subresource === undefined ? {} : { subresource: applier.subresource }),
  };
  const before = entries.find(isOwn);
  // An apply that says the same again keeps its time, so that it changes nothing.
  if (before !== undefined && isEqual(before.fieldsV1, next)) own.time = before.time;
  result.metadata.managedFields = [...entries.filter((entry) => !isOwn(entry)), own];
  return result;
}

const systemFields = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "managedFields",
];

function withoutSystemFields(applied: KubeObject): KubeObject {
  const metadata = Object.fromEntries(
    Object.entries(applied.metadata).filter(([key]) => !systemFields.slice(2).includes(key)),
  );
  return { ...applied, metadata } as KubeObject;
}

/** Names, identity and what the server keeps belong to nobody. */
function ownedFields(applied: KubeObject, schema: Schema): FieldSet {
  const { "f:apiVersion": _version, "f:kind": _kind, ...fields } = fieldSetOf(applied, schema);
  const metadata = Object.entries(fields["f:metadata"] ?? {}).filter(
    ([step]) => !systemFields.includes(step.slice(2)),
  );
  const { "f:metadata": _metadata, ...rest } = fields;
  return metadata.length > 0 ? { "f:metadata": Object.fromEntries(metadata), ...rest } : rest;
}

function merge(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
  const merging = mergingOf(applied, schema);
  if (merging.kind === "fields" && isRecord(applied)) {
    const result = isRecord(live) ? live : {};
    for (const [key, value] of Object.entries(applied)) {
      if (value === null) delete result[key];
      else result[key] = merge(result[key], value, childSchema(schema, key));
    }
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live) || merging.kind === "atomic") return applied;
  if (merging.kind === "set") return [...live, ...applied.filter((item) => !live.includes(item))];
  const keys = merging.kind === "map" ? merging.keys : [];
  const result = [...live];
  const steps = result.map((item) => elementStep(item, keys, schema));
  for (const item of applied) {
    const index = steps.indexOf(elementStep(item, keys, schema));
    if (index < 0) result.push(item);
    else result[index] = merge(result[index], item, schema?.items);
  }
  return result;
}

/** Takes out of `live` the members of `previous` that neither `next` nor any of `others` holds. */
function removeDropped(
  live: unknown,
  previous: FieldSet,
  next: FieldSet,
  others: readonly FieldSet[],
  schema: Schema | undefined,
): void {
  for (const [step, below] of Object.entries(previous)) {
    if (step === ".") continue;
    const holders = [next, ...others].flatMap((set) => (set[step] === undefined ? [] : [set[step]]));
    const kind = step.slice(0, 2);
    if (kind === "f:" && isRecord(live)) {
      const key = step.slice(2);
      if (holders.length === 0 && isMember(below)) delete live[key];
      else {
        removeDropped(live[key], below, next[step] ?? {}, present(others, step), childSchema(schema, key));
        if (holders.length === 0 && isEmpty(live[key])) delete live[key];
      }
    } else if (Array.isArray(live)) {
      const keys = schema?.["x-kubernetes-list-map-keys"] ?? [];
      const index = live.findIndex((item) =>
        kind === "v:" ? step === `v:${JSON.stringify(item)}` : step === elementStep(item, keys, schema),
      );
      if (index < 0) continue;
      if (holders.length === 0) live.splice(index, 1);
      else removeDropped(live[index], below, next[step] ?? {}, present(others, step), schema?.items);
    }
  }
}

function present(sets: readonly FieldSet[], step: string): FieldSet[] {
  return sets.flatMap((set) => (set[step] === undefined ? [] : [set[step]]));
}

function isEmpty(value: unknown): boolean {
  return (isRecord(value) && Object.keys(value).length === 0) || (Array.isArray(value) && value.length === 0);
}
