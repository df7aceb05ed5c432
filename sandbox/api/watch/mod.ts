/**
 * Watches: what exists or what was missed first, then every change that the selectors let through, bookmarks once a
 * minute, and an end at the timeout.
 *
 * ```ts
 * const hub = new WatchHub(systemScheduler, () => store.revision);
 * const queue = new WatchQueue();
 * const stop = hub.open(store.collection("pods"), request, queue);
 * for await (const notice of queue) console.log(notice.type);
 * ```
 */
export { type Scheduler, systemScheduler } from "./scheduler.ts";
export { WatchHub, type WatchNotice, type WatchRequest, type WatchSink } from "./watch_hub.ts";
export { WatchQueue } from "./watch_queue.ts";
export { watchStream } from "./watch_stream.ts";
