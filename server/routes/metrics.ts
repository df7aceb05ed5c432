import type { Context } from "hono";
import type { MetricsPort } from "../ports.ts";

/** Open to all, as MetalLB's is: it names Services and addresses but no secret. */
export function serveMetrics(metrics: MetricsPort) {
  return async (c: Context): Promise<Response> => {
    const accept = c.req.header("Accept") ?? "";
    const body = await metrics.render(accept);
    return c.body(body, 200, { "Content-Type": metrics.contentType(accept) });
  };
}
