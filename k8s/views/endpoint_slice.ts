import * as v from "valibot";
import type { EndpointView } from "#core/service/mod.ts";
import type { KubeObject } from "../types.ts";
import { flag, readShape, text, textMap, texts } from "./shape.ts";

/** One EndpointSlice: the Service it belongs to and its endpoints. */
export interface EndpointSliceView {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`; absent without the label kubernetes.io/service-name. */
  readonly service?: string;
  readonly endpoints: readonly EndpointView[];
}

const endpointSliceSchema = v.object({
  metadata: v.object({ namespace: v.string(), name: v.string(), labels: textMap }),
  endpoints: v.nullish(
    v.array(
      v.object({
        addresses: texts,
        nodeName: text,
        conditions: v.nullish(v.object({ ready: flag, serving: flag }), {}),
      }),
    ),
    [],
  ),
});

export function endpointSliceView(object: KubeObject): EndpointSliceView {
  const { metadata, endpoints } = readShape(endpointSliceSchema, object);
  const owner = metadata.labels["kubernetes.io/service-name"];
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    ...(owner && { service: `${metadata.namespace}/${owner}` }),
    endpoints: endpoints.map(({ addresses, nodeName, conditions }) => ({
      addresses,
      ...(nodeName && { nodeName }),
      canServe: (conditions.ready ?? true) || conditions.serving === true,
    })),
  };
}
