import type { KubeObject } from "#k8s/mod.ts";
import type { Kind, ScalePaths } from "../kinds/mod.ts";
import { isRecord, record } from "../object.ts";
import { builtInSchema, decodeAsGoType, pruneUnknown } from "../schema/mod.ts";
import { labelSelectorText } from "../selectors/mod.ts";
import { badRequest, noSuchPath, notFound } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { ApiContext, WriteOptions } from "./context.ts";
import { updateObject } from "./update.ts";

/** The `autoscaling/v1` Scale that the `scale` subresource shows of an object. */
export function scaleOf({ object }: Stored, kind: Kind): KubeObject {
  const paths = pathsOf(kind);
  const selector = paths.selector && read(object, paths.selector);
  const selectorText = isRecord(selector) ? labelSelectorText(selector) : selector;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: JSON.parse(JSON.stringify({ name, namespace, uid, resourceVersion, creationTimestamp })),
    spec: { replicas: read(object, paths.specReplicas) ?? 0 },
    status: {
      replicas: read(object, paths.statusReplicas) ?? 0,
      ...(typeof selectorText === "string" ? { selector: selectorText } : {}),
    },
  };
}

/** Writes the wanted number of a Scale into the object that it stands for. */
export function updateScale(
  context: ApiContext,
  kind: Kind,
  target: { namespace: string; name: string },
  change: (current: KubeObject) => unknown,
  options: WriteOptions,
): Stored {
  const { specReplicas } = pathsOf(kind);
  const existing = context.store.collection(kind.collection).get(target.namespace, target.name);
  if (existing === undefined) throw notFound(kind, target.name);
  const scale = change(scaleOf(existing, kind));
  if (!isRecord(scale)) throw badRequest("the body of the request must be a Scale");
  const schema = builtInSchema("V1Scale");
  pruneUnknown(scale, schema);
  decodeAsGoType(scale, schema, "Scale");
  const replicas = record(scale, "spec").replicas ?? 0;
  if (typeof replicas !== "number" || replicas < 0) {
    throw badRequest(`spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`);
  }
  const version = record(scale, "metadata").resourceVersion;
  return updateObject(
    context,
    kind,
    target,
    (current) => {
      if (version) current.metadata.resourceVersion = String(version);
      write(current, specReplicas, replicas);
      return current;
    },
    { ...options, as: "scale" },
  );
}

function pathsOf(kind: Kind): ScalePaths {
  if (kind.scale === undefined) throw noSuchPath();
  return kind.scale;
}

function read(object: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => (isRecord(value) ? value[step] : undefined), object);
}

function write(object: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let owner = object;
  for (const step of path.slice(0, -1)) {
    const next = owner[step];
    const child = isRecord(next) ? next : {};
    owner[step] = child;
    owner = child;
  }
  owner[path.at(-1) ?? ""] = value;
}
