import { StatusError, statusOf } from "../status_error.ts";
import type { Stored } from "../store/mod.ts";
import type { Call } from "./call.ts";
import { gzipped } from "./compression.ts";

const jsonHeaders = { "Content-Type": "application/json", "Cache-Control": "no-cache, private" };

export function reply(json: string, status = 200, warnings: readonly string[] = []): Response {
  return new Response(json, { status, headers: headersWith(warnings) });
}

/** What a get or a list shows, compressed where the client takes that and it is worth it. */
export function replyRead(request: Request, json: string, warnings: readonly string[] = []): Response {
  const packed = request.method === "GET" ? gzipped(request.headers.get("accept-encoding"), json) : undefined;
  if (packed === undefined) return reply(json, 200, warnings);
  const headers = new Headers(headersWith(warnings));
  headers.set("Content-Encoding", "gzip");
  headers.append("Vary", "Accept-Encoding");
  return new Response(packed, { headers });
}

/** A document that clients keep, and ask only whether it is still the same (RFC 9110 §13.1.2). */
export function replyTagged(
  request: Request,
  json: string,
  etag: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const all = { ...jsonHeaders, ETag: etag, ...headers };
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((each) => each.trim());
  const isKnown = known.some((each) => each === "*" || each.replace(/^W\//, "") === etag);
  return isKnown ? new Response(null, { status: 304, headers: all }) : new Response(json, { headers: all });
}

/** One object in the version and form of the request. */
export async function shown(
  { context, kind, presenter, request, warnings }: Call,
  stored: Stored,
  status: number,
): Promise<Response> {
  await context.conversions.prepare(kind, [stored]);
  const json = presenter.object(stored);
  return status === 200 ? replyRead(request, json, warnings) : reply(json, status, warnings);
}

export function replyStream(body: ReadableStream<Uint8Array>, warnings: readonly string[]): Response {
  return new Response(body, { headers: headersWith(warnings) });
}

export function replyValue(value: unknown, status = 200): Response {
  return reply(JSON.stringify(value), status);
}

/** A Status for what was thrown; anything that is not a refusal is a fault of ours and says so. */
export function replyError(error: unknown): Response {
  const refusal =
    error instanceof StatusError
      ? error
      : new StatusError(
          500,
          "InternalError",
          `Internal error occurred: ${(error as Error)?.message ?? error}`,
        );
  const answer = replyValue(statusOf(refusal), refusal.code);
  const retryAfterSeconds = refusal.details?.retryAfterSeconds;
  if (retryAfterSeconds !== undefined) answer.headers.set("Retry-After", String(retryAfterSeconds));
  return answer;
}

/** RFC 7234 §5.5.4: code 299 and no agent; kubectl prints each on a line of its own. */
function headersWith(warnings: readonly string[]): Headers | typeof jsonHeaders {
  if (warnings.length === 0) return jsonHeaders;
  const headers = new Headers(jsonHeaders);
  for (const text of warnings) headers.append("Warning", `299 - ${JSON.stringify(text)}`);
  return headers;
}
