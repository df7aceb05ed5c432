import { type Context, Hono } from "hono";
import { type GuardVerdict, PathGuard } from "../access/path_guard.ts";
import { bearerToken } from "../access/token_check.ts";
import type { MetricsPort, PathAccessPort } from "../ports/access.ts";
import { serveMetrics } from "../routes/metrics.ts";
import { remoteAddress } from "../serve.ts";

export interface SecureMetricsOptions {
  metrics: MetricsPort;
  access: PathAccessPort;
  /** Monotonic, in ms. */
  now?: () => number;
}

const path = "/metrics";

/**
 * `/metrics` for those who may read it, by the rules of kube-rbac-proxy and of MetalLB since 0.16: a bearer token that
 * the API server knows, whose holder may `get` the nonResourceURL `/metrics`. TLS is the caller's.
 */
export function createSecureMetrics({ metrics, access, now }: SecureMetricsOptions): Hono {
  const app = new Hono();
  const guard = new PathGuard(access);
  const clock = now ?? (() => performance.now());
  app.get(path, async (c, next) => {
    const token = bearerToken(c.req.header("Authorization"));
    const verdict =
      token === undefined ? undefined : await guard.check(token, path, remoteAddress(c), clock());
    return verdict?.code === "allowed" ? await next() : refuse(c, verdict);
  });
  app.get(path, serveMetrics(metrics));
  app.notFound((c) => c.text(`${c.req.method} ${c.req.path} is not served here; GET ${path} is\n`, 404));
  return app;
}

/** 401, 403, 429 or 503, in words. */
function refuse(c: Context, verdict: Exclude<GuardVerdict, { code: "allowed" }> | undefined): Response {
  if (verdict?.code === "forbidden") {
    const rule = `nonResourceURLs: ["${path}"], verbs: [get]`;
    return c.text(
      `${verdict.username} may not read ${path}: a ClusterRole with ${rule} would allow it\n`,
      403,
    );
  }
  if (verdict?.code === "limited") {
    c.header("Retry-After", String(Math.ceil(verdict.retryAfterMs / 1_000)));
    return c.text("too many tokens from there that are not valid; see the Retry-After header\n", 429);
  }
  if (verdict?.code === "away") {
    c.header("Retry-After", "10");
    return c.text(
      "the API server could not be asked whether the token may read this; the log says why\n",
      503,
    );
  }
  c.header("WWW-Authenticate", "Bearer");
  const reason = verdict
    ? "the bearer token is not valid"
    : "a bearer token is required: Authorization: Bearer <token>";
  return c.text(`${reason}\n`, 401);
}
