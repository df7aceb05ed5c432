/**
 * Webhooks that judge and change what is written, called as a real API server calls them.
 *
 * ```ts
 * const admission = new Admission(store, (service) => ({ nobody: `no endpoints for "${service.name}"` }));
 * if (admission.isAskedOf({ kind, subresource: "", operation: "CREATE" })) await admission.validate(write);
 * ```
 */
export { Admission, type Admitted } from "./admission.ts";
export { postToWebhook, type ServiceAddress, type ServiceResolver } from "./call_webhook.ts";
export { type ClientConfig, clientConfigOf, type Operation } from "./webhook.ts";
