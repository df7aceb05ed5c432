import { stringify } from "yaml";

/** A process whose /metrics is reached by a loopback port. */
export interface MetricsTarget {
  job: "controller" | "speaker";
  /** The node; the controller has none. */
  node?: string;
  /** `127.0.0.1:7472`. */
  address: string;
}

/** The configuration for a Prometheus beside the sandbox, every 5 s, each speaker labelled with its node. */
export function prometheusConfig(targets: readonly MetricsTarget[]): string {
  const jobs = [...new Set(targets.map(({ job }) => job))];
  return stringify({
    global: { scrape_interval: "5s" },
    scrape_configs: jobs.map((job) => ({
      job_name: job,
      static_configs: targets
        .filter((target) => target.job === job)
        .map(({ address, node }) => ({ targets: [address], ...(node && { labels: { instance: node } }) })),
    })),
  });
}
