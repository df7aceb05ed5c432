import * as v from "valibot";
import type { KubeObject } from "#k8s/mod.ts";
import { list, type ObjectView, objectView, read, scalars, stringMap } from "./objects.ts";

const { text, count, flag } = scalars;

/** What EndpointSlices are made from, of a Service (core/v1). */
export interface SelectingServiceView extends ObjectView {
  /** Empty for a Service whose endpoints somebody else writes. */
  readonly selector: Readonly<Record<string, string>>;
  readonly isHeadless: boolean;
  readonly hasIpv4: boolean;
  readonly publishNotReadyAddresses: boolean;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: string;
    readonly appProtocol: string;
    /** A port number, or the name of a container port. */
    readonly target: number | string;
  }[];
}

const specSchema = v.object({
  type: text,
  selector: stringMap,
  clusterIP: text,
  ipFamilies: v.nullish(v.array(v.string()), ["IPv4"]),
  publishNotReadyAddresses: flag,
  ports: list(
    v.object({
      name: text,
      protocol: v.nullish(v.string(), "TCP"),
      appProtocol: text,
      port: count(0),
      targetPort: v.nullish(v.union([v.number(), v.string()])),
    }),
  ),
});

export function selectingServiceView(object: KubeObject): SelectingServiceView {
  const spec = read(specSchema, object, object.spec);
  return {
    ...objectView(object),
    selector: spec.type === "ExternalName" ? {} : spec.selector,
    isHeadless: spec.clusterIP === "None",
    hasIpv4: spec.ipFamilies.includes("IPv4"),
    publishNotReadyAddresses: spec.publishNotReadyAddresses,
    ports: spec.ports.map(({ name, protocol, appProtocol, port, targetPort }) => ({
      name,
      protocol,
      appProtocol,
      target: targetPort || port,
    })),
  };
}
