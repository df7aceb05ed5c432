import type { KubeObject } from "#k8s/mod.ts";
import { postToWebhook, type ServiceResolver } from "../admission/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isRecord, record, text } from "../object.ts";
import { StatusError } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import { NeedsConversion, RemoteConversion } from "./remote_conversion.ts";

/** As long as a real server waits for a conversion. */
const timeoutMs = 30_000;
/** A list is converted in pieces, so that no answer outgrows what a server takes. */
const objectsPerReviewMax = 500;
/** An operation that asks for more conversions than this, one after another, asks in a circle. */
const attemptsMax = 16;

/**
 * Calls conversion webhooks (kubernetes.io "Versions in CustomResourceDefinitions", Webhook conversion; ConversionReview
 * v1). Kinds without one pass through at no cost.
 */
export class Conversions {
  readonly #resolve: ServiceResolver;

  constructor(resolve: ServiceResolver) {
    this.#resolve = resolve;
  }

  /** Runs an operation, as often as it takes until everything that it reads and writes is converted. */
  async run<Result>(operation: () => Result): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return operation();
      } catch (error) {
        if (!(error instanceof NeedsConversion) || attempt === attemptsMax) throw error;
        const { conversion, object, apiVersion } = error;
        const [converted] = await this.#convert(conversion, [object], apiVersion);
        if (converted !== undefined) conversion.remember(object, apiVersion, converted);
      }
    }
  }

  /** Sees to it that stored objects can be shown in the version of `kind`; all that are asked for at once. */
  async prepare(kind: Kind, stored: readonly Stored[]): Promise<void> {
    const { conversion } = kind;
    if (!(conversion instanceof RemoteConversion)) return;
    const form = formOf(conversion);
    const missing = stored.filter((each) => !each.hasForm(form));
    for (let start = 0; start < missing.length; start += objectsPerReviewMax) {
      const part = missing.slice(start, start + objectsPerReviewMax);
      const objects = part.map(({ object }) => object);
      const converted = await this.#convert(conversion, objects, conversion.servedApiVersion);
      for (const [index, each] of part.entries()) each.form(form, () => converted[index]);
    }
  }

  async #convert(
    { clientConfig }: RemoteConversion,
    objects: readonly KubeObject[],
    desiredAPIVersion: string,
  ): Promise<KubeObject[]> {
    const [first] = objects;
    const failed = (why: string) =>
      new StatusError(
        500,
        "",
        `conversion webhook for ${first?.apiVersion}, Kind=${first?.kind} failed: ${why}`,
      );
    const uid = crypto.randomUUID();
    const request = { uid, desiredAPIVersion, objects };
    const review = { kind: "ConversionReview", apiVersion: "apiextensions.k8s.io/v1", request };
    let answer: unknown;
    try {
      answer = await postToWebhook(clientConfig, timeoutMs, review, this.#resolve);
    } catch (error) {
      throw failed(error instanceof Error ? error.message : String(error));
    }
    const response = record(answer, "response");
    if (text(response, "uid") !== uid) throw failed(`expected response.uid=${uid}, got ${response.uid}`);
    const result = record(response, "result");
    if (result.status !== "Success") throw failed(text(result, "message") || "the webhook gave no reason");
    const converted = Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
    if (converted.length !== objects.length) {
      throw failed(`the webhook returned ${converted.length} objects, expected ${objects.length}`);
    }
    return objects.map((object, index) => {
      const wrong = wrongWith(object, converted[index], desiredAPIVersion);
      if (wrong !== undefined) throw failed(`invalid converted object at index ${index}: ${wrong}`);
      return withOwnMetadata(object, converted[index] as KubeObject);
    });
  }
}

/** The name under which a stored object keeps what a webhook made of it. */
export function formOf({ servedApiVersion }: RemoteConversion): string {
  return `${servedApiVersion} by webhook`;
}

function wrongWith(object: KubeObject, converted: unknown, apiVersion: string): string | undefined {
  if (!isRecord(converted) || !isRecord(converted.metadata)) return "it has no metadata";
  if (converted.apiVersion !== apiVersion)
    return `must have apiVersion ${apiVersion}, not ${converted.apiVersion}`;
  if (converted.kind !== object.kind) return `must have kind ${object.kind}, not ${converted.kind}`;
  for (const field of ["name", "namespace", "uid"]) {
    if (converted.metadata[field] !== object.metadata[field]) return `must have the same metadata.${field}`;
  }
  return undefined;
}

/** Of the metadata a webhook may change labels and annotations only (apiextensions `restoreObjectMeta`). */
function withOwnMetadata(object: KubeObject, converted: KubeObject): KubeObject {
  const { labels: _labels, annotations: _annotations, ...own } = object.metadata;
  const { labels, annotations } = converted.metadata;
  const metadata = { ...own, ...(labels && { labels }), ...(annotations && { annotations }) };
  return { ...converted, metadata } as KubeObject;
}
