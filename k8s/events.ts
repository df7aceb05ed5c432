import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { KubeClient } from "./types.ts";

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
}

/** Writes core/v1 Events, aggregated and limited in rate; never blocks and never rejects. */
export class EventRecorder {
  constructor(
    readonly client: KubeClient,
    readonly options: RecorderOptions,
  ) {}

  record(_subject: EventSubject, _type: "Normal" | "Warning", _reason: string, _message: string): void {}

  /** Resolves when everything recorded so far was sent or dropped. */
  async flush(): Promise<void> {}
}
