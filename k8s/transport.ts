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
  /** Called after each request, also after one that no answer came to: code `error`. */
  observe?: ((verb: string, resource: string, code: string, seconds: number) => void) | undefined;
  contact?: ContactListener | undefined;
}

/** Hears how the API server behaves. */
export interface ContactListener {
  /** It said something: an answer, or a piece of a watch. */
  heard(): void;
  /** A right is missing. */
  denied(request: Pick<KubeRequest, "verb" | "resource">, error: KubeError): void;
  allowed(request: Pick<KubeRequest, "verb" | "resource">): void;
}

export interface KubeRequest {
  /** As the histogram names it: GET, LIST, WATCH, POST, PATCH, DELETE. */
  verb: string;
  /** Plural name, with the subresource: `services/status`. */
  resource: string;
  path: string;
  body?: string;
  contentType?: string;
  /** For the whole answer; of a watch, which has a watchdog of its own, for its headers. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Asked when everything is at hand and the request would go out. */
  mayGo?: () => void;
}

const methods: Record<string, string> = { LIST: "GET", WATCH: "GET" };
const attemptsMax = 4;
const retryAfterMaxMs = 30_000;

/** One HTTP exchange with the API server: credentials, TLS, time limit, measure, and Status objects as errors. */
export class Transport {
  constructor(private readonly options: TransportOptions) {}

  /** The successful response of a watch: headers read and body open. The time limit is for the headers only. */
  open(request: KubeRequest): Promise<Response> {
    return this.#patiently(request, async (response) => response);
  }

  json<T>(request: KubeRequest): Promise<T> {
    return this.#patiently(request, async (response) => parse<T>(await response.text(), request));
  }

  /** For answers that are not JSON, such as a Pod's log. */
  text(request: KubeRequest): Promise<string> {
    return this.#patiently(request, (response) => response.text());
  }

  /** The server says "not now" before it did anything (API Priority and Fairness, or a restart): asks again when it says. */
  async #patiently<T>(request: KubeRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const { clock, contact } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#exchange(request, read);
        contact?.allowed(request);
        return answer;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.code === 403) contact?.denied(request, error);
        // Whoever is told that there is no such object, or that it is another by now, was allowed to ask.
        else if ([404, 409, 410, 422].includes(error.code)) contact?.allowed(request);
        const isPostponed = error.code === 429 || error.code === 503;
        if (!isPostponed || error.retryAfterMs === undefined || attempt === attemptsMax) throw error;
        const signal = request.signal ?? new AbortController().signal;
        await sleep(clock, Math.min(error.retryAfterMs, retryAfterMaxMs), signal);
        if (signal.aborted) throw error;
      }
    }
  }

  async #exchange<T>(request: KubeRequest, read: (response: Response) => Promise<T>): Promise<T> {
    const { credentials, fetch, clock, observe, contact } = this.options;
    const startedAt = performance.now();
    const limit = new AbortController();
    const cancel = clock.after(request.timeoutMs, () => limit.abort());
    let code = "error";
    try {
      const signal = AbortSignal.any([limit.signal, ...(request.signal ? [request.signal] : [])]);
      const init = await this.#init(request, signal);
      request.mayGo?.();
      const response = await fetch(`${credentials.server}${request.path}`, init);
      // A proxy that says "bad gateway" speaks for nobody.
      if (response.status < 500) contact?.heard();
      if (!response.ok) throw await toKubeError(response);
      const answer = await read(response);
      code = String(response.status);
      return answer;
    } catch (error) {
      if (error instanceof KubeError) code = String(error.code);
      if (error instanceof KubeError || request.signal?.aborted) throw error;
      if (limit.signal.aborted) throw silent(credentials.server, request, error);
      throw unreachable(credentials.server, error);
    } finally {
      cancel();
      observe?.(request.verb, request.resource, code, (performance.now() - startedAt) / 1000);
    }
  }

  async #init(request: KubeRequest, signal: AbortSignal): Promise<BunFetchRequestInit> {
    const { credentials, userAgent } = this.options;
    const access = await credentials.access();
    return {
      method: methods[request.verb] ?? request.verb,
      headers: {
        Accept: "application/json",
        "User-Agent": userAgent,
        ...(request.body !== undefined && { "Content-Type": request.contentType ?? "application/json" }),
        ...access.headers,
      },
      redirect: "error",
      signal,
      ...(request.body !== undefined && { body: request.body }),
      ...(Object.keys(access.tls).length > 0 && { tls: access.tls }),
      ...(credentials.proxy && { proxy: credentials.proxy }),
      // Bun's own limit (360 s of silence) would end a quiet watch.
      ...(request.verb === "WATCH" && { timeout: false }),
    } as BunFetchRequestInit;
  }
}

/** A 200 of something that is not the API server, such as a captive proxy, is no answer. */
function parse<T>(text: string, { verb, resource }: KubeRequest): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Error(`the answer to ${verb} ${resource} is not JSON: "${text.slice(0, 120)}"`, { cause });
  }
}

function silent(server: string, { timeoutMs }: KubeRequest, cause: unknown): Error {
  return new Error(`The API server ${server} did not answer within ${timeoutMs / 1000} s`, { cause });
}

/** Bun's words for it ask about typos in the URL; ours name the server and the cause. */
function unreachable(server: string, cause: unknown): Error {
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
