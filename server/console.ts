import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import { Sessions } from "./access/sessions.ts";
import { TokenCheck } from "./access/token_check.ts";
import { type Fault, faultFields, toStandardError } from "./fault.ts";
import { createHealth, type Readiness } from "./health.ts";
import { words } from "./i18n/mod.ts";
import { Hub } from "./live/hub.ts";
import type { AuthPort, ConsolePort, MetricsPort, ShadowReport } from "./ports.ts";
import { apiRoutes } from "./routes/api.ts";
import { serveAsset } from "./routes/assets.ts";
import type { ConsoleEnv, ConsoleParts } from "./routes/context.ts";
import { serveEvents } from "./routes/events.ts";
import { recognise, requireSession } from "./routes/guard.ts";
import { loginRoutes } from "./routes/login.tsx";
import { serveMetrics } from "./routes/metrics.ts";
import { pageRoutes } from "./routes/pages.tsx";
import { savePreferences } from "./routes/preferences.ts";
import { InvalidQuery } from "./routes/query.ts";
import { showMessage } from "./routes/show.tsx";

export interface ConsoleOptions {
  port: ConsolePort;
  auth: AuthPort;
  /** Undefined: nothing at /metrics. */
  metrics: MetricsPort | undefined;
  /** What `/readyz` waits for; nothing where absent. */
  waitingFor?: Readiness;
  /** Shown in the footer. */
  version: string;
  /** Hears of faults of ours. */
  fault?: Fault;
  /** The address users type, where a proxy stands before the console: `https://metallb.example.net`. */
  baseUrl?: string;
  /** What this controller would do otherwise, where it only looks on (`--shadow`). */
  shadow?: (() => ShadowReport) | undefined;
}

/** The console, its JSON API, its live events and the controller's `/metrics`. */
export function createConsole(options: ConsoleOptions): Hono {
  const parts: ConsoleParts = {
    port: options.port,
    auth: options.auth,
    tokens: new TokenCheck(options.auth),
    sessions: new Sessions(),
    hub: new Hub((listener) => options.port.subscribe(listener)),
    version: options.version,
    baseUrl: options.baseUrl === undefined ? undefined : new URL(options.baseUrl),
    shadow: options.shadow,
  };
  const app = new Hono<ConsoleEnv>();
  app.use(strictHeaders);
  app.use(compress());
  app.route("/", createHealth(options.waitingFor ?? (() => [])));
  app.get("/metrics", serveMetrics(options.metrics));
  app.get("/assets/:name", serveAsset);
  app.use(recognise(parts));
  app.use(csrf({ origin: (origin, c) => isOwnOrigin(origin, c, parts) }));
  app.post("/preferences", savePreferences);
  app.route("/", loginRoutes(parts));
  app.route("/api/v1", apiRoutes(parts));
  app.use(requireSession);
  app.get(
    "/events",
    serveEvents(parts.hub, (c) => isStillWelcome(c, parts)),
  );
  app.route("/", pageRoutes(parts));
  app.notFound((c) => {
    const { t } = c.var.words;
    const sentences = [t("message.notFound", { path: c.req.path })];
    return showMessage(c, parts, { status: 404, title: t("message.notFoundTitle"), sentences });
  });
  const fault = options.fault ?? toStandardError;
  app.onError((error, c) => showError(c, parts, error, fault));
  // Callers need not know the variables of our middleware.
  return app as unknown as Hono;
}

/** Only our own files, forms and streams; no inline script or style, no evaluated attribute, no frame. */
const strictHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  referrerPolicy: "same-origin",
  // For whoever ends TLS to decide; on plain HTTP browsers complain of the other two.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
});

/** A proxy may end TLS, so hosts are compared, not schemes. */
function isOwnOrigin(origin: string, c: Context, parts: ConsoleParts): boolean {
  const host = URL.parse(origin)?.host;
  if (host === undefined) return false;
  return host === new URL(c.req.url).host || host === parts.baseUrl?.host;
}

function isStillWelcome(c: Context<ConsoleEnv>, parts: ConsoleParts): boolean {
  const { session } = c.var;
  return session !== undefined && parts.sessions.use(session.id, parts.port.now()) !== undefined;
}

function showError(
  c: Context<ConsoleEnv>,
  parts: ConsoleParts,
  error: Error,
  fault: Fault,
): Response | Promise<Response> {
  const { t } = c.var.words ?? words("en");
  if (error instanceof InvalidQuery) {
    const { parameter, value, allowed } = error;
    const sentences = [t("message.invalid", { name: parameter, value, allowed })];
    return showMessage(c, parts, { status: 422, title: t("message.invalidTitle"), sentences });
  }
  if (error instanceof HTTPException && error.status === 403) {
    const sentences = [t("message.forbidden")];
    return showMessage(c, parts, { status: 403, title: t("message.forbiddenTitle"), sentences });
  }
  fault(`console: ${c.req.method} ${c.req.path} failed`, faultFields(error));
  if (!c.var.words) return c.text(t("message.failed"), 500);
  return showMessage(c, parts, {
    status: 500,
    title: t("message.failedTitle"),
    sentences: [t("message.failed")],
  });
}
