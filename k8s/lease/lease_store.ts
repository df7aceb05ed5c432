import type { Clock } from "../clock.ts";
import { type KubeClient, KubeError, type KubeObject, resources } from "../types.ts";
import type { Claim } from "./election.ts";
import { leaseSpec, newLease } from "./record.ts";
import { withTimeLimit } from "./time_limit.ts";

interface Options {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  readonly requestMs: number;
}

/** The one Lease, read and written by one request each, which is given up after its time or when `until` aborts. */
export class LeaseStore {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Undefined: there is none. */
  async read(until?: AbortSignal): Promise<KubeObject | undefined> {
    const { client, name, namespace, clock, requestMs } = this.#options;
    try {
      const get = () => client.get(resources.leases, name, namespace);
      return await withTimeLimit(clock, requestMs, get, until);
    } catch (error) {
      if (error instanceof KubeError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** Gives the version that it has made. What fails may have been carried out all the same. */
  async write({ record, upon }: Claim, until?: AbortSignal): Promise<string> {
    const { client, name, namespace, clock, requestMs } = this.#options;
    const send = (signal: AbortSignal) => {
      const limits = { signal, timeoutMs: requestMs };
      if (upon === undefined) {
        return client.create(resources.leases, newLease(name, namespace, record), limits);
      }
      const body = { metadata: { resourceVersion: upon }, spec: leaseSpec(record) };
      const options = { fieldManager: "metallb-controller", ...limits };
      return client.patch(resources.leases, { name, namespace }, "merge", body, options);
    };
    const object = await withTimeLimit(clock, requestMs, send, until);
    return object.metadata.resourceVersion ?? "";
  }
}
