/**
 * Kubernetes JSON to our own types, once, at the door: an object is understood whole or refused in words
 * ({@link ShapeError}). Each schema is also the projection: a field that it does not name is not kept.
 */
export { announcedServiceView, announcedSliceView } from "./announced.ts";
export { type ConfigObject, configObject } from "./config_object.ts";
export { type EndpointSliceView, endpointSliceView } from "./endpoint_slice.ts";
export { type EventView, eventView } from "./event.ts";
export { type NamespaceView, namespaceView } from "./namespace.ts";
export { nodeView } from "./node.ts";
export { type PodView, podView } from "./pod.ts";
export { secretFacts } from "./secret.ts";
export { serviceView, type VersionedService } from "./service.ts";
export { type ServiceL2StatusView, serviceL2StatusView } from "./service_l2_status.ts";
export { ShapeError } from "./shape.ts";
