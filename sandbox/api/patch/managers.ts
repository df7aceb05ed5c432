import type { KubeObject } from "#k8s/mod.ts";
import { isEqual, isRecord } from "../object.ts";
import { difference, type FieldSet, fieldSet, leaf, union } from "./field_set.ts";

/** An entry of `metadata.managedFields`; never changed once made. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: "FieldsV1";
  readonly fieldsV1: FieldSet;
  readonly subresource?: string;
}

/** Who writes, in which version and when. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  readonly time: string;
  /** "status" or "scale"; absent for the object itself. */
  readonly subresource?: string | undefined;
  /** Top-level fields that a write through this endpoint changes; all where absent. */
  readonly only?: readonly string[] | undefined;
  /** Top-level fields that it does not. */
  readonly except?: readonly string[] | undefined;
}

/** Who had written an object without managed fields before somebody applied to it. */
export const beforeFirstApply = "before-first-apply";
/** More managers than this that only update are remembered as one (apiserver `DefaultMaxUpdateManagers`). */
const updateManagersMax = 10;
const ancient = "ancient-changes";

/** Names, identity and what the server keeps belong to nobody (apiserver `stripMetaManager`). */
const nobodysMetadata: ReadonlySet<string> = new Set([
  ".",
  "f:name",
  "f:namespace",
  "f:creationTimestamp",
  "f:selfLink",
  "f:uid",
  "f:generation",
  "f:managedFields",
  "f:resourceVersion",
]);
const nobodys: ReadonlySet<string> = new Set([".", "f:apiVersion", "f:kind"]);

/**
 * What a client says of the managed fields, if it says anything that counts: an empty list and one that does not read
 * leave them as they are, a list of one empty entry takes them all away (kubernetes.io "Clearing managedFields").
 */
export function readManagedFields(given: unknown): readonly ManagedFields[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  if (given.length === 1 && isRecord(given[0]) && Object.keys(given[0]).length === 0) return [];
  if (!given.every(isEntry)) return undefined;
  return given.map(({ manager, operation, apiVersion, time, fieldsType, fieldsV1, subresource }) => ({
    ...{ manager: String(manager ?? ""), operation, apiVersion, fieldsType, fieldsV1 },
    ...(time && { time }),
    ...(subresource && { subresource }),
  }));
}

/** Those of a stored object, which were checked or made when it was written. */
export function managedFieldsOf(object: KubeObject | undefined): readonly ManagedFields[] {
  return (object?.metadata.managedFields as ManagedFields[] | undefined) ?? [];
}

function isEntry(entry: unknown): entry is ManagedFields {
  return (
    isRecord(entry) &&
    (entry.operation === "Apply" || entry.operation === "Update") &&
    typeof entry.apiVersion === "string" &&
    entry.apiVersion !== "" &&
    entry.fieldsType === "FieldsV1" &&
    isFieldSet(entry.fieldsV1)
  );
}

function isFieldSet(value: unknown): value is FieldSet {
  return isRecord(value) && Object.entries(value).every(([step, below]) => isStep(step) && isFieldSet(below));
}

/** A step that does not read would break a conflict's text later. */
function isStep(step: string): boolean {
  if (step === "." || step.startsWith("f:")) return true;
  if (!/^[kv]:/.test(step)) return false;
  try {
    const value: unknown = JSON.parse(step.slice(2));
    return step.startsWith("v:") || isRecord(value);
  } catch {
    return false;
  }
}

/** The fields that a write through this endpoint may own. */
export function inScope(set: FieldSet | undefined, { only, except }: Writer): FieldSet | undefined {
  const below: Record<string, FieldSet> = {};
  for (const step in set) {
    const field = step.slice(2);
    if (nobodys.has(step) || only?.includes(field) === false || except?.includes(field)) continue;
    const child = step === "f:metadata" ? ownMetadata(set[step] ?? leaf) : set[step];
    if (child !== undefined) below[step] = child;
  }
  return fieldSet(false, below);
}

function ownMetadata(metadata: FieldSet): FieldSet | undefined {
  const below: Record<string, FieldSet> = {};
  for (const step in metadata) if (!nobodysMetadata.has(step)) below[step] = metadata[step] ?? leaf;
  return fieldSet(false, below);
}

/** Whether the entry is that of this writer; an applier is known whatever version he applies in. */
export function isOf(entry: ManagedFields, writer: Writer, operation: ManagedFields["operation"]): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === operation &&
    (entry.subresource ?? "") === (writer.subresource ?? "") &&
    (operation === "Apply" || entry.apiVersion === writer.apiVersion)
  );
}

/** Takes the fields from an entry; undefined where nothing is left of it. */
export function without(entry: ManagedFields, taken: FieldSet | undefined): ManagedFields | undefined {
  const fieldsV1 = difference(entry.fieldsV1, taken);
  if (fieldsV1 === undefined) return undefined;
  return fieldsV1 === entry.fieldsV1 ? entry : { ...entry, fieldsV1 };
}

export function entryOf(
  { manager, apiVersion, time, subresource }: Writer,
  operation: ManagedFields["operation"],
  fieldsV1: FieldSet,
): ManagedFields {
  return {
    ...{ manager, operation, apiVersion, time, fieldsType: "FieldsV1", fieldsV1 },
    ...(subresource && { subresource }),
  };
}

/** Appliers first, then by time and name, with the oldest updaters taken together. */
export function arranged(entries: readonly ManagedFields[]): ManagedFields[] {
  const sorted = entries.length < 2 ? [...entries] : [...entries].sort(compareEntries);
  const updaters = sorted.filter((entry) => entry.operation === "Update");
  if (updaters.length <= updateManagersMax) return sorted;
  const old = updaters.slice(0, updaters.length - updateManagersMax + 1);
  const merged = new Map<string, ManagedFields>();
  for (const entry of old) {
    const known = merged.get(entry.apiVersion);
    const { subresource: _any, ...rest } = entry;
    const fieldsV1 = union(known?.fieldsV1, entry.fieldsV1) ?? entry.fieldsV1;
    merged.set(entry.apiVersion, { ...rest, manager: ancient, fieldsV1 });
  }
  return [...sorted.filter((entry) => !old.includes(entry)), ...merged.values()].sort(compareEntries);
}

function compareEntries(a: ManagedFields, b: ManagedFields): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? "", b.time ?? "") ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource ?? "", b.subresource ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two lists say the same but for their times. */
export function isSameOwnership(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  const timeless = (list: unknown[]) =>
    new Map(list.map((entry) => [nameOf(entry as ManagedFields), (entry as ManagedFields).fieldsV1]));
  const [left, right] = [timeless(a), timeless(b)];
  return [...left].every(([name, fields]) => isEqual(fields, right.get(name)));
}

function nameOf({ manager, operation, apiVersion, subresource = "" }: ManagedFields): string {
  return JSON.stringify([manager, operation, apiVersion, subresource]);
}

/** The union of what everybody owns. */
export function ownedByAny(entries: readonly ManagedFields[]): FieldSet | undefined {
  return entries.reduce<FieldSet | undefined>((all, { fieldsV1 }) => union(all, fieldsV1), undefined);
}
