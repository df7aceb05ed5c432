import { type Context, Hono } from "hono";
import { type Reason, reasonText } from "#core/reason/mod.ts";
import { checkBearer, refuseJson } from "../access/bearer_guard.ts";
import { explanationOf } from "../explanation.ts";
import { words } from "../i18n/mod.ts";
import type { ConsoleEnv, ConsoleParts } from "./context.ts";
import { InvalidQuery, lastIfBeyond, parseListQuery, parseServiceQuery } from "./query.ts";

const layer2PageSize = 500;
const movesMax = 500;

/** What the pages show, as JSON: the port's own values. Open to a session, or to a bearer token. */
export function apiRoutes(parts: ConsoleParts): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  const { port } = parts;
  app.use(async (c, next) => {
    c.header("Cache-Control", "no-store");
    if (c.var.session) return await next();
    const verdict = await checkBearer(c, parts.tokens, port.now());
    return verdict?.ok ? await next() : refuseJson(c, verdict);
  });
  app.get("/overview", (c) => json(c, port.overview()));
  app.get("/pools", (c) => json(c, port.pools()));
  app.get("/pools/:name", (c) => {
    const name = c.req.param("name");
    return found(c, port.pool(name), `there is no pool "${name}"`);
  });
  app.get("/services", (c) => {
    const query = parseServiceQuery(c.req.query());
    return json(
      c,
      lastIfBeyond(query.page, (page) => port.services({ ...query, page })),
    );
  });
  app.get("/services/:namespace/:name", (c) => {
    const { namespace, name } = c.req.param();
    return found(c, port.service(namespace, name), noService(namespace, name));
  });
  app.get("/services/:namespace/:name/explain", (c) => {
    const { namespace, name } = c.req.param();
    const service = port.service(namespace, name);
    return found(c, service && explanationOf(service, words("en")), noService(namespace, name));
  });
  app.get("/layer2", (c) => {
    const { search, page } = parseListQuery(c.req.query());
    return json(
      c,
      lastIfBeyond(page, (asked) => port.layer2({ search, page: asked, pageSize: layer2PageSize })),
    );
  });
  app.get("/moves", (c) => json(c, port.moves(movesMax)));
  app.get("/bgp", (c) => json(c, port.sessions()));
  app.get("/configuration", (c) => json(c, port.issues()));
  app.get("/configuration/findings", (c) => json(c, port.findings?.() ?? []));
  app.get("/speakers", (c) => json(c, port.speakers()));
  app.get("/speakers/:node", (c) => {
    const node = c.req.param("node");
    return found(c, port.speaker?.(node), `there is no speaker on node "${node}"`);
  });
  app.get("/membership", (c) => found(c, port.membership?.(), "this server knows of no speakers"));
  app.get("/shadow", (c) =>
    found(c, parts.shadow?.(), "this controller acts itself; only one with --shadow has this"),
  );
  app.all("*", (c) => c.json({ error: `${c.req.path} is not served here` }, 404));
  app.onError((error, c) => {
    if (error instanceof InvalidQuery) return c.json({ error: error.message }, 422);
    throw error;
  });
  return app;
}

function noService(namespace: string, name: string): string {
  return `there is no Service ${namespace}/${name} of type LoadBalancer that this controller serves`;
}

function found(c: Context, value: unknown, error: string): Response {
  return value === undefined ? c.json({ error }, 404) : json(c, value);
}

/** Reasons get their English sentence beside code and parameters. */
function json(c: Context, value: unknown): Response {
  const text = JSON.stringify(value, (_, part) =>
    isReason(part) ? { ...part, text: reasonText(part) } : part,
  );
  return c.body(text, 200, { "Content-Type": "application/json" });
}

function isReason(value: unknown): value is Reason {
  return typeof value === "object" && value !== null && "code" in value && "params" in value;
}
