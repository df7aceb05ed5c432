/**
 * What the API server asks before it stores an object of metallb.io: AdmissionReview v1 at MetalLB's paths, and
 * ConversionReview v1 of BGPPeer. Reviews have no side effects, so a dry run is answered alike.
 *
 * ```ts
 * const app = createWebhooks({ admission });
 * const answer = await app.request("/validate-metallb-io-v1beta1-ipaddresspool", { method: "POST", body: review });
 * ```
 */
export { conversionPath, validatedKinds } from "./paths.ts";
export { createWebhooks, type WebhookOptions } from "./webhooks.ts";
