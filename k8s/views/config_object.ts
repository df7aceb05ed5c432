import * as v from "valibot";
import type { Resource } from "#core/config/mod.ts";
import type { KubeObject } from "../types.ts";
import { readShape, text, textMap } from "./shape.ts";

/** A metallb.io object for core/config, with what an event about it or a write to it needs. */
export interface ConfigObject extends Resource {
  readonly apiVersion: string;
  readonly metadata: Resource["metadata"] & { readonly uid: string };
  /** As stored; compared before it is written. */
  readonly status?: unknown;
}

const configSchema = v.object({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.object({
    name: v.string(),
    namespace: text,
    uid: v.string(),
    labels: textMap,
    annotations: textMap,
    generation: v.nullish(v.number()),
    creationTimestamp: text,
  }),
  spec: v.optional(v.unknown()),
  status: v.optional(v.unknown()),
});

export function configObject(object: KubeObject): ConfigObject {
  const { metadata, ...rest } = readShape(configSchema, object);
  const { namespace, generation, creationTimestamp, ...named } = metadata;
  return {
    ...rest,
    metadata: {
      ...named,
      ...(namespace && { namespace }),
      ...(typeof generation === "number" && { generation }),
      ...(creationTimestamp && { creationTimestamp }),
    },
  };
}
