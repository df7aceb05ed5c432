/**
 * The webhooks as a server of the cluster: their certificate, whom the API server trusts, and the TLS listener.
 *
 * ```ts
 * const webhooks = new WebhookServer({ hostname: "0.0.0.0", port: 9443, serviceName, secretName }, parts);
 * void webhooks.run();
 * ```
 */
export { WebhookServer, type WebhookServerOptions } from "./webhook_server.ts";
