import { X509Certificate } from "node:crypto";
// Not by prom-client's face, which loads a push gateway, a cluster of workers and their HTTP stack: 10 MB on every node.
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Histogram from "prom-client/lib/histogram.js";
import Registry from "prom-client/lib/registry.js";
import { watchEventLoop } from "./event_loop.ts";

/**
 * What every part of the product measures of itself, and the tools with which each adds its own: a registry of its
 * own, never the global one, and series that are read off the live state at each scrape, so that nothing outlives
 * what it counts.
 */
export class ComponentMetrics {
  readonly registry = new Registry();
  readonly updates = this.counter(
    "metallb_k8s_client_updates_total",
    "Changes from the API server worked off",
  );
  readonly updateErrors = this.counter(
    "metallb_k8s_client_update_errors_total",
    "Changes from the API server that could not be worked off, and writes to it that failed",
  );
  readonly configLoaded = this.gauge(
    "metallb_k8s_client_config_loaded_bool",
    "1 once a configuration was loaded",
  );
  readonly configStale = this.gauge(
    "metallb_k8s_client_config_stale_bool",
    "1 while an object of the configuration is rejected",
  );
  readonly apiDuration = this.histogram(
    "metallb_k8s_client_api_duration_seconds",
    "Duration of calls to the Kubernetes API; of a watch, the time until it stands",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ["verb", "resource", "code"],
  );
  readonly #certificates = this.gauge(
    "metallb_tls_certificate_not_after_seconds",
    "End of the certificate that is served, Unix time",
    ["use"],
  );
  readonly #stopLag: () => void;

  constructor(version: string) {
    this.configLoaded.set(0);
    this.configStale.set(0);
    this.#process(version);
    const lag = this.gauge(
      "metallb_event_loop_lag_seconds",
      "Longest delay of the main thread's event loop in 10 seconds",
    );
    this.#stopLag = watchEventLoop((seconds) => lag.set(seconds));
  }

  stop(): void {
    this.#stopLag();
  }

  /** For whoever serves with certificates: hears of each, as PEM. */
  certificate(use: "console" | "metrics" | "webhooks"): (certPem: string) => void {
    return (certPem) =>
      this.#certificates.set({ use }, new X509Certificate(certPem).validToDate.getTime() / 1000);
  }

  /** How the component stands with the API server. */
  watchContact(contact: {
    readonly cachedSince: number | undefined;
    denials(): readonly { verb: string; resource: string }[];
  }): void {
    this.live(
      "metallb_k8s_client_cached_state_bool",
      "1 while the API server is away and what is known of the cluster is what was known",
      [],
      (gauge) => gauge.set(contact.cachedSince === undefined ? 0 : 1),
    );
    this.live(
      "metallb_k8s_client_forbidden",
      "1 for each right that the API server denies",
      ["verb", "resource"],
      (gauge) => {
        for (const { verb, resource } of contact.denials()) gauge.set({ verb, resource }, 1);
      },
    );
  }

  protected gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  protected counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  protected histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }

  /** A gauge that is filled anew at each scrape. */
  protected live(name: string, help: string, labelNames: string[], fill: (gauge: Gauge) => void): void {
    const collect = () => {
      gauge.reset();
      fill(gauge);
    };
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.registry], collect });
  }

  /** The same for counts that something else keeps. */
  protected liveCounter(
    name: string,
    help: string,
    labelNames: string[],
    fill: (counter: Counter) => void,
  ): void {
    const collect = () => {
      counter.reset();
      fill(counter);
    };
    const counter: Counter = new Counter({ name, help, labelNames, registers: [this.registry], collect });
  }

  #process(version: string): void {
    const build = this.gauge("metallb_build_info", "Always 1; the version is the label", [
      "version",
      "runtime",
    ]);
    build.set({ version, runtime: `bun ${Bun.version}` }, 1);
    const startedAt = this.gauge("process_start_time_seconds", "Start of the process, Unix time");
    startedAt.set(performance.timeOrigin / 1000);
    this.live("process_resident_memory_bytes", "Resident memory", [], (gauge) =>
      gauge.set(process.memoryUsage.rss()),
    );
    this.liveCounter("process_cpu_seconds_total", "User and system CPU time", [], (counter) => {
      const { user, system } = process.cpuUsage();
      counter.inc((user + system) / 1e6);
    });
  }
}
