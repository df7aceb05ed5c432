/** @jsxImportSource hono/jsx */
import { type Context, Hono } from "hono";
import type { TokenVerdict } from "../access/token_check.ts";
import { remoteAddress } from "../serve.ts";
import { LoginPage } from "../views/login.tsx";
import { innerPath } from "../views/paths.ts";
import type { ConsoleEnv, ConsoleParts } from "./context.ts";
import { forgetSession, rememberSession } from "./guard.ts";
import { show } from "./show.tsx";

/** Logging in by form or by the sandbox's link, and out. */
export function loginRoutes(parts: ConsoleParts): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>();
  app.get("/login", async (c) => {
    const next = innerPath(c.req.query("next") ?? "/");
    const token = c.req.query("token");
    // The token leaves the address bar with this redirect.
    if (token !== undefined) return await logIn(c, parts, token, next);
    if (c.var.session) return c.redirect(next, 303);
    return await showLogin(c, parts, next);
  });
  app.post("/login", async (c) => {
    const form = await c.req.parseBody();
    const token = typeof form.token === "string" ? form.token.trim() : "";
    const next = innerPath(typeof form.next === "string" ? form.next : "/");
    if (token === "")
      return await showLogin(c, parts, next, { status: 422, error: c.var.words.t("login.required") });
    return await logIn(c, parts, token, next);
  });
  app.post("/logout", (c) => {
    if (c.var.session) parts.sessions.end(c.var.session.id);
    forgetSession(c);
    return c.redirect("/login", 303);
  });
  app.get("/logout", (c) => c.redirect("/", 303));
  return app;
}

async function logIn(c: Context<ConsoleEnv>, parts: ConsoleParts, token: string, next: string) {
  const now = parts.port.now();
  const verdict = await parts.tokens.checkOnce(token, remoteAddress(c), now);
  if (!verdict.ok) return await showLogin(c, parts, next, failure(c, verdict));
  if (c.var.session) parts.sessions.end(c.var.session.id);
  const again = await parts.auth.authenticate(token).catch(() => verdict.identity);
  const session = parts.sessions.start(verdict.identity, token, now, again === undefined);
  rememberSession(c, parts, session);
  c.header("Cache-Control", "no-store");
  return c.redirect(next, 303);
}

interface Failure {
  status: 401 | 403 | 422 | 429 | 503;
  error: string;
}

function failure(c: Context<ConsoleEnv>, verdict: Exclude<TokenVerdict, { ok: true }>): Failure {
  const { words } = c.var;
  if (verdict.why === "away") return { status: 503, error: words.t("login.away") };
  if (verdict.why === "refused") return { status: 401, error: words.t("login.refused") };
  if (verdict.why === "forbidden") {
    return { status: 403, error: words.t("login.forbidden", { username: verdict.username }) };
  }
  const seconds = Math.ceil(verdict.retryAfterMs / 1_000);
  c.header("Retry-After", String(seconds));
  return { status: 429, error: words.t("login.limited", { seconds }) };
}

function showLogin(c: Context<ConsoleEnv>, parts: ConsoleParts, next: string, failed?: Failure) {
  const { words } = c.var;
  return show(c, parts, {
    title: words.t("login.title"),
    status: failed?.status ?? 200,
    page: () => (
      <LoginPage words={words} next={next} {...(failed === undefined ? {} : { error: failed.error })} />
    ),
  });
}
