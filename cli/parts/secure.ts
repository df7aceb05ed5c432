import { type Command, Option } from "commander";
import { tlsPolicy } from "#server/tls/mod.ts";
import { boolean } from "./boolean.ts";
import { given, port } from "./flags.ts";

/** What MetalLB's manifests say since 0.16: `--port=9120` for metrics over HTTPS, and nothing else on it. */
export const metallbMetricsPort = 9120;
const standardPort = 7472;

/** TLS and metrics over HTTPS, for both parts; MetalLB's names where it has them. */
export function secureOptions(command: Command): Command {
  return command
    .addOption(port("--secure-metrics-port <port>", "port of /metrics over HTTPS; 0 for none", 0))
    .addOption(boolean("--plain-metrics", "serve /metrics in the clear, on --port", true))
    .option("--metrics-cert-dir <folder>", "tls.crt and tls.key for it; without them self-signed", "")
    .addOption(new Option("--tls-min-version <version>", "VersionTLS12 or VersionTLS13").default(""))
    .addOption(new Option("--tls-cipher-suites <names>", "of TLS 1.2, by IANA's names").default(""))
    .addOption(new Option("--tls-curve-preferences <numbers>", "CurveIDs, as in 29,23").default(""));
}

type Flags = Record<string, string> & { port: unknown; secureMetricsPort: unknown; plainMetrics: unknown };

/** Reads them; throws with what is allowed. `--port=9120` is MetalLB's, and so is what it means. */
export function secureSettings(flags: Flags) {
  const policy = tlsPolicy({
    minVersion: flags.tlsMinVersion,
    cipherSuites: flags.tlsCipherSuites,
    curvePreferences: flags.tlsCurvePreferences,
  });
  // Who names a port for HTTPS knows which is which.
  const isMetallbs = flags.port === metallbMetricsPort && flags.secureMetricsPort === 0;
  const securePort = isMetallbs ? metallbMetricsPort : (flags.secureMetricsPort as number);
  const settings = {
    port: securePort,
    policy,
    ...given("certificateDirectory", flags.metricsCertDir || undefined),
  };
  const meaning = `taken as MetalLB means it, --secure-metrics-port=${metallbMetricsPort}; all else is served on ${standardPort}`;
  return {
    policy,
    port: isMetallbs ? standardPort : (flags.port as number),
    isPlainMetricsOff: flags.plainMetrics === false,
    ...(securePort !== 0 && { secureMetrics: settings }),
    findings: isMetallbs ? [{ given: `--port=${metallbMetricsPort}`, meaning }] : [],
  };
}
