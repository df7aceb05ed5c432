import type { Config, ConfigIssue } from "#core/config/mod.ts";
import type { Decision, ServiceBook } from "#core/service/mod.ts";
import { ComponentMetrics } from "#server/mod.ts";

interface Sources {
  version: string;
  book: ServiceBook;
  issues(): readonly ConfigIssue[];
  /** Creation time of every Service that waits for an address, epoch milliseconds. */
  pendingSince(): number[];
  speakers(): readonly { answers: boolean }[];
  leads(): boolean;
  now(): number;
}

/**
 * The controller's metrics (DESIGN section 5). What can be read off the live state is read at each scrape, so that a
 * series lives exactly as long as its pool, Service or object.
 */
export class ControllerMetrics extends ComponentMetrics {
  readonly #reconcile = this.histogram(
    "metallb_controller_reconcile_duration_seconds",
    "Time to decide upon one change",
    [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  );
  readonly #allocationErrors = this.counter(
    "metallb_allocator_addresses_errors_total",
    "Allocations that failed; pool is empty where no single pool is to blame",
    ["pool", "reason"],
  );
  #poolNames: ReadonlySet<string> = new Set();
  /** The reasons counted for each pool. */
  readonly #failedPools = new Map<string, Set<string>>();

  constructor(sources: Sources) {
    super(sources.version);
    this.#pools(sources.book);
    this.#holders(sources.book);
    this.#services(sources);
    this.#configuration(sources);
    this.live(
      "metallb_controller_leader",
      "1 on the replica that gives addresses and writes, 0 on a standby",
      [],
      (gauge) => gauge.set(sources.leads() ? 1 : 0),
    );
    this.live("metallb_controller_speakers", "Speakers by whether they answer", ["answers"], (gauge) => {
      const answering = sources.speakers().filter((speaker) => speaker.answers).length;
      gauge.set({ answers: "true" }, answering);
      gauge.set({ answers: "false" }, sources.speakers().length - answering);
    });
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

  #pools(book: ServiceBook): void {
    const families = [
      ["metallb_allocator_addresses", "addresses", ["ipv4", "ipv6"]],
      ["metallb_allocator_ipv4_addresses", "IPv4 addresses", ["ipv4"]],
      ["metallb_allocator_ipv6_addresses", "IPv6 addresses", ["ipv6"]],
    ] as const;
    for (const [name, what, counted] of families) {
      this.live(`${name}_total`, `Usable ${what} of the pool`, ["pool"], (gauge) => {
        for (const { pool, total } of book.allocator.poolUses()) {
          gauge.set({ pool: pool.name }, Number(counted.reduce((sum, family) => sum + total[family], 0n)));
        }
      });
      this.live(`${name}_in_use_total`, `Distinct ${what} of the pool in use`, ["pool"], (gauge) => {
        for (const { pool, used } of book.allocator.poolUses()) {
          gauge.set(
            { pool: pool.name },
            counted.reduce((sum, family) => sum + Number(used[family]), 0),
          );
        }
      });
    }
    for (const [state, help] of policyStates) {
      this.live(`metallb_allocator_addresses_${state}`, help, ["pool"], (gauge) => {
        for (const use of book.allocator.poolUses()) {
          gauge.set({ pool: use.pool.name }, Number(use[state].ipv4) + Number(use[state].ipv6));
        }
      });
    }
    this.live(
      "metallb_allocator_holding_bool",
      "1 while every pool has vanished and Services keep what they have",
      [],
      (gauge) => gauge.set(book.isHolding ? 1 : 0),
    );
    this.live(
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
    this.live(
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
    this.live("metallb_controller_services_pending", "Services that wait for an address", [], (gauge) =>
      gauge.set(pendingSince().length),
    );
    this.live(
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
    this.live(
      "metallb_controller_config_rejected",
      "Objects of the configuration that are rejected now",
      ["kind"],
      (gauge) => {
        const rejected = new Map(issues().map(({ kind, name }) => [`${kind}/${name}`, kind]));
        for (const kind of rejected.values()) gauge.inc({ kind });
      },
    );
  }
}

/** What pools do by annotation, as `PoolUse` counts it. */
const policyStates = [
  ["excluded", "Addresses of the pool that are never given out (metallb.io/exclude-addresses)"],
  ["reserved", "Addresses of the pool that are reserved for a Service and held by nobody"],
  ["cooling", "Addresses of the pool that were given back and are not reused yet (metallb.io/reuse-after)"],
  ["kept", "Addresses that Services keep although the pool excludes them, or has them no more"],
] as const;
