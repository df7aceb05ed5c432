import { isEqual, isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { badRequest } from "../status_error.ts";

type Fields = Record<string, unknown>;

const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";

/**
 * A strategic merge patch (sig-api-machinery/strategic-merge-patch.md): as a JSON merge patch, but lists whose schema
 * names a merge key are merged element by element, and directives (`$patch`, `$retainKeys`, `$setElementOrder/…`,
 * `$deleteFromPrimitiveList/…`) say what plain values cannot. The target may be changed.
 */
export function applyStrategicMerge(target: unknown, patch: unknown, schema: Schema | undefined): unknown {
  if (!isRecord(patch)) return patch;
  return mergeFields(isRecord(target) ? target : {}, patch, schema);
}

function mergeFields(target: Fields, patch: Fields, schema: Schema | undefined): Fields {
  const { $patch: directive, $retainKeys: retained, ...fields } = patch;
  if (directive === "replace") return fields;
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge") throw unknownDirective(directive);

  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith(orderPrefix) || key.startsWith(deletePrefix)) continue;
    const field = fieldSchema(schema, key);
    if (value === null) delete target[key];
    else if (Array.isArray(value)) target[key] = mergeList(target[key], value, fields, key, field);
    else if (isRecord(value)) target[key] = applyStrategicMerge(target[key], value, field);
    else target[key] = value;
  }
  // A list that is only reordered or only loses values appears in the patch by its directives alone.
  for (const key of directedKeys(fields)) {
    if (fields[key] === undefined && Array.isArray(target[key])) {
      target[key] = mergeList(target[key], [], fields, key, fieldSchema(schema, key));
    }
  }
  if (Array.isArray(retained)) {
    for (const key of Object.keys(target)) if (!retained.includes(key)) delete target[key];
  }
  return target;
}

function mergeList(
  current: unknown,
  patch: unknown[],
  siblings: Fields,
  key: string,
  schema: Schema | undefined,
): unknown[] {
  const order = siblings[`${orderPrefix}${key}`];
  const deleted = siblings[`${deletePrefix}${key}`];
  const isMerged = schema?.["x-kubernetes-patch-strategy"]?.split(",").includes("merge") ?? false;
  const mergeKey = schema?.["x-kubernetes-patch-merge-key"];
  const existing = Array.isArray(current) ? current : [];
  if (!isMerged) return patch;
  if (mergeKey === undefined) {
    const kept = Array.isArray(deleted) ? existing.filter((item) => !deleted.includes(item)) : existing;
    const added = patch.filter((item) => !kept.includes(item));
    return inOrder([...kept, ...added], order, existing, (item) => item);
  }
  const merged = mergeElements(existing, patch, mergeKey, schema);
  return inOrder(merged, order, existing, (item) => (isRecord(item) ? item[mergeKey] : undefined));
}

function mergeElements(
  existing: readonly unknown[],
  patch: readonly unknown[],
  mergeKey: string,
  schema: Schema | undefined,
): unknown[] {
  const elements = patch.map((element) => {
    if (!isRecord(element)) throw badRequest(`a list merged by "${mergeKey}" must hold objects only`);
    return element;
  });
  if (elements.some((element) => element.$patch === "replace")) {
    return elements.filter((element) => element.$patch !== "replace");
  }
  const result = [...existing];
  for (const element of elements) {
    if (!(mergeKey in element)) {
      throw badRequest(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
    }
    const index = indexOf(result, element, mergeKey, schema);
    if (element.$patch === "delete") {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(mergeFields({}, element, schema?.items));
    else result[index] = applyStrategicMerge(result[index], element, schema?.items);
  }
  return result;
}

/**
 * Which element a patch means: the one with the same merge key. Where several have it, as a Service's TCP and UDP port
 * of one number, the other keys of the list decide if the patch carries them.
 */
function indexOf(items: unknown[], element: Fields, mergeKey: string, schema: Schema | undefined): number {
  const others = (schema?.["x-kubernetes-list-map-keys"] ?? []).filter((key) => key !== mergeKey);
  const hasKey = (item: unknown): item is Fields =>
    isRecord(item) && isEqual(item[mergeKey], element[mergeKey]);
  const exact = items.findIndex(
    (item) => hasKey(item) && others.every((key) => element[key] === undefined || item[key] === element[key]),
  );
  const isAlone = items.filter(hasKey).length === 1;
  return exact < 0 && isAlone ? items.findIndex(hasKey) : exact;
}

/** Elements named by the order directive stand in its order; the others keep their place among them. */
function inOrder(
  items: unknown[],
  order: unknown,
  before: readonly unknown[],
  identity: (item: unknown) => unknown,
): unknown[] {
  if (!Array.isArray(order)) return items;
  const wanted = order.map(identity);
  const rankIn = (list: readonly unknown[], item: unknown) =>
    list.findIndex((each) => isEqual(each, identity(item)));
  const named = items.filter((item) => rankIn(wanted, item) >= 0);
  named.sort((a, b) => rankIn(wanted, a) - rankIn(wanted, b));
  const others = items.filter((item) => rankIn(wanted, item) < 0);
  const earlier = before.map(identity);
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const [other, name] = [rankIn(earlier, others[0]), rankIn(earlier, named[0])];
    result.push(other >= 0 && name >= 0 && other < name ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}

function directedKeys(fields: Fields): string[] {
  return Object.keys(fields).flatMap((key) =>
    [orderPrefix, deletePrefix]
      .filter((prefix) => key.startsWith(prefix))
      .map((prefix) => key.slice(prefix.length)),
  );
}

function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema?.properties !== undefined && Object.hasOwn(schema.properties, key))
    return schema.properties[key];
  return typeof schema?.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

function unknownDirective(directive: unknown): Error {
  return badRequest(
    `unrecognized patch directive: $patch: ${JSON.stringify(directive)}; allowed are "merge", "replace" and "delete"`,
  );
}
