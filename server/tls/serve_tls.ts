import type { Hono } from "hono";
import type { Served } from "../serve.ts";
import { type ServingCertificate, TlsListener, type TlsListenerOptions } from "./tls_listener.ts";

/** Gives the certificate to serve with now; asked again and again. Rejects where there is none yet. */
export type CertificateSource = () => Promise<ServingCertificate>;

export interface TlsLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface ServeTlsOptions extends Omit<TlsListenerOptions, "unixSocket" | "fetch"> {
  app: Hono;
  /** What is served, for the log: "metrics over HTTPS". */
  what: string;
  certificate: CertificateSource;
  log: TlsLog;
  /** Hears of each certificate that is served from now on, as PEM. */
  shown?: (certPem: string) => void;
  /** How often the certificate is looked at. */
  checkMs?: number;
}

/** As often as controller-runtime's certificate watcher looks. */
const checkStandardMs = 10_000;

/**
 * Serves over TLS and follows the certificate. What stands in the way (no certificate yet, a port that is taken) is
 * logged once and tried again: metrics and pages are no reason to stop announcing addresses.
 */
export async function serveTls(options: ServeTlsOptions): Promise<Served> {
  const { what, certificate, log, checkMs = checkStandardMs } = options;
  const fetch = (request: Request, server: unknown) => options.app.fetch(request, { server });
  const listener = new TlsListener({ ...options, fetch });
  let shown: ServingCertificate | undefined;
  let trouble: string | undefined;
  let isChecking = false;
  let isStopped = false;

  async function check(): Promise<void> {
    if (isChecking || isStopped) return;
    isChecking = true;
    try {
      const now = await certificate();
      if (!isStopped && (now.certPem !== shown?.certPem || now.keyPem !== shown.keyPem)) {
        await listener.show(now);
        if (isStopped) return await listener.stop();
        log.info(shown ? `serving ${what} with a new certificate` : `serving ${what}`, {
          port: listener.port,
        });
        shown = now;
        options.shown?.(now.certPem);
      }
      trouble = undefined;
    } catch (error) {
      const told = error instanceof Error ? error.message : String(error);
      if (told !== trouble) {
        const state = shown ? `the certificate of ${what} stays the old one` : `not serving ${what} yet`;
        log.warn(`${state}; trying again`, { error });
      }
      trouble = told;
    } finally {
      isChecking = false;
    }
  }

  await check();
  const timer = setInterval(check, checkMs);
  return {
    get port() {
      return listener.port;
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await listener.stop();
    },
  };
}
