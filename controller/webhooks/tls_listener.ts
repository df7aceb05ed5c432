import { lstat, unlink } from "node:fs/promises";
import type { KeyedCertificate } from "#k8s/certificates/mod.ts";

interface Listening {
  stop(closeActive: boolean): Promise<void>;
}

export interface TlsListenerOptions {
  hostname: string;
  /** 0 picks a free port. */
  port: number;
  /** Also listens there, with the same certificate. */
  unixSocket?: string | undefined;
  fetch(request: Request): Response | Promise<Response>;
}

/** A review carries an object twice, a conversion a list of them. */
const requestBytesMax = 16 * 1024 * 1024;

/**
 * An HTTPS listener whose certificate can be exchanged. Bun keeps the one it began with, so a second listener takes the
 * port over (SO_REUSEPORT) and the first goes when its requests are answered.
 */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  #current: Listening[] = [];
  #port: number;

  constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The port in use; 0 before the first {@link show}. */
  get port(): number {
    return this.#port;
  }

  /** Serves with this certificate from now on. Rejects where the address is taken. */
  async show({ certPem, keyPem }: KeyedCertificate): Promise<void> {
    const { hostname, unixSocket, fetch } = this.#options;
    const before = this.#current;
    const common = {
      tls: { cert: certPem, key: keyPem },
      maxRequestBodySize: requestBytesMax,
      fetch,
      development: false as const,
    };
    const tcp = Bun.serve({ ...common, hostname, port: this.#port, reusePort: true });
    this.#port = tcp.port ?? this.#port;
    this.#current = [tcp];
    if (unixSocket !== undefined) {
      await removeSocket(unixSocket);
      this.#current.push(Bun.serve({ ...common, unix: unixSocket }));
    }
    await Promise.all(before.map((each) => each.stop(false)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#current.map((each) => each.stop(true)));
    this.#current = [];
    const { unixSocket } = this.#options;
    if (unixSocket !== undefined) await removeSocket(unixSocket);
  }
}

async function removeSocket(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isSocket()) await unlink(path);
}
