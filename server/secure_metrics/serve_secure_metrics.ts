import type { Served } from "../serve.ts";
import {
  type CertificateSource,
  certificateFolder,
  type ServeTlsOptions,
  serveTls,
  type TlsPolicy,
} from "../tls/mod.ts";
import { createSecureMetrics, type SecureMetricsOptions } from "./secure_metrics.ts";

/** What flags say of it. */
export interface SecureMetricsSettings {
  port: number;
  policy: TlsPolicy;
  /** Of tls.crt and tls.key; without it a self-signed certificate serves. */
  certificateDirectory?: string;
  /** How often the certificate is looked at. */
  checkMs?: number;
}

export interface SecureMetricsParts
  extends SecureMetricsOptions,
    Pick<ServeTlsOptions, "hostname" | "log" | "shown"> {
  /** Asked where no folder is named. */
  selfSigned: CertificateSource;
}

/** A scrape has no body. */
const requestBytesMax = 4 * 1024;

/** Serves {@link createSecureMetrics} over TLS; without settings nothing. */
export async function serveSecureMetrics(
  settings: SecureMetricsSettings | undefined,
  { hostname, log, shown, selfSigned, ...options }: SecureMetricsParts,
): Promise<Served | undefined> {
  if (!settings) return undefined;
  const { certificateDirectory, ...listening } = settings;
  const app = createSecureMetrics(options);
  return await serveTls({
    ...listening,
    hostname,
    log,
    ...(shown && { shown }),
    what: "metrics over HTTPS",
    certificate: certificateDirectory === undefined ? selfSigned : certificateFolder(certificateDirectory),
    requestBytesMax,
    app,
  });
}
