import * as v from "valibot";
import type { KubeObject, ResourceType } from "#k8s/mod.ts";

/** What only the sandbox's controllers read and write, beside `resources` of `#k8s/mod.ts`. */
export const replicaSets: ResourceType = {
  group: "apps",
  version: "v1",
  plural: "replicasets",
  kind: "ReplicaSet",
  namespaced: true,
};
export const leases: ResourceType = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  kind: "Lease",
  namespaced: true,
};

/** The owner that manages an object (`controller: true`). */
export interface OwnerView {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface ObjectView {
  /** `namespace/name`, or `name` where the kind has no namespace: the informer's key. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Comparable as a number (KEP-5504). */
  readonly resourceVersion: bigint;
  readonly generation: number;
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner?: OwnerView | undefined;
  /** Has a deletionTimestamp. */
  readonly deleting: boolean;
}

const text = v.nullish(v.string(), "");
const count = (fallback: number) => v.nullish(v.pipe(v.number(), v.integer()), fallback);
const flag = v.nullish(v.boolean(), false);
export const stringMap = v.nullish(v.record(v.string(), v.string()), {});
export const list = <T extends v.GenericSchema>(item: T) => v.nullish(v.array(item), []);
export const scalars = { text, count, flag };

/** Reads a part of an object by its schema; says which object and which field where it does not fit. */
export function read<T extends v.GenericSchema>(
  schema: T,
  object: KubeObject,
  part: unknown,
): v.InferOutput<T> {
  const parsed = v.safeParse(schema, part ?? {});
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const where = `${object.kind ?? "object"} "${object.metadata.namespace ?? ""}/${object.metadata.name}"`;
  throw new Error(`Cannot read ${where}: ${v.getDotPath(issue) ?? "document"}: ${issue.message}`);
}

export function objectView(object: KubeObject): ObjectView {
  const { metadata } = object;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  const namespace = metadata.namespace ?? "";
  return {
    key: namespace ? `${namespace}/${metadata.name}` : metadata.name,
    namespace,
    name: metadata.name,
    uid: metadata.uid ?? "",
    resourceVersion: BigInt(metadata.resourceVersion ?? 0),
    generation: metadata.generation ?? 0,
    createdMs: Date.parse(metadata.creationTimestamp ?? "") || 0,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    owner: owner && { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid },
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

/** The reference that makes `owner` manage an object: garbage collection and `kubectl describe` follow it. */
export function controlledBy(owner: ObjectView, apiVersion: string, kind: string) {
  return [{ apiVersion, kind, name: owner.name, uid: owner.uid, controller: true, blockOwnerDeletion: true }];
}
