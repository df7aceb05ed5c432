import * as v from "valibot";
import type { EndpointView, ServiceView } from "#core/service/mod.ts";
import type { KubeObject } from "../types.ts";
import { type EndpointSliceView, endpointSliceView } from "./endpoint_slice.ts";
import { readShape, text, textMap } from "./shape.ts";

/**
 * Services and endpoints as a speaker keeps them: it holds all of the cluster's, and needs little of each. What is not
 * asked for by announcing is empty, and what many have in common is held once.
 */
const none: readonly never[] = [];
const nothing: Readonly<Record<string, string>> = {};

const announcedSchema = v.object({
  metadata: v.object({
    namespace: v.string(),
    name: v.string(),
    uid: v.string(),
    labels: textMap,
    annotations: textMap,
  }),
  spec: v.object({
    type: v.nullish(v.string(), "ClusterIP"),
    loadBalancerClass: text,
    externalTrafficPolicy: v.nullish(v.picklist(["Cluster", "Local"]), "Cluster"),
  }),
  status: v.nullish(
    v.object({
      loadBalancer: v.nullish(v.object({ ingress: v.nullish(v.array(v.object({ ip: text })), []) }), {}),
    }),
    {},
  ),
});

/** Who it is, its class, labels, our annotations and its addresses; of another type than LoadBalancer only who it is. */
export function announcedServiceView(object: KubeObject): ServiceView {
  const { metadata, spec, status } = readShape(announcedSchema, object);
  const isLoadBalancer = spec.type === "LoadBalancer";
  const { ingress } = status.loadBalancer;
  return {
    namespace: shared(metadata.namespace),
    name: metadata.name,
    uid: isLoadBalancer ? metadata.uid : "",
    creationTimestampMs: 0,
    labels: isLoadBalancer && Object.keys(metadata.labels).length > 0 ? metadata.labels : nothing,
    annotations: isLoadBalancer ? ownAnnotations(metadata.annotations) : nothing,
    type: shared(spec.type),
    ...(spec.loadBalancerClass && { loadBalancerClass: shared(spec.loadBalancerClass) }),
    clusterIPs: none,
    ipFamilies: none,
    ipFamilyPolicy: "SingleStack",
    externalTrafficPolicy: spec.externalTrafficPolicy === "Local" ? "Local" : "Cluster",
    selector: nothing,
    ports: none,
    ingress: isLoadBalancer && ingress ? ingress.flatMap(({ ip }) => (ip ? [ip] : [])) : none,
  };
}

/** One endpoint for each node that can serve, which stands for all of its there; their addresses are not kept. */
export function announcedSliceView(object: KubeObject): EndpointSliceView {
  const { namespace, name, service, endpoints } = endpointSliceView(object);
  const serving = new Set(
    endpoints
      .filter(({ canServe, addresses }) => canServe && addresses.length > 0)
      .map(({ nodeName }) => nodeName),
  );
  return {
    namespace: shared(namespace),
    name,
    ...(service !== undefined && { service }),
    endpoints: servingOnAll(serving),
  };
}

function ownAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = Object.entries(annotations).filter(
    ([name]) => name.startsWith("metallb.io/") || name.startsWith("metallb.universe.tf/"),
  );
  if (own.length === 0) return nothing;
  // Often only the pool, which many have in common.
  const key = JSON.stringify(own);
  const known = sharedAnnotations.get(key);
  if (known) return known;
  const kept = Object.fromEntries(own.map(([name, value]) => [name, shared(value)]));
  if (sharedAnnotations.size < annotationsMax) sharedAnnotations.set(key, kept);
  return kept;
}

const annotationsMax = 512;
const sharedAnnotations = new Map<string, Readonly<Record<string, string>>>();
const sharedMax = 8_192;
const sharedTexts = new Map<string, string>();

/** The first copy of a text that comes again and again: each that JSON brings is a string of its own. */
function shared(value: string): string {
  const known = sharedTexts.get(value);
  if (known !== undefined) return known;
  if (sharedTexts.size < sharedMax) sharedTexts.set(value, value);
  return value;
}

/** An endpoint counts while it has an address; which one is asked by nobody. */
const someAddress: readonly string[] = ["(not kept)"];
const anywhere: EndpointView = { addresses: someAddress, canServe: true };
const perNode = new Map<string, EndpointView>();
const perNodes = new Map<string, readonly EndpointView[]>();

/** Services whose endpoints are on the same nodes have the same list. */
function servingOnAll(nodes: ReadonlySet<string | undefined>): readonly EndpointView[] {
  if (nodes.size === 0) return none;
  const sorted = [...nodes].sort();
  const key = sorted.map((node) => node ?? "").join();
  const known = perNodes.get(key);
  if (known) return known;
  const views = sorted.map(servingOn);
  if (perNodes.size < sharedMax) perNodes.set(key, views);
  return views;
}

function servingOn(nodeName: string | undefined): EndpointView {
  if (nodeName === undefined) return anywhere;
  const known = perNode.get(nodeName);
  if (known) return known;
  const view = { addresses: someAddress, nodeName, canServe: true };
  if (perNode.size < sharedMax) perNode.set(nodeName, view);
  return view;
}
