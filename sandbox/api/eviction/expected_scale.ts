import type { KubeObject } from "#k8s/mod.ts";
import { apiVersionOf, type Kind } from "../kinds/mod.ts";
import { isRecord } from "../object.ts";
import type { ApiContext } from "../operations/mod.ts";
import type { ExpectedScale } from "./budget.ts";

/**
 * How many pods the controllers of these pods want, each controller counted once. Pods without a controller count for
 * nothing; a controller that cannot be scaled makes the sum unknown, as it does in a real cluster.
 */
export function expectedScale(context: ApiContext, pods: readonly KubeObject[]): ExpectedScale {
  const wanted = new Map<string, number>();
  for (const pod of pods) {
    const first = controllerOf(context, pod);
    if (first === undefined) continue;
    if (first === "gone") return notFound(pod);
    const second = controllerOf(context, first.object);
    const { kind, object } = second === undefined || second === "gone" ? first : second;
    const replicas = kind.scale && numberAt(object, kind.scale.specReplicas);
    if (replicas === undefined) return notFound(pod);
    wanted.set(String(object.metadata.uid), replicas);
  }
  return { replicas: [...wanted.values()].reduce((sum, each) => sum + each, 0) };
}

function notFound({ metadata }: KubeObject): ExpectedScale {
  return { unknown: `found no controllers for pod "${metadata.name}"` };
}

/** Who controls it; "gone" for one that is named and not there (any more). */
function controllerOf(
  { store, registry }: ApiContext,
  { metadata }: KubeObject,
): { kind: Kind; object: KubeObject } | "gone" | undefined {
  const reference = metadata.ownerReferences?.find((each) => each.controller === true);
  if (reference === undefined) return undefined;
  for (const kind of registry.all()) {
    if (kind.kind !== reference.kind || apiVersionOf(kind) !== reference.apiVersion) continue;
    const namespace = kind.namespaced ? (metadata.namespace ?? "") : "";
    const object = store.collection(kind.collection).get(namespace, reference.name)?.object;
    if (object?.metadata.uid === reference.uid) return { kind, object };
  }
  return "gone";
}

function numberAt(object: KubeObject, path: readonly string[]): number | undefined {
  let value: unknown = object;
  for (const step of path) value = isRecord(value) ? value[step] : undefined;
  return typeof value === "number" ? value : undefined;
}
