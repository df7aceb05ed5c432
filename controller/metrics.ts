import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Config, ConfigIssue } from "#core/config/mod.ts";
import type { Decision, ServiceBook } from "#core/service/mod.ts";
import { watchEventLoop } from "./event_loop.ts";

interface Sources {
  version: string;
  book: ServiceBook;
  issues(): readonly ConfigIssue[];
  /** Creation time of every Service that waits for an address, epoch milliseconds. */
  pendingSince(): number[];
  speakers(): readonly { answers: boolean }[];
  now(): number;
}

/**
 * The controller's metrics (DESIGN section 5). What can be read off the live state is read at each scrape, so that a
 * series lives exactly as long as its pool, Service or object.
 */
export class ControllerMetrics {
  readonly registry = new Registry();
  readonly updates = this.#counter(
    "metallb_k8s_client_updates_total",
    "Changes from the API server worked off",
  );
  readonly updateErrors = this.#counter(
    "metallb_k8s_client_update_errors_total",
    "Changes from the API server that could not be worked off, and writes to it that failed",
  );
  readonly configLoaded = this.#gauge(
    "metallb_k8s_client_config_loaded_bool",
    "1 once a configuration was loaded",
  );
  readonly configStale = this.#gauge(
    "metallb_k8s_client_config_stale_bool",
    "1 while an object of the configuration is rejected",
  );
  readonly apiDuration = new Histogram({
    name: "metallb_k8s_client_api_duration_seconds",
    help: "Duration of calls to the Kubernetes API; of a watch, the time until it stands",
    labelNames: ["verb", "resource", "code"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  readonly #reconcile = new Histogram({
    name: "metallb_controller_reconcile_duration_seconds",
    help: "Time to decide upon one change",
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });
  readonly #allocationErrors = this.#counter(
    "metallb_allocator_addresses_errors_total",
    "Allocations that failed; pool is empty where no single pool is to blame",
    ["pool", "reason"],
  );
  #poolNames: ReadonlySet<string> = new Set();
  /** The reasons counted for each pool. */
  readonly #failedPools = new Map<string, Set<string>>();
  readonly #stopLag: () => void;

  constructor(sources: Sources) {
    this.configLoaded.set(0);
    this.configStale.set(0);
    this.#pools(sources.book);
    this.#holders(sources.book);
    this.#services(sources);
    this.#configuration(sources);
    this.#live("metallb_controller_speakers", "Speakers by whether they answer", ["answers"], (gauge) => {
      const answering = sources.speakers().filter((speaker) => speaker.answers).length;
      gauge.set({ answers: "true" }, answering);
      gauge.set({ answers: "false" }, sources.speakers().length - answering);
    });
    this.#process(sources.version);
    const lag = this.#gauge(
      "metallb_event_loop_lag_seconds",
      "Longest delay of the event loop in 10 seconds",
    );
    this.#stopLag = watchEventLoop((seconds) => lag.set(seconds));
  }

  /** Times one call of the book. */
  timed<T>(work: () => T): T {
    const end = this.#reconcile.startTimer();
    try {
      return work();
    } finally {
      end();
    }
  }

  decided({ pending, events }: Decision): void {
    this.updates.inc();
    if (!pending || !events.some((event) => event.reason === "AllocationFailed")) return;
    // A name that somebody mistyped must not become a series.
    const asked = String(pending.params.pool ?? "");
    const pool = this.#poolNames.has(asked) ? asked : "";
    this.#allocationErrors.inc({ pool, reason: pending.code });
    this.#failedPools.set(pool, (this.#failedPools.get(pool) ?? new Set()).add(pending.code));
  }

  /** A configuration was loaded; the series of pools that are gone go with them. */
  configured(config: Config, issues: readonly ConfigIssue[]): void {
    this.updates.inc();
    this.configLoaded.set(1);
    this.configStale.set(issues.length > 0 ? 1 : 0);
    if (issues.length > 0) this.updateErrors.inc();
    this.#poolNames = new Set(config.pools.map((pool) => pool.name));
    for (const [pool, codes] of this.#failedPools) {
      if (pool === "" || this.#poolNames.has(pool)) continue;
      for (const code of codes) this.#allocationErrors.remove({ pool, reason: code });
      this.#failedPools.delete(pool);
    }
  }

  stop(): void {
    this.#stopLag();
  }

  #pools(book: ServiceBook): void {
    const families = [
      ["metallb_allocator_addresses", "addresses", ["ipv4", "ipv6"]],
      ["metallb_allocator_ipv4_addresses", "IPv4 addresses", ["ipv4"]],
      ["metallb_allocator_ipv6_addresses", "IPv6 addresses", ["ipv6"]],
    ] as const;
    for (const [name, what, counted] of families) {
      this.#live(`${name}_total`, `Usable ${what} of the pool`, ["pool"], (gauge) => {
        for (const { pool, total } of book.allocator.poolUses()) {
          gauge.set({ pool: pool.name }, Number(counted.reduce((sum, family) => sum + total[family], 0n)));
        }
      });
      this.#live(`${name}_in_use_total`, `Distinct ${what} of the pool in use`, ["pool"], (gauge) => {
        for (const { pool, used } of book.allocator.poolUses()) {
          gauge.set(
            { pool: pool.name },
            counted.reduce((sum, family) => sum + Number(used[family]), 0),
          );
        }
      });
    }
    this.#live(
      "metallb_allocator_services_allocated_total",
      "Services that hold an address of the pool",
      ["pool"],
      (gauge) => {
        for (const { pool, services } of book.allocator.poolUses()) gauge.set({ pool: pool.name }, services);
      },
    );
  }

  #holders(book: ServiceBook): void {
    const labels = ["pool", "namespace", "service"];
    this.#live(
      "metallb_allocator_ip_addresses_in_use_total",
      "Addresses that the Service holds",
      labels,
      (gauge) => {
        for (const { pool, addresses, service: key } of book.decisions()) {
          if (pool === undefined || addresses.length === 0) continue;
          const [namespace = "", service = ""] = key.split("/");
          gauge.set({ pool, namespace, service }, addresses.length);
        }
      },
    );
  }

  #services({ pendingSince, now }: Sources): void {
    this.#live("metallb_controller_services_pending", "Services that wait for an address", [], (gauge) =>
      gauge.set(pendingSince().length),
    );
    this.#live(
      "metallb_controller_service_pending_oldest_seconds",
      "Age of the Service that has waited longest; 0 without one",
      [],
      (gauge) => {
        const oldest = pendingSince().reduce((least, since) => Math.min(least, since), now());
        gauge.set((now() - oldest) / 1000);
      },
    );
  }

  #configuration({ issues }: Sources): void {
    this.#live(
      "metallb_controller_config_rejected",
      "Objects of the configuration that are rejected now",
      ["kind"],
      (gauge) => {
        const rejected = new Map(issues().map(({ kind, name }) => [`${kind}/${name}`, kind]));
        for (const kind of rejected.values()) gauge.inc({ kind });
      },
    );
  }

  #process(version: string): void {
    const build = this.#gauge("metallb_build_info", "Always 1; the version is the label", [
      "version",
      "runtime",
    ]);
    build.set({ version, runtime: `bun ${Bun.version}` }, 1);
    const startedAt = this.#gauge("process_start_time_seconds", "Start of the process, Unix time");
    startedAt.set(performance.timeOrigin / 1000);
    this.#live("process_resident_memory_bytes", "Resident memory", [], (gauge) =>
      gauge.set(process.memoryUsage.rss()),
    );
    const cpu: Counter = new Counter({
      name: "process_cpu_seconds_total",
      help: "User and system CPU time",
      registers: [this.registry],
      collect() {
        const { user, system } = process.cpuUsage();
        cpu.reset();
        cpu.inc((user + system) / 1e6);
      },
    });
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #live(name: string, help: string, labelNames: string[], fill: (gauge: Gauge) => void): void {
    const collect = () => {
      gauge.reset();
      fill(gauge);
    };
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.registry], collect });
  }
}
