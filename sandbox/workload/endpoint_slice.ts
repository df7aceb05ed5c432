import * as v from "valibot";
import { type KubeObject, resources } from "#k8s/mod.ts";
import { controlledBy, list, type ObjectView, objectView, read, scalars } from "./objects.ts";
import type { SelectingServiceView } from "./service.ts";

const { text, count, flag } = scalars;
export const serviceNameLabel = "kubernetes.io/service-name";
const managedByLabel = "endpointslice.kubernetes.io/managed-by";
const manager = "endpointslice-controller.k8s.io";

/** An EndpointSlice (discovery.k8s.io/v1) that this controller keeps. */
export interface OwnSliceView extends ObjectView {
  /** Key of the Service; undefined for a slice that somebody else keeps. */
  readonly service?: string | undefined;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface SlicePort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly appProtocol: string;
}

export interface SliceEndpoint {
  readonly address: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly nodeName: string;
  readonly pod: { readonly name: string; readonly uid: string };
}

/** What a slice must hold. */
export interface SliceContent {
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

const portSchema = v.object({
  name: text,
  protocol: v.nullish(v.string(), "TCP"),
  port: count(0),
  appProtocol: text,
});
const endpointSchema = v.object({
  addresses: list(v.string()),
  conditions: v.nullish(v.object({ ready: flag, serving: flag, terminating: flag }), {}),
  nodeName: text,
  targetRef: v.nullish(v.object({ name: text, uid: text }), {}),
});

export function ownSliceView(object: KubeObject): OwnSliceView {
  const view = objectView(object);
  const service = view.labels[serviceNameLabel];
  return {
    ...view,
    service: service && view.labels[managedByLabel] === manager ? `${view.namespace}/${service}` : undefined,
    ports: read(list(portSchema), object, object.ports ?? []),
    endpoints: read(list(endpointSchema), object, object.endpoints ?? []).map((endpoint) => ({
      address: endpoint.addresses[0] ?? "",
      ...endpoint.conditions,
      nodeName: endpoint.nodeName,
      pod: endpoint.targetRef,
    })),
  };
}

/** The Service's labels and the two that belong to a slice. */
export function sliceLabels(service: SelectingServiceView): Record<string, string> {
  return {
    ...service.labels,
    ...(service.isHeadless && { "service.kubernetes.io/headless": "" }),
    [serviceNameLabel]: service.name,
    [managedByLabel]: manager,
  };
}

export function sliceOf(service: SelectingServiceView, content: SliceContent, suffix: string): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: resources.endpointSlices.kind,
    metadata: {
      name: `${service.name}-${suffix}`,
      generateName: `${service.name}-`,
      namespace: service.namespace,
      labels: sliceLabels(service),
      ownerReferences: controlledBy(service, "v1", "Service"),
    },
    addressType: "IPv4",
    ...sliceFields(service.namespace, content),
  };
}

/** `ports` and `endpoints` as they stand in the object; lists are always written whole. */
export function sliceFields(namespace: string, { ports, endpoints }: SliceContent) {
  return {
    ports: ports.map(({ appProtocol, ...port }) => ({ ...port, ...(appProtocol && { appProtocol }) })),
    endpoints: endpoints.map(({ address, ready, serving, terminating, nodeName, pod }) => ({
      addresses: [address],
      conditions: { ready, serving, terminating },
      ...(nodeName && { nodeName }),
      targetRef: { kind: "Pod", namespace, name: pod.name, uid: pod.uid },
    })),
  };
}
