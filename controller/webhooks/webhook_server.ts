import { backoffMs, type Clock, type KubeClient, type Logger, sleep } from "#k8s/mod.ts";
import { createWebhooks } from "#server/mod.ts";
import type { AdmissionPort } from "#server/ports.ts";
import { certificateFolder, TlsListener, type TlsPolicy } from "#server/tls/mod.ts";
import { AuthorityInjection } from "./authority_injection.ts";
import { CertificateSecret, type WebhookCertificate } from "./certificate_secret.ts";

export interface WebhookServerOptions {
  hostname: string;
  /** MetalLB's is 9443. */
  port: number;
  unixSocket?: string | undefined;
  /** Of the Service by which the API server calls. */
  serviceName: string;
  secretName: string;
  /** Somebody else makes certificates (`--disable-cert-rotation`): they are read from here, and nothing is injected. */
  certificateDirectory?: string | undefined;
  /** Versions, suites and curves of TLS. */
  policy: TlsPolicy;
}

interface Parts {
  client: KubeClient;
  namespace: string;
  admission: AdmissionPort;
  /** Only the leader makes certificates and tells the API server whom to trust. */
  leadership: { readonly leads: boolean; onChange(listener: () => void): void };
  log: Logger;
  clock: Clock;
  signal: AbortSignal;
  /** Hears of each certificate that is served from now on, as PEM. */
  shown?: (certPem: string) => void;
}

/** How often the certificate is looked at again. */
const ownCheckMs = 12 * 3_600_000;
const fileCheckMs = 60_000;
/** A standby that has no certificate yet looks this often whether the leader has made one. */
const standbyCheckMs = 1_000;
/** A review carries an object twice, a conversion a list of them. */
const requestBytesMax = 16 * 1024 * 1024;

/**
 * Serves the webhooks over TLS with a certificate that is made, told to the API server and renewed here, or read from
 * files where somebody else does that. Without the API server it waits: nobody could call.
 */
export class WebhookServer {
  readonly #parts: Parts;
  readonly #options: WebhookServerOptions;
  readonly #listener: TlsListener;
  #shown: string | undefined;
  #injection: AuthorityInjection | undefined;
  #hasFailed = false;
  /** Ends a pause before its time: something about the certificate may have changed. */
  #again = new AbortController();

  constructor(options: WebhookServerOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    const { hostname, port, unixSocket, policy } = options;
    const app = createWebhooks({
      admission: parts.admission,
      fault: parts.log.error,
    });
    this.#listener = new TlsListener({
      ...{ hostname, port, unixSocket, policy, requestBytesMax },
      fetch: (request) => app.fetch(request),
    });
  }

  /** The API server can call and trusts, or a first attempt at that failed: nobody waits for what may never come. */
  get isSettled(): boolean {
    return this.#hasFailed || (this.#shown !== undefined && (this.#injection?.isDone ?? true));
  }

  get port(): number {
    return this.#listener.port;
  }

  /** Runs until the signal aborts; failures are logged and tried again. */
  async run(): Promise<void> {
    const { clock, signal, log } = this.#parts;
    const { certificateDirectory } = this.#options;
    const next = certificateDirectory === undefined ? this.#own() : certificateFolder(certificateDirectory);
    const checkMs = certificateDirectory === undefined ? ownCheckMs : fileCheckMs;
    for (let failures = 0; !signal.aborted; ) {
      this.#again = new AbortController();
      const pause = AbortSignal.any([signal, this.#again.signal]);
      try {
        const certificate = await next();
        if (certificate) await this.#show(certificate);
        failures = 0;
        await sleep(clock, certificate ? checkMs : standbyCheckMs, pause);
      } catch (error) {
        if (signal.aborted) break;
        this.#hasFailed = true;
        log.warn("cannot serve the webhooks yet; trying again", { error: String(error) });
        await sleep(clock, backoffMs(++failures, clock.random()), signal);
      }
    }
    await this.#listener.stop();
  }

  /** The certificate of the Secret, whose authority the API server is told. */
  #own(): () => Promise<WebhookCertificate | undefined> {
    const { client, namespace, leadership, log, clock, signal } = this.#parts;
    const { serviceName, secretName } = this.#options;
    const secret = new CertificateSecret({
      ...{ client, namespace, secretName, log },
      serverName: `${serviceName}.${namespace}.svc`,
      now: () => new Date(clock.now()),
    });
    const again = () => this.#again.abort();
    const isWriter = () => leadership.leads;
    const injection = new AuthorityInjection({ client, log, clock, signal, isWriter, outdated: again });
    this.#injection = injection;
    leadership.onChange(again);
    return async () => {
      const certificate = await secret.ensure(isWriter);
      if (certificate) injection.inject(certificate.caPem);
      return certificate;
    };
  }

  async #show(certificate: Pick<WebhookCertificate, "certPem" | "keyPem">): Promise<void> {
    if (certificate.certPem === this.#shown) return;
    await this.#listener.show(certificate);
    this.#shown = certificate.certPem;
    this.#parts.shown?.(certificate.certPem);
    this.#parts.log.info("webhooks are served", { port: this.#listener.port });
  }
}
