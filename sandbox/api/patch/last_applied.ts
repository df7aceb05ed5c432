import type { KubeObject } from "#k8s/mod.ts";
import { isRecord } from "../object.ts";
import type { Schema } from "../schema/mod.ts";
import { compare, fieldSetOf } from "./compare.ts";
import { difference, type FieldSet, union } from "./field_set.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";

export function hasLastApplied({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotation] !== undefined;
}

/**
 * The fields that kubectl's client-side apply set and that still are as it set them: kubectl may take these over
 * without asking when it goes on by server-side apply (apiserver `lastAppliedManager`).
 */
export function lastAppliedFields(live: KubeObject | undefined, schema: Schema): FieldSet | undefined {
  const text = live?.metadata.annotations?.[annotation];
  const configuration = text === undefined ? undefined : parsed(text);
  if (configuration === undefined) return undefined;
  const { changed, removed } = compare(configuration, live, schema);
  return difference(fieldSetOf(configuration, schema), union(changed, removed));
}

/** Keeps the annotation in step, so that a client-side apply may follow again (apiserver `lastAppliedUpdater`). */
export function setLastApplied(object: KubeObject, applied: KubeObject): void {
  const { managedFields: _managed, annotations, ...metadata } = applied.metadata;
  const { [annotation]: _last, ...others } = annotations ?? {};
  const configuration = { ...applied, metadata: { ...metadata, annotations: others } };
  object.metadata.annotations = {
    ...object.metadata.annotations,
    [annotation]: `${JSON.stringify(configuration)}\n`,
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
