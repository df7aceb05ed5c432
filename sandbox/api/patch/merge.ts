import { isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { type FieldSet, isMember } from "./field_set.ts";
import { childSchema, isNamedField, itemStep, type Merging, mergingOf } from "./merging.ts";

/** Lays an applied value over the live one (structured-merge-diff `Merge`); `live` may be changed, a null removes. */
export function merge(live: unknown, applied: unknown, schema: Schema | undefined): unknown {
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
  return mergeItems(live, applied, merging, schema);
}

/** The applied elements in the order of the configuration; those of others stay behind what they stood behind. */
function mergeItems(
  live: readonly unknown[],
  applied: readonly unknown[],
  merging: Merging,
  schema: Schema | undefined,
): unknown[] {
  const wanted = new Map(applied.map((item) => [itemStep(item, merging, schema), item]));
  const known = new Map<string, unknown>();
  for (const item of live) {
    const step = itemStep(item, merging, schema);
    if (!known.has(step)) known.set(step, item);
  }
  const result: unknown[] = [];
  const pending = [...wanted.keys()];
  const take = (step: string) => {
    const item = wanted.get(step);
    result.push(
      known.has(step) && merging.kind === "map" ? merge(known.get(step), item, schema?.items) : item,
    );
  };
  for (const item of live) {
    const step = itemStep(item, merging, schema);
    if (!wanted.has(step)) result.push(item);
    // A shared element is reached: everything that is to stand before it, and itself, comes now.
    else if (pending.includes(step))
      for (const each of pending.splice(0, pending.indexOf(step) + 1)) take(each);
  }
  for (const step of pending) take(step);
  return result;
}

/**
 * Takes out of `live` what an applier named before (`dropped`) and nobody owns any longer (structured-merge-diff
 * `prune`). A struct goes with all that is in it once nobody owns anything of it.
 */
export function removeDropped(
  live: unknown,
  dropped: FieldSet,
  owned: FieldSet | undefined,
  schema: Schema | undefined,
): void {
  for (const step in dropped) {
    const below = dropped[step];
    if (step === "." || below === undefined) continue;
    const holder = owned?.[step];
    if (step.startsWith("f:") && isRecord(live)) {
      const key = step.slice(2);
      const isNamed = isNamedField(schema, key);
      const goes = (isNamed || isMember(below)) && !(holder && (isNamed || isMember(holder)));
      if (goes) delete live[key];
      else removeDropped(live[key], below, holder, childSchema(schema, key));
    } else if (Array.isArray(live)) {
      const merging = mergingOf(live, schema);
      const index = live.findIndex((item) => itemStep(item, merging, schema) === step);
      if (index < 0) continue;
      if (isMember(below) && !(holder && isMember(holder))) live.splice(index, 1);
      else removeDropped(live[index], below, holder, schema?.items);
    }
  }
}
