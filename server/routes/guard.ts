import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Session } from "../access/sessions.ts";
import { chooseLanguage, words } from "../i18n/mod.ts";
import { isTheme } from "../views/frame.ts";
import type { ConsoleEnv, ConsoleParts } from "./context.ts";
import { isFragment } from "./show.tsx";

export const cookies = { language: "metallb_language", theme: "metallb_theme" };

/** Browsers share cookies among the ports of a host, but two forwarded consoles are two clusters. */
function sessionCookie(c: Context): string {
  const { port } = new URL(c.req.url);
  return port === "" ? "metallb_session" : `metallb_session_${port}`;
}

/** A token that was revoked, or whose holder lost the right, ends its session after this long at the latest. */
const recheckMs = 5 * 60_000;

/** Language and theme of the request, and its session if it has one. */
export function recognise(parts: ConsoleParts): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    const theme = getCookie(c, cookies.theme);
    const language = chooseLanguage(getCookie(c, cookies.language), c.req.header("Accept-Language"));
    c.set("words", words(language));
    c.set("theme", isTheme(theme) ? theme : "system");
    c.set("session", await findSession(c, parts));
    await next();
  };
}

async function findSession(c: Context, parts: ConsoleParts): Promise<Session | undefined> {
  const id = getCookie(c, sessionCookie(c));
  const now = parts.port.now();
  const session = id === undefined ? undefined : parts.sessions.use(id, now);
  if (!session || session.isOneTime || now - session.checkedAt < recheckMs) return session;
  session.checkedAt = now;
  // While the API server is away its readers stay: this is when they need to look.
  const identity = await parts.auth.authenticate(session.token).catch(() => session.identity);
  if (identity && !identity.isForbidden) return session;
  parts.sessions.end(session.id);
  return undefined;
}

/** Sends everybody without a session to the login page, and from there back. */
export const requireSession: MiddlewareHandler<ConsoleEnv> = async (c, next) => {
  if (c.var.session) return await next();
  c.header("Cache-Control", "no-store");
  const { pathname, search } = new URL(c.req.url);
  // A fragment or a stream has no address a person would return to.
  const isPart = isFragment(c) || pathname === "/events" || pathname === "/strip" || pathname === "/cached";
  const login = isPart ? "/login" : `/login?next=${encodeURIComponent(pathname + search)}`;
  if (!isPart) return c.redirect(pathname === "/" ? "/login" : login, 303);
  c.header("HX-Redirect", login);
  return c.text(c.var.words.t("login.title"), 401);
};

/** TLS on this socket, or before it: at a proxy, or at the address users are told to use. */
function cameByTls(c: Context, parts: ConsoleParts): boolean {
  return (
    new URL(c.req.url).protocol === "https:" ||
    c.req.header("X-Forwarded-Proto") === "https" ||
    parts.baseUrl?.protocol === "https:"
  );
}

export function rememberSession(c: Context, parts: ConsoleParts, session: Session): void {
  setCookie(c, sessionCookie(c), session.id, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: cameByTls(c, parts),
  });
}

export function forgetSession(c: Context): void {
  deleteCookie(c, sessionCookie(c), { path: "/" });
}
