import { createHealth, type Readiness } from "./health.ts";
import { type Served, serve } from "./serve.ts";

/** The probes on a port of their own, as MetalLB's manifests ask for them; port 0 serves none. */
export function serveHealth(
  hostname: string,
  port: number,
  waitingFor: Readiness,
): Promise<Served | undefined> {
  if (port === 0) return Promise.resolve(undefined);
  return serve(createHealth(waitingFor), { hostname, port });
}
