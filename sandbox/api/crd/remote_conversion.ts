import type { KubeObject } from "#k8s/mod.ts";
import type { ClientConfig } from "../admission/mod.ts";

/** Drafts between two attempts of a request; what is stored keeps its own forms. */
const rememberedMax = 256;

/**
 * Between the stored version and another by a webhook. Operations are one step of one thread and a webhook is not: what
 * is not converted yet stops the operation by a {@link NeedsConversion}, and the operation begins anew when it is.
 */
export class RemoteConversion {
  readonly #known = new Map<string, string>();

  constructor(
    readonly clientConfig: ClientConfig,
    /** `metallb.io/v1beta1`: the version that is served by this conversion. */
    readonly servedApiVersion: string,
    readonly storedApiVersion: string,
  ) {}

  fromStored(object: KubeObject): KubeObject {
    return this.#converted(object, this.servedApiVersion);
  }

  toStored(object: KubeObject): KubeObject {
    return this.#converted(object, this.storedApiVersion);
  }

  remember(object: KubeObject, apiVersion: string, converted: KubeObject): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= rememberedMax && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(keyOf(object, apiVersion), JSON.stringify(converted));
  }

  #converted(object: KubeObject, apiVersion: string): KubeObject {
    if (object.apiVersion === apiVersion) return object;
    const known = this.#known.get(keyOf(object, apiVersion));
    if (known === undefined) throw new NeedsConversion(this, object, apiVersion);
    return JSON.parse(known) as KubeObject;
  }
}

/** Thrown by an operation that cannot go on before a webhook has answered; nothing is stored then. */
export class NeedsConversion extends Error {
  constructor(
    readonly conversion: RemoteConversion,
    readonly object: KubeObject,
    readonly apiVersion: string,
  ) {
    super(`${object.kind} "${object.metadata.name}" is to be converted to ${apiVersion}`);
    this.name = "NeedsConversion";
  }
}

function keyOf(object: KubeObject, apiVersion: string): string {
  return `${apiVersion} ${JSON.stringify(object)}`;
}
