import type { Context } from "hono";
import { remoteAddress } from "../serve.ts";
import { bearerToken, type TokenCheck, type TokenVerdict } from "./token_check.ts";

/** Checks the request's bearer token; undefined where it carries none. */
export async function checkBearer(
  c: Context,
  tokens: TokenCheck,
  now: number,
): Promise<TokenVerdict | undefined> {
  const token = bearerToken(c.req.header("Authorization"));
  return token === undefined ? undefined : await tokens.check(token, remoteAddress(c), now);
}

/** The JSON answer for a request that may not read: 401, 403, 429 or 503, in words. */
export function refuseJson(c: Context, verdict: Exclude<TokenVerdict, { ok: true }> | undefined): Response {
  if (verdict?.why === "limited") {
    c.header("Retry-After", String(Math.ceil(verdict.retryAfterMs / 1_000)));
    return c.json({ error: "too many failed attempts; see the Retry-After header" }, 429);
  }
  if (verdict?.why === "away") {
    return c.json({ error: "the API server does not answer, so the token cannot be checked" }, 503);
  }
  if (verdict?.why === "forbidden") {
    const error = `${verdict.username} may not list Services in all namespaces, which is what is shown here`;
    return c.json({ error }, 403);
  }
  c.header("WWW-Authenticate", "Bearer");
  const error = verdict
    ? "the bearer token is not valid"
    : "a bearer token is required: Authorization: Bearer <token>";
  return c.json({ error }, 401);
}
