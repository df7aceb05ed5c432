import { lstat, unlink } from "node:fs/promises";
import type { TlsPolicy } from "./tls_policy.ts";

/** A certificate with its private key, both as PEM; the certificate may bring its chain. */
export interface ServingCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

interface Listening {
  stop(closeActive: boolean): Promise<void>;
}

export interface TlsListenerOptions {
  hostname: string;
  /** 0 picks a free port. */
  port: number;
  /** Also listens there, with the same certificate. */
  unixSocket?: string | undefined;
  policy: TlsPolicy;
  /** Larger bodies are refused. */
  requestBytesMax: number;
  /** `server` is Bun's, which knows whence a request came. */
  fetch(request: Request, server: unknown): Response | Promise<Response>;
}

/** Quiet connections are closed after this long. */
const idleTimeoutSeconds = 30;

/**
 * An HTTPS listener whose certificate can be exchanged. Bun keeps the one it began with, so a second listener takes the
 * port over (SO_REUSEPORT) and the first goes when its requests are answered. Connections without a request are closed:
 * one whose handshake is under way in that moment is lost, which a client sees as a reset.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  #current: Listening[] = [];
  #port: number;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The port in use; what was asked for before the first {@link show}. */
  get port(): number {
    return this.#port;
  }

  /** Serves with this certificate from now on. Rejects where the address is taken. */
  async show({ certPem, keyPem }: ServingCertificate): Promise<void> {
    const { hostname, unixSocket, fetch, policy, requestBytesMax } = this.#options;
    const before = this.#current;
    if (before.length === 0) await requireFree(hostname, this.#port);
    const common = {
      tls: { cert: certPem, key: keyPem, ...policy },
      maxRequestBodySize: requestBytesMax,
      fetch,
      development: false as const,
    };
    const tcp = Bun.serve({
      ...common,
      hostname,
      port: this.#port,
      reusePort: true,
      idleTimeout: idleTimeoutSeconds,
    });
    this.#port = tcp.port ?? this.#port;
    this.#current = [tcp];
    if (unixSocket !== undefined) {
      await removeSocket(unixSocket);
      this.#current.push(Bun.serve({ ...common, unix: unixSocket }));
    }
    // Not waited for: a stream may hold the old one for as long as its reader likes.
    for (const each of before) void each.stop(false);
  }

  async stop(): Promise<void> {
    const { unixSocket } = this.#options;
    const current = this.#current;
    this.#current = [];
    await Promise.all(current.map((each) => each.stop(true)));
    if (unixSocket !== undefined && current.length > 0) await removeSocket(unixSocket);
  }
}

/** A port that is shared with a stranger would give every other client to him; so the first one asks for it alone. */
async function requireFree(hostname: string, port: number): Promise<void> {
  if (port === 0) return;
  const alone = Bun.serve({
    hostname,
    port,
    reusePort: false,
    fetch: () => new Response(null, { status: 503 }),
  });
  await alone.stop(true);
}

async function removeSocket(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket()) await unlink(path);
}
