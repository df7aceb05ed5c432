import * as v from "valibot";
import type { KubeObject } from "../types.ts";

/** An object of the cluster that does not have the shape its kind promises: which, where, found and wanted. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** The object by its schema, cut down to what the schema names; all issues in one {@link ShapeError}. */
export function readShape<Schema extends v.GenericSchema>(
  schema: Schema,
  object: KubeObject,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, object);
  if (result.success) return result.output;
  const { kind = "object", metadata } = object;
  const name = [metadata?.namespace, metadata?.name].filter((part) => part).join("/");
  const details = result.issues.map((issue) => `${v.getDotPath(issue) ?? "object"}: ${issue.message}`);
  throw new ShapeError(`Cannot read ${kind} "${name}": ${details.slice(0, 5).join("; ")}`);
}

/** Optional fields of Kubernetes JSON are absent or null; both mean the default. */
export const textMap = v.nullish(v.record(v.string(), v.string()), {});
export const texts = v.nullish(v.array(v.string()), []);
export const text = v.nullish(v.string());
export const flag = v.nullish(v.boolean());
