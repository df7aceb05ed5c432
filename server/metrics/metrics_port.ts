import { parseAccept } from "hono/utils/accept";
import type { Registry } from "prom-client";
import type { MetricsPort } from "../ports.ts";
import { renderOpenMetrics } from "./openmetrics.ts";

const prometheusText = "text/plain; version=0.0.4; charset=utf-8";
const openMetricsText = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/**
 * Serves a prom-client registry in both exposition formats. The registry's own switch
 * (`setContentType`) is not used: it renames counters for good.
 */
export function registryMetrics(registry: Registry): MetricsPort {
  return {
    contentType: (accept) => (wantsOpenMetrics(accept) ? openMetricsText : prometheusText),
    render: (accept) => (wantsOpenMetrics(accept) ? renderOpenMetrics(registry) : registry.metrics()),
  };
}

/** Prometheus lists the formats it reads with weights; plain text wins a tie, for that is what `curl` users expect. */
export function wantsOpenMetrics(accept: string): boolean {
  let open = 0;
  let plain = 0;
  for (const { type, params, q } of parseAccept(accept)) {
    if (type === "application/openmetrics-text" && isVersionOne(params.version)) open = Math.max(open, q);
    if (type === "text/plain" || type === "text/*" || type === "*/*") plain = Math.max(plain, q);
  }
  return open > plain;
}

function isVersionOne(version: string | undefined): boolean {
  return version === undefined || version === "1.0.0";
}
