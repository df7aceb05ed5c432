/**
 * The cluster's API: a small client on Bun's `fetch`, informers, events and the parsers at the door.
 *
 * ```ts
 * const { client } = await connectKubernetes({ userAgent: "metallb/0.1.0" });
 * const services = createInformer(client, { resource: resources.services, project: serviceView, log, signal });
 * services.subscribe({ changed: (after) => console.log(after.name), removed: () => {} });
 * await services.whenSynced();
 * ```
 *
 * Limits: JSON only; lists page by page (500); no resync, for the watch is the truth and a stalled one is noticed.
 */
export { backoffMs } from "./backoff.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export { type Component, ConfigurationStateWriter, type Verdict } from "./configuration_state/mod.ts";
export { type Connection, type ConnectOptions, connectKubernetes } from "./connect.ts";
export { ApiContact, type Denial, effectOf } from "./contact/mod.ts";
export { EndpointIndex } from "./endpoint_index.ts";
export { EventRecorder, type EventSubject, type RecorderOptions } from "./events.ts";
export { createInformer, type InformerOptions } from "./informer.ts";
export { defaultLeaseMs, LeaseElector, leaseMsMin, podOf, type Role, timingOf } from "./lease/mod.ts";
export type { Logger } from "./logger.ts";
export { PathAccess } from "./path_access.ts";
export { isOlderVersion } from "./resource_version.ts";
export { labelOfNode, type ServiceL2Announcement, ServiceL2Statuses } from "./service_l2_statuses.ts";
export type { ReviewedIdentity } from "./token_access.ts";
export { TokenBucket } from "./token_bucket.ts";
export { TokenReviewer, type TokenReviewerOptions } from "./token_reviewer.ts";
export * from "./types.ts";
export * from "./views/mod.ts";
