import { describe, expect, test } from "bun:test";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { registryMetrics, wantsOpenMetrics } from "./mod.ts";

/** What Prometheus 2.42 sends. */
const prometheusAccept =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

describe("wantsOpenMetrics()", () => {
  test.each([
    [prometheusAccept, true],
    ["application/openmetrics-text", true],
    ["application/openmetrics-text; version=1.0.0; charset=utf-8", true],
    ["application/openmetrics-text;version=0.0.1", false],
    ["text/plain", false],
    ["*/*", false],
    ["", false],
    ["application/openmetrics-text;q=0.2,text/plain;q=0.9", false],
    ["application/openmetrics-text;q=0", false],
  ])("%p: %p", (accept, wanted) => {
    expect(wantsOpenMetrics(accept)).toBe(wanted);
  });
});

function exampleRegistry(): Registry {
  const registry = new Registry();
  const registers = [registry];
  const labelNames = ["ip"];
  new Gauge({ name: "pool_addresses_total", help: "Addresses", labelNames: ["pool"], registers }).set(
    { pool: 'a"b\\c\nd' },
    3,
  );
  new Counter({ name: "requests_received", help: "Requests", labelNames, registers }).inc({
    ip: "192.0.2.1",
  });
  new Counter({ name: "requests_received_total", help: "Requests", labelNames, registers }).inc({
    ip: "192.0.2.1",
  });
  new Counter({ name: "updates_total", help: 'Updates "all"', registers }).inc(5);
  new Counter({ name: "opens_sent", help: "Opens", registers }).inc(2);
  new Histogram({ name: "call_seconds", help: "Calls", buckets: [0.1, 1], registers }).observe(0.5);
  new Gauge({ name: "share", help: "Not known yet", registers }).set(Number.NaN);
  return registry;
}

describe("registryMetrics()", () => {
  test("OpenMetrics: every series keeps its name, plain counters lose the suffix in the family only", async () => {
    const text = await registryMetrics(exampleRegistry()).render(prometheusAccept);
    expect(text.split("\n")).toEqual([
      "# TYPE pool_addresses_total gauge",
      "# HELP pool_addresses_total Addresses",
      'pool_addresses_total{pool="a\\"b\\\\c\\nd"} 3',
      "# TYPE requests_received unknown",
      "# HELP requests_received Requests",
      'requests_received{ip="192.0.2.1"} 1',
      "# TYPE requests_received_total unknown",
      "# HELP requests_received_total Requests",
      'requests_received_total{ip="192.0.2.1"} 1',
      "# TYPE updates counter",
      '# HELP updates Updates \\"all\\"',
      "updates_total 5",
      "# TYPE opens_sent unknown",
      "# HELP opens_sent Opens",
      "opens_sent 2",
      "# TYPE call_seconds histogram",
      "# HELP call_seconds Calls",
      'call_seconds_bucket{le="0.1"} 0',
      'call_seconds_bucket{le="1"} 1',
      'call_seconds_bucket{le="+Inf"} 1',
      "call_seconds_sum 0.5",
      "call_seconds_count 1",
      "# TYPE share gauge",
      "# HELP share Not known yet",
      "share NaN",
      "# EOF",
      "",
    ]);
  });

  test("an OpenMetrics scrape does not rename the counters of the next text scrape", async () => {
    const metrics = registryMetrics(exampleRegistry());
    const before = await metrics.render("text/plain");
    await metrics.render(prometheusAccept);
    expect(await metrics.render("text/plain")).toBe(before);
    expect(before).toContain("# TYPE updates_total counter");
    expect(before).toContain('requests_received{ip="192.0.2.1"} 1');
  });

  test("both formats hold the same series with the same values", async () => {
    const metrics = registryMetrics(exampleRegistry());
    const series = (text: string) =>
      text
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => line.replace(/ Nan$/, " NaN"))
        .sort();
    expect(series(await metrics.render(prometheusAccept))).toEqual(
      series(await metrics.render("text/plain")),
    );
  });

  const promtool = Bun.which("promtool");
  test.skipIf(promtool === null)(
    "promtool reads the text format (skipped where promtool is missing)",
    async () => {
      const registry = new Registry();
      new Gauge({ name: "metallb_bgp_session_up", help: "BGP session state", registers: [registry] }).set(1);
      new Counter({ name: "metallb_bgp_updates_total", help: "UPDATEs sent", registers: [registry] }).inc();
      const text = await registryMetrics(registry).render("text/plain");
      const check = Bun.spawnSync([promtool ?? "", "check", "metrics"], { stdin: Buffer.from(text) });
      expect(check.stderr.toString()).toBe("");
      expect(check.exitCode).toBe(0);
    },
  );

  test("names the content type it renders", () => {
    const metrics = registryMetrics(new Registry());
    expect(metrics.contentType(prometheusAccept)).toBe(
      "application/openmetrics-text; version=1.0.0; charset=utf-8",
    );
    expect(metrics.contentType("")).toBe("text/plain; version=0.0.4; charset=utf-8");
  });
});
