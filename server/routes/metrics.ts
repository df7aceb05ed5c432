import type { Context } from "hono";
import type { MetricsPort } from "../ports.ts";

/** Open to all, as MetalLB's was until 0.16: it names Services and addresses but no secret. Undefined: closed. */
export function serveMetrics(metrics: MetricsPort | undefined) {
  return async (c: Context): Promise<Response> => {
    if (!metrics) return c.text("metrics are not served in the clear here (--plain-metrics=false)\n", 404);
    const accept = c.req.header("Accept") ?? "";
    const body = await metrics.render(accept);
    return c.body(body, 200, { "Content-Type": metrics.contentType(accept) });
  };
}
