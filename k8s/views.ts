import type { Resource } from "#core/config/mod.ts";
import type { EndpointView, NodeView, ServiceView } from "#core/service/mod.ts";
import type { KubeObject } from "./types.ts";

/** An object of the cluster that does not have the shape its kind promises: which, where, found and wanted. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** A Service with what a write needs: its resourceVersion is the precondition. */
export interface VersionedService extends ServiceView {
  readonly resourceVersion: string;
}

/** One EndpointSlice: the Service it belongs to and its endpoints. */
export interface EndpointSliceView {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name`; undefined without the label kubernetes.io/service-name. */
  readonly service?: string;
  readonly endpoints: readonly EndpointView[];
}

export interface NamespaceView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly nodeName?: string;
  readonly podIP?: string;
  readonly ready: boolean;
}

export function serviceView(_object: KubeObject): VersionedService {
  throw new ShapeError("Not built yet");
}

export function endpointSliceView(_object: KubeObject): EndpointSliceView {
  throw new ShapeError("Not built yet");
}

export function nodeView(_object: KubeObject): NodeView {
  throw new ShapeError("Not built yet");
}

export function namespaceView(_object: KubeObject): NamespaceView {
  throw new ShapeError("Not built yet");
}

export function podView(_object: KubeObject): PodView {
  throw new ShapeError("Not built yet");
}

/** A metallb.io object for core/config, with what an event about it needs. */
export interface ConfigObject extends Resource {
  readonly apiVersion: string;
  readonly uid: string;
}

export function configObject(_object: KubeObject): ConfigObject {
  throw new ShapeError("Not built yet");
}
