import type { Clock } from "./clock.ts";
import { sleep } from "./clock.ts";
import type { Credentials } from "./credentials.ts";
import { KubeError } from "./types.ts";

/** Bun's `fetch`, or a script of it in tests. */
export type Fetch = (url: string, init: BunFetchRequestInit) => Promise<Response>;

export interface TransportOptions {
  credentials: Credentials;
  userAgent: string;
  fetch: Fetch;
  clock: Clock;
  observe?: ((verb: string, resource: string, code: string, seconds: number) => void) | undefined;
}

export interface KubeRequest {
  /** As the histogram names it: GET, LIST, WATCH, POST, PATCH, DELETE. */
  verb: string;
  /** Plural name, with the subresource: `services/status`. */
  resource: string;
  path: string;
  body?: string;
  contentType?: string;
  /** Milliseconds for the whole answer; none for a watch, which has a watchdog of its own. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const methods: Record<string, string> = { LIST: "GET", WATCH: "GET" };
const attemptsMax = 4;
const retryAfterMaxMs = 30_000;

/** One HTTP exchange with the API server: credentials, TLS, time limit, measure, and Status objects as errors. */
export class Transport {
  constructor(private readonly options: TransportOptions) {}

  /** The successful response, headers read and body open. Refusals reject with {@link KubeError}. */
  async send(request: KubeRequest): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#sendOnce(request);
      if (response.ok) return response;
      const error = await toKubeError(response);
      // The server says "not now" before it did anything (API Priority and Fairness, or a restart): ask again when it says.
      const isPostponed = error.code === 429 || error.code === 503;
      if (!isPostponed || error.retryAfterMs === undefined || attempt === attemptsMax) throw error;
      const signal = request.signal ?? new AbortController().signal;
      await sleep(this.options.clock, Math.min(error.retryAfterMs, retryAfterMaxMs), signal);
      if (signal.aborted) throw error;
    }
  }

  async json<T>(request: KubeRequest): Promise<T> {
    const response = await this.send(request);
    return (await response.json()) as T;
  }

  async #sendOnce(request: KubeRequest): Promise<Response> {
    const { credentials, userAgent, observe } = this.options;
    const startedAt = performance.now();
    let code = "error";
    const access = await credentials.access();
    try {
      const signals = [request.signal, request.timeoutMs && AbortSignal.timeout(request.timeoutMs)].filter(
        (signal) => signal instanceof AbortSignal,
      );
      const response = await this.options.fetch(`${credentials.server}${request.path}`, {
        method: methods[request.verb] ?? request.verb,
        headers: {
          Accept: "application/json",
          "User-Agent": userAgent,
          ...(request.body !== undefined && { "Content-Type": request.contentType ?? "application/json" }),
          ...access.headers,
        },
        redirect: "error",
        ...(request.body !== undefined && { body: request.body }),
        ...(Object.keys(access.tls).length > 0 && { tls: access.tls }),
        ...(credentials.proxy && { proxy: credentials.proxy }),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
        // Bun's own limit (360 s of silence) would end a quiet watch.
        ...(request.timeoutMs === undefined && { timeout: false }),
      } as BunFetchRequestInit);
      code = String(response.status);
      return response;
    } catch (error) {
      throw request.signal?.aborted ? error : unreachable(credentials.server, request, error);
    } finally {
      observe?.(request.verb, request.resource, code, (performance.now() - startedAt) / 1000);
    }
  }
}

/** Bun's words for it ask about typos in the URL; ours name the server and the cause. */
function unreachable(server: string, { timeoutMs = 0 }: KubeRequest, cause: unknown): Error {
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new Error(`The API server ${server} did not answer within ${timeoutMs / 1000} s`, { cause });
  }
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const why = typeof code === "string" ? code : cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot reach the API server ${server}: ${why}`, { cause });
}

async function toKubeError(response: Response): Promise<KubeError> {
  const text = await response.text().catch(() => "");
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter * 1000 : undefined;
  let status: { reason?: unknown; message?: unknown } | undefined;
  try {
    status = JSON.parse(text) as { reason?: unknown; message?: unknown };
  } catch {
    // A proxy or a load balancer answered, not the API server: its text is the message.
  }
  const reason = typeof status?.reason === "string" ? status.reason : "";
  const message = typeof status?.message === "string" ? status.message : text.slice(0, 300).trim();
  return new KubeError(
    response.status,
    reason,
    message || `HTTP ${response.status} ${response.statusText}`.trim(),
    retryAfterMs,
  );
}
