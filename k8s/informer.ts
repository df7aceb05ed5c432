import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Informer, KubeClient, KubeObject, ListOptions, ResourceType } from "./types.ts";

export interface InformerOptions<T> extends ListOptions {
  resource: ResourceType;
  /**
   * Cuts an object down to what is used. It may throw ({@link ShapeError}): then that object is logged and left out,
   * or stays as it was last understood, and the others go on.
   */
  project: (object: KubeObject) => T;
  log: Logger;
  /** Ends the list and watch for good. */
  signal: AbortSignal;
  clock?: Clock;
}

/** Starts at once; handlers subscribed before the first `await` see every object. */
export function createInformer<T>(_client: KubeClient, _options: InformerOptions<T>): Informer<T> {
  throw new Error("Not built yet");
}
