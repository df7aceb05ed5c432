import { Hono } from "hono";

/** Why the process cannot do its work yet, a sentence each; none when it can. Once it could, it stays so. */
export type Readiness = () => readonly string[];

/**
 * What a kubelet asks (kubernetes.io "Configure Liveness, Readiness and Startup Probes"): `/livez` and `/healthz` answer
 * as long as the event loop turns, `/readyz` says what is still waited for.
 */
export function createHealth(waitingFor: Readiness): Hono {
  const app = new Hono();
  let wasReady = false;
  for (const path of ["/healthz", "/livez"]) app.get(path, (c) => c.text("ok"));
  app.get("/readyz", (c) => {
    const reasons = wasReady ? [] : waitingFor();
    wasReady ||= reasons.length === 0;
    return wasReady ? c.text("ok") : c.text(`not ready: ${reasons.join("; ")}`, 503);
  });
  return app;
}
