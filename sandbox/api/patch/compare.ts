import { isEqual, isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { type FieldSet, fieldSet, leaf } from "./field_set.ts";
import { childSchema, isNamedField, itemStep, type Merging, mergingOf } from "./merging.ts";

/** What a write did: fields added or given another value, and fields taken away. */
export interface Comparison {
  readonly changed: FieldSet | undefined;
  readonly removed: FieldSet | undefined;
}

const same: Comparison = { changed: undefined, removed: undefined };

/**
 * Compares two values of a type, either of which may be absent (structured-merge-diff `TypedValue.Compare`). A struct
 * that comes into being is no field of its own in a built-in kind, as Go's zero value has it already.
 */
export function compare(before: unknown, after: unknown, schema: Schema | undefined): Comparison {
  if (before === after) return same;
  if (before === undefined) return { changed: wholeOf(after, schema), removed: undefined };
  if (after === undefined) return { changed: undefined, removed: wholeOf(before, schema) };
  const [left, right] = [mergingOf(before, schema), mergingOf(after, schema)];
  if (left.kind !== right.kind) {
    return { changed: wholeOf(after, schema), removed: wholeOf(before, schema) };
  }
  if (right.kind === "atomic") return isEqual(before, after) ? same : { changed: leaf, removed: undefined };
  return Array.isArray(after)
    ? compareItems(before as unknown[], after, right, schema)
    : compareFields(before as Record<string, unknown>, after as Record<string, unknown>, schema);
}

function compareFields(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  schema: Schema | undefined,
): Comparison {
  const difference = new Difference();
  for (const key in after) {
    if (after[key] !== undefined) {
      difference.add(`f:${key}`, compare(before[key], after[key], childSchema(schema, key)));
    }
  }
  for (const key in before) {
    if (before[key] !== undefined && after[key] === undefined) {
      difference.add(`f:${key}`, compare(before[key], undefined, childSchema(schema, key)));
    }
  }
  return difference.result();
}

function compareItems(
  before: readonly unknown[],
  after: readonly unknown[],
  merging: Merging,
  schema: Schema | undefined,
): Comparison {
  const old = new Map<string, unknown>();
  for (const item of before) {
    const step = itemStep(item, merging, schema);
    if (!old.has(step)) old.set(step, item);
  }
  const difference = new Difference();
  // An element that is there twice counts as its first.
  const seen = new Set<string>();
  for (const item of after) {
    const step = itemStep(item, merging, schema);
    if (seen.has(step)) continue;
    seen.add(step);
    if (!old.has(step)) difference.add(step, { changed: itemOf(item, schema), removed: undefined });
    else if (merging.kind === "map") difference.add(step, compare(old.get(step), item, schema?.items));
    old.delete(step);
  }
  for (const [step, item] of old) {
    difference.add(step, { changed: undefined, removed: itemOf(item, schema) });
  }
  return difference.result();
}

class Difference {
  readonly #changed: Record<string, FieldSet> = {};
  readonly #removed: Record<string, FieldSet> = {};

  add(step: string, { changed, removed }: Comparison): void {
    if (changed !== undefined) this.#changed[step] = changed;
    if (removed !== undefined) this.#removed[step] = removed;
  }

  result(): Comparison {
    return { changed: fieldSet(false, this.#changed), removed: fieldSet(false, this.#removed) };
  }
}

/** A value that is new or gone, with all that is in it: each map and list is a field too. */
function wholeOf(value: unknown, schema: Schema | undefined): FieldSet | undefined {
  const merging = mergingOf(value, schema);
  if (merging.kind === "atomic") return leaf;
  const below: Record<string, FieldSet> = {};
  if (Array.isArray(value)) {
    for (const item of value) below[itemStep(item, merging, schema)] = itemOf(item, schema);
    return fieldSet(true, below);
  }
  const entries = value as Record<string, unknown>;
  for (const key in entries) {
    const child = entries[key] === undefined ? undefined : wholeOf(entries[key], childSchema(schema, key));
    if (child !== undefined) below[`f:${key}`] = child;
  }
  return fieldSet(schema?.typeName === undefined, below);
}

function itemOf(item: unknown, schema: Schema | undefined): FieldSet {
  const { ".": _itself, ...below } = wholeOf(item, schema?.items) ?? leaf;
  return fieldSet(true, below) ?? leaf;
}

/** The fields that an applied configuration speaks of (structured-merge-diff `ToFieldSet`). */
export function fieldSetOf(value: unknown, schema: Schema | undefined): FieldSet | undefined {
  const merging = mergingOf(value, schema);
  if (merging.kind === "atomic") return leaf;
  const below: Record<string, FieldSet> = {};
  if (Array.isArray(value)) {
    for (const item of value) {
      const { ".": _itself, ...inside } = fieldSetOf(item, schema?.items) ?? leaf;
      below[itemStep(item, merging, schema)] = fieldSet(true, inside) ?? leaf;
    }
    return fieldSet(false, below);
  }
  const entries = value as Record<string, unknown>;
  for (const key in entries) {
    const child = entries[key];
    if (child === undefined) continue;
    const inside = fieldSetOf(child, childSchema(schema, key));
    const isEmpty = isRecord(child) && Object.keys(child).length === 0;
    const { ".": _itself, ...deeper } = inside ?? {};
    const isItself = isEmpty || inside === leaf || !isNamedField(schema, key);
    const set = inside === undefined && !isItself ? undefined : fieldSet(isItself, deeper);
    if (set !== undefined) below[`f:${key}`] = set;
  }
  return fieldSet(false, below);
}
