import type { Logger } from "./logger.ts";
import { type AccessAnswer, reviewAccess } from "./token_access.ts";
import type { KubeClient } from "./types.ts";

/** Whether the holder of a token may `get` a path that is no resource. Remembers nothing. */
export class PathAccess {
  readonly #client: Pick<KubeClient, "review">;
  readonly #log: Pick<Logger, "warn">;

  constructor(client: Pick<KubeClient, "review">, log: Pick<Logger, "warn">) {
    this.#client = client;
    this.#log = log;
  }

  /** Rejects, and logs why, when the API server is away or does not let this component ask. */
  async judge(token: string, path: string): Promise<AccessAnswer> {
    try {
      return await reviewAccess(this.#client, token, { nonResourceAttributes: { path, verb: "get" } });
    } catch (error) {
      this.#log.warn("cannot ask the API server who may read", { path, error });
      throw error;
    }
  }
}
