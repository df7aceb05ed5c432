import { Hono } from "hono";
import * as v from "valibot";
import { checkBearer, refuseJson } from "../access/bearer_guard.ts";
import { TokenCheck } from "../access/token_check.ts";
import { createHealth, type Readiness } from "../health.ts";
import type { AuthPort, MetricsPort, SpeakerState } from "../ports.ts";
import { serveMetrics } from "../routes/metrics.ts";
import { keepOpen } from "../serve.ts";

export interface SpeakerServerOptions {
  /** The present state; called once per answer. */
  state(): SpeakerState;
  /** Resolves when the version is above `after`, when `timeoutMs` have passed, or when the reader hung up. */
  waitForChange(after: number, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** What `/readyz` waits for; nothing where absent. */
  waitingFor?: Readiness;
  auth: AuthPort;
  /** Undefined: nothing at /metrics. */
  metrics: MetricsPort | undefined;
}

const waitMaxSeconds = 60;

/** `after` a version the reader has; `wait` at most so many seconds for a newer one. */
const query = v.object({
  after: v.exactOptional(v.pipe(v.string(), v.digits(), v.toNumber())),
  wait: v.exactOptional(
    v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/), v.toNumber(), v.maxValue(waitMaxSeconds)),
    "0",
  ),
});

/** What a speaker serves: `/metrics` and `/healthz` for all, `/api/v1/state` for those who hold the token. */
export function createSpeakerServer(options: SpeakerServerOptions): Hono {
  const app = new Hono();
  const tokens = new TokenCheck(options.auth);
  app.route("/", createHealth(options.waitingFor ?? (() => [])));
  app.get("/metrics", serveMetrics(options.metrics));
  app.get("/api/v1/state", async (c) => {
    const verdict = await checkBearer(c, tokens, Date.now());
    if (!verdict?.ok) return refuseJson(c, verdict);
    const asked = v.safeParse(query, c.req.query());
    if (!asked.success) {
      return c.json(
        { error: `after takes a version, wait takes seconds from 0 to ${waitMaxSeconds}: got ${c.req.url}` },
        422,
      );
    }
    const { after, wait } = asked.output;
    if (after !== undefined && wait > 0 && options.state().version <= after) {
      keepOpen(c);
      await options.waitForChange(after, wait * 1_000, c.req.raw.signal);
    }
    c.header("Cache-Control", "no-store");
    return c.json(options.state());
  });
  app.notFound((c) => c.json({ error: `${c.req.path} is not served here` }, 404));
  return app;
}
