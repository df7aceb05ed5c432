import { type Clock, systemClock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { TokenBucket } from "./token_bucket.ts";
import { type KubeClient, KubeError, type KubeObject, resources } from "./types.ts";

/** The object an event is about (core/v1 ObjectReference). */
export interface EventSubject {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
}

export interface RecorderOptions {
  /** `metallb-controller` or `metallb-speaker`. */
  component: string;
  /** Node name, where the event comes from one node. */
  host?: string | undefined;
  log: Logger;
  clock?: Clock;
  /** What is not sent when it aborts is dropped: another tells from then on. */
  signal?: AbortSignal;
}

type EventType = "Normal" | "Warning";

/** One event that was or will be written; alike ones after it only raise its count. */
interface Recorded {
  subject: EventSubject;
  type: EventType;
  reason: string;
  message: string;
  count: number;
  firstAt: number;
  lastAt: number;
  /** Of the object in the cluster, once created. */
  name?: string;
  /** In the queue or in a sender's hands: one at a time, or its count would be written out of order. */
  isQueued: boolean;
}

/** client-go's spam filter: 25 events about one object at once, then one in five minutes. */
const burstPerObject = 25;
const refillPerObjectMs = 300_000;
/** One more than the Services to design for, each with one event in the first minute. */
const queueMax = 10_000;
/** The API server forgets events after an hour; so do we. */
const forgetAfterMs = 3_600_000;
const rememberedMax = 20_000;
const sendersMax = 4;

/** Writes core/v1 Events, aggregated and limited in rate; never blocks and never rejects. */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #options: RecorderOptions;
  readonly #clock: Clock;
  /** In the order of their last use, so that the first is the one to forget. */
  readonly #recorded = new Map<string, Recorded>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #queue: Recorded[] = [];
  #senders = 0;
  #dropped = 0;
  #idle = Promise.withResolvers<void>();

  constructor(client: KubeClient, options: RecorderOptions) {
    this.#client = client;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  record(subject: EventSubject, type: EventType, reason: string, message: string): void {
    const now = this.#clock.now();
    const about = `${subject.kind}/${subject.namespace ?? ""}/${subject.name}/${subject.uid ?? ""}`;
    if (!this.#bucket(about, now).take(now)) return;
    const key = `${about}/${type}/${reason}/${message}`;
    let event = this.#recorded.get(key);
    if (event && now - event.lastAt > forgetAfterMs) event = undefined;
    event ??= { subject, type, reason, message, count: 0, firstAt: now, lastAt: now, isQueued: false };
    event.count++;
    event.lastAt = now;
    this.#recorded.delete(key);
    this.#recorded.set(key, event);
    this.#forget(now);
    this.#enqueue(event);
  }

  /** How much is held of what was told. */
  get remembered(): { events: number; limits: number } {
    return { events: this.#recorded.size, limits: this.#buckets.size };
  }

  /** Resolves when everything recorded so far was sent or dropped. */
  flush(): Promise<void> {
    return this.#senders === 0 ? Promise.resolve() : this.#idle.promise;
  }

  #bucket(about: string, now: number): TokenBucket {
    const bucket = this.#buckets.get(about) ?? new TokenBucket(burstPerObject, refillPerObjectMs, now);
    this.#buckets.delete(about);
    this.#buckets.set(about, bucket);
    trim(this.#buckets, rememberedMax);
    return bucket;
  }

  /** In the order of their last use: the first that is not too old ends the search. */
  #forget(now: number): void {
    trim(this.#recorded, rememberedMax);
    for (const [key, { lastAt, isQueued }] of this.#recorded) {
      if (isQueued || now - lastAt <= forgetAfterMs) break;
      this.#recorded.delete(key);
    }
    for (const [about, bucket] of this.#buckets) {
      if (!bucket.isFull(now)) break;
      this.#buckets.delete(about);
    }
  }

  #enqueue(event: Recorded): void {
    if (event.isQueued) return;
    if (this.#queue.length >= queueMax) {
      if (this.#dropped++ === 0) this.#options.log.warn("the event queue is full, dropping", { queueMax });
      return;
    }
    event.isQueued = true;
    this.#queue.push(event);
    if (this.#senders < sendersMax) this.#runSender();
  }

  #runSender(): void {
    if (this.#senders++ === 0) this.#idle = Promise.withResolvers<void>();
    this.#sendAll().finally(() => {
      if (--this.#senders === 0) this.#idle.resolve();
    });
  }

  async #sendAll(): Promise<void> {
    const { signal } = this.#options;
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      if (signal?.aborted) break;
      const { count } = event;
      try {
        await this.#send(event);
      } catch (error) {
        // An event is a courtesy: it is worth one try, and a line in the log.
        if (signal?.aborted) break;
        const { subject, reason, message } = event;
        const object = `${subject.kind} ${subject.namespace ?? ""}/${subject.name}`;
        this.#options.log.warn("cannot write an event", { object, reason, message, error: String(error) });
      }
      event.isQueued = false;
      if (event.count > count) this.#enqueue(event);
    }
    this.#dropped = 0;
  }

  async #send(event: Recorded): Promise<void> {
    const { name, count } = event;
    if (name !== undefined) {
      const target = { name, namespace: namespaceOf(event) };
      try {
        await this.#client.patch(resources.events, target, "merge", {
          count,
          lastTimestamp: iso(event.lastAt),
        });
        return;
      } catch (error) {
        // Forgotten by the server: write it again as a new one.
        if (!(error instanceof KubeError) || error.code !== 404) throw error;
      }
    }
    const object = this.#toObject(event);
    await this.#client.create(resources.events, object);
    event.name = object.metadata.name;
  }

  #toObject(event: Recorded): KubeObject {
    const { subject, type, reason, message, count, firstAt, lastAt } = event;
    const { component, host } = this.#options;
    const { apiVersion, kind, name, namespace, uid } = subject;
    // As client-go names them: the object's name and a number that does not come twice.
    const suffix = BigInt(this.#clock.now()) * 1_000_000n + BigInt(Math.floor(this.#clock.random() * 1e6));
    const hex = suffix.toString(16);
    return {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: `${name.slice(0, 253 - hex.length - 1)}.${hex}`, namespace: namespaceOf(event) },
      involvedObject: { apiVersion, kind, name, ...(namespace && { namespace }), ...(uid && { uid }) },
      type,
      reason,
      message: message.slice(0, 1024),
      source: { component, ...(host && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? "",
      count,
      firstTimestamp: iso(firstAt),
      lastTimestamp: iso(lastAt),
    };
  }
}

/** Events about objects without a namespace live in `default`. */
function namespaceOf(event: Recorded): string {
  return event.subject.namespace ?? "default";
}

/** metav1.Time has whole seconds. */
function iso(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Drops the oldest entries beyond the limit. */
function trim(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
