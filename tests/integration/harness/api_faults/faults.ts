import type { Ask } from "./ask.ts";

/** What becomes of one line of a watch; `end` after it: the connection is closed in order, or reset. */
export interface Piece {
  readonly text: string;
  readonly end?: "close" | "reset";
}

/** What a fault does to a request that it concerns. */
export type Act =
  /** The connection is reset; `after`: only when the server has carried the request out. */
  | { readonly do: "reset"; readonly after?: boolean }
  /** Accepted and never answered. */
  | { readonly do: "swallow" }
  | { readonly do: "delay"; readonly ms: number }
  | {
      readonly do: "answer";
      readonly status: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
      /** In place of a Status object. */
      readonly text?: string;
    }
  /** Each line of a watch is another, or none. */
  | { readonly do: "lines"; readonly edit: (line: string) => Piece | undefined }
  /** The server ends each watch so soon. */
  | { readonly do: "close"; readonly afterMs: number }
  /** The server is asked something else. */
  | { readonly do: "rewrite"; readonly query: Readonly<Record<string, string>> };

export interface Fault {
  /** Whom it concerns; everybody where absent. */
  readonly only?: (ask: Ask) => boolean;
  /** How often; without end where absent. */
  readonly times?: number;
  readonly act: Act;
}

const reasons: Readonly<Record<number, string>> = {
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
};

/** As the API server refuses: a Status object (meta/v1). */
export function refusalOf(act: Extract<Act, { do: "answer" }>): Response {
  const { status, reason = reasons[status] ?? "", retryAfterSeconds, text } = act;
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  if (text !== undefined) return new Response(text, { status, headers });
  const message = `a test answers ${status}`;
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message };
  return Response.json(body, { status, headers });
}

export const isWatch = (ask: Ask): boolean => ask.verb === "WATCH";
export const isRead = (ask: Ask): boolean => ask.verb === "WATCH" || ask.verb === "LIST";
export const isWrite = (ask: Ask): boolean => !isRead(ask) && ask.verb !== "GET";
