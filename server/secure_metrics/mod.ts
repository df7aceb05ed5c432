/**
 * `/metrics` over HTTPS for those whom the API server lets read it. Apart from the console, so that a speaker loads no
 * more than it serves.
 *
 * ```ts
 * const settings = { port: 9120, policy: tlsPolicy() };
 * const served = await serveSecureMetrics(settings, { hostname: "0.0.0.0", metrics, access, selfSigned, log });
 * ```
 */
export { createSecureMetrics, type SecureMetricsOptions } from "./secure_metrics.ts";
export {
  type SecureMetricsParts,
  type SecureMetricsSettings,
  serveSecureMetrics,
} from "./serve_secure_metrics.ts";
