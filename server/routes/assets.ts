import type { Context } from "hono";
import { findAsset } from "../assets.ts";

/** Files of `public/`. An address with the right hash may be kept for ever, any other is asked for again. */
export function serveAsset(c: Context): Response {
  const found = findAsset(c.req.param("name") ?? "");
  if (!found) return c.text("no such file", 404);
  const isExact = c.req.query("v") === found.hash;
  return c.body(found.body, 200, {
    "Content-Type": found.contentType,
    "Cache-Control": isExact ? "public, max-age=31536000, immutable" : "no-cache",
    ETag: `"${found.hash}"`,
  });
}
