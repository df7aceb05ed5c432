import type { Kind } from "../kinds/mod.ts";
import {
  type FieldSelector,
  type LabelSelector,
  parseFieldSelector,
  parseLabelSelector,
} from "../selectors/mod.ts";
import { expired } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { ApiContext } from "./context.ts";

/** What narrows a list or a watch. */
export interface Selection {
  /** All where absent. */
  readonly namespace: string | undefined;
  readonly labels: LabelSelector | undefined;
  readonly fields: FieldSelector | undefined;
}

export function selectionOf(
  kind: Kind,
  namespace: string | undefined,
  labelSelector: string,
  fieldSelector: string,
): Selection {
  return {
    namespace: kind.namespaced ? namespace : "",
    labels: parseLabelSelector(labelSelector),
    fields: parseFieldSelector(fieldSelector, kind.selectableFields),
  };
}

/** As of now, or as it was at `revision`; throws 410 where that is forgotten. */
export function listObjects(
  context: ApiContext,
  kind: Kind,
  selection: Selection,
  revision?: number,
): Stored[] {
  const { labels, fields } = selection;
  const namespace = selection.namespace ?? fields?.namespace;
  const collection = context.store.collection(kind.collection);
  if (fields?.name !== undefined && namespace !== undefined && revision === undefined) {
    const only = collection.get(namespace, fields.name);
    return only && matches(only, selection) ? [only] : [];
  }
  const all = revision === undefined ? collection.list(namespace) : collection.listAt(revision, namespace);
  if (all === undefined) throw expired("The resourceVersion for the provided list is too old.");
  return labels || fields ? all.filter((stored) => matches(stored, selection)) : all;
}

function matches({ object }: Stored, { labels, fields }: Selection): boolean {
  return (!labels || labels(object.metadata.labels)) && (!fields || fields.matches(object));
}
