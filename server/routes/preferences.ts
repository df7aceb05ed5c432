import type { Context } from "hono";
import { setCookie } from "hono/cookie";
import { isLanguage } from "../i18n/mod.ts";
import { isTheme } from "../views/frame.ts";
import { innerPath } from "../views/paths.ts";
import { cookies } from "./guard.ts";

const yearSeconds = 365 * 24 * 3_600;

/** Language and theme are cookies, not part of a session: they hold before the login and after the logout. */
export async function savePreferences(c: Context): Promise<Response> {
  const form = await c.req.parseBody();
  const { language, theme } = form;
  const options = { path: "/", maxAge: yearSeconds, httpOnly: true, sameSite: "Lax" } as const;
  if (typeof language === "string" && isLanguage(language)) setCookie(c, cookies.language, language, options);
  if (typeof theme === "string" && isTheme(theme)) setCookie(c, cookies.theme, theme, options);
  return c.redirect(cameFrom(c), 303);
}

/** Back to the page whose switch was used; the browser names it, and only a path is taken from that. */
function cameFrom(c: Context): string {
  const referer = URL.parse(c.req.header("Referer") ?? "");
  return referer ? innerPath(referer.pathname + referer.search) : "/";
}
