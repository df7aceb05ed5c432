import { isRecord, record, text } from "../object.ts";
import type { ClientConfig, Webhook } from "./webhook.ts";

/** Where a Service is answered in this sandbox. */
export interface ServiceAddress {
  readonly unixSocket: string;
}

/** Finds who answers for a Service; a sentence where nobody does. */
export type ServiceResolver = (
  service: NonNullable<ClientConfig["service"]>,
) => ServiceAddress | { readonly nobody: string };

/** What a webhook answered (admission.k8s.io/v1 AdmissionResponse). */
export interface Answer {
  readonly isAllowed: boolean;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
  readonly warnings: readonly string[];
  /** RFC 6902, of a mutating webhook. */
  readonly patch: unknown;
}

/** Asks one webhook. Throws an Error that says what went wrong on the way or with the answer. */
export async function callWebhook(
  webhook: Webhook,
  request: Record<string, unknown>,
  resolve: ServiceResolver,
): Promise<Answer> {
  const review = { kind: "AdmissionReview", apiVersion: "admission.k8s.io/v1", request };
  const { clientConfig, timeoutMs } = webhook;
  return readAnswer(await postToWebhook(clientConfig, timeoutMs, review, resolve), String(request.uid));
}

/** Sends a review to where a configuration points, and gives the review that came back. */
export async function postToWebhook(
  clientConfig: ClientConfig,
  timeoutMs: number,
  review: object,
  resolve: ServiceResolver,
): Promise<unknown> {
  const { url, unixSocket } = target(clientConfig, timeoutMs, resolve);
  const { caPem } = clientConfig;
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(review),
    signal: AbortSignal.timeout(timeoutMs),
    redirect: "error",
    ...(unixSocket !== undefined && { unix: unixSocket }),
    ...(caPem !== "" && { tls: { ca: caPem } }),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`Post "${url}": status ${response.status}: ${body.slice(0, 500)}`);
  return JSON.parse(body);
}

function target({ url, service }: ClientConfig, timeoutMs: number, resolve: ServiceResolver) {
  const query = `?timeout=${timeoutMs / 1_000}s`;
  if (url !== undefined) return { url: url + query, unixSocket: undefined };
  if (service === undefined) throw new Error("clientConfig names neither url nor service");
  const address = resolve(service);
  if ("nobody" in address) throw new Error(address.nobody);
  const { name, namespace, port, path } = service;
  return { url: `https://${name}.${namespace}.svc:${port}${path}${query}`, unixSocket: address.unixSocket };
}

function readAnswer(review: unknown, uid: string): Answer {
  const response = record(review, "response");
  if (text(response, "uid") !== uid) throw new Error(`expected response.uid=${uid}, got ${response.uid}`);
  const status = record(response, "status");
  const { patch, warnings } = response;
  if (patch !== undefined && response.patchType !== "JSONPatch") {
    throw new Error(`the webhook returned response.patch but not response.patchType JSONPatch`);
  }
  return {
    isAllowed: response.allowed === true,
    code: typeof status.code === "number" ? status.code : 403,
    reason: text(status, "reason") || "Forbidden",
    message: text(status, "message"),
    details: isRecord(status.details) ? status.details : {},
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    patch: typeof patch === "string" ? JSON.parse(Buffer.from(patch, "base64").toString()) : undefined,
  };
}
