import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertGroups, panelRows } from "../../k8s/monitoring/mod.ts";
import { missing, TestCluster } from "./support/cluster.ts";
import { eventually } from "./support/eventually.ts";
import { bgp, bgpService, demo, firstPool, l2Advertisement } from "./support/manifests.ts";
import { leaderOf } from "./support/observe.ts";
import { must } from "./support/run.ts";

const lacking = missing("prometheus", "promtool", "bird");

describe.skipIf(lacking !== undefined)(`a real Prometheus${lacking ? ` (needs ${lacking})` : ""}`, () => {
  let cluster: TestCluster;
  let prometheus: Bun.Subprocess;
  let data: string;
  let url: string;

  beforeAll(async () => {
    cluster = await TestCluster.start();
    for (const manifest of [firstPool, l2Advertisement, demo, bgp, bgpService]) await cluster.apply(manifest);
    const config = join(cluster.stateDirectory, "prometheus.yml");
    await must(["promtool", "check", "config", config]);
    data = mkdtempSync(join(tmpdir(), "mlbt-prometheus-"));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    prometheus = Bun.spawn(
      [
        "prometheus",
        `--config.file=${config}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdout: "ignore", stderr: "ignore" },
    );
    await eventually("the address is announced", () => leaderOf(cluster, "192.168.1.240"));
  }, 90_000);

  afterAll(async () => {
    prometheus?.kill("SIGKILL");
    await prometheus?.exited;
    await cluster?.stop();
    if (data) rmSync(data, { recursive: true, force: true });
  });

  test("scrapes the controller and every speaker", async () => {
    const up = await eventually(
      "four targets are up",
      async () => {
        const rows = await query("up");
        return rows.length === 4 && rows.every((row) => row.value[1] === "1") && rows;
      },
      60_000,
      500,
    );
    expect(up.length).toBe(4);
  }, 70_000);

  test.each([
    ['metallb_allocator_addresses_in_use_total{pool="first-pool"}', 1, "1"],
    ['metallb_allocator_addresses_total{pool="first-pool"}', 1, "11"],
    ['metallb_speaker_announced{protocol="layer2",ip="192.168.1.240"}', 1, "1"],
    ['metallb_speaker_announced{protocol="bgp"}', 3, "1"],
    ["metallb_bgp_session_up == 1", 3, "1"],
    ["metallb_k8s_client_config_loaded_bool", 4, "1"],
  ])(
    "%s answers",
    async (expression, series, value) => {
      const rows = await eventually(
        `${series} series of ${expression}`,
        async () => {
          const found = await query(expression);
          return found.length === series && found.every((row) => row.value[1] === value) && found;
        },
        30_000,
        500,
      );
      expect(rows.map((row) => row.value[1])).toEqual(new Array(series).fill(value));
    },
    40_000,
  );

  test("the guide's arithmetic gives the use of the pool in percent", async () => {
    const [row] = await query(
      '(metallb_allocator_addresses_in_use_total{pool="first-pool"} / metallb_allocator_addresses_total{pool="first-pool"}) * 100',
    );
    expect(Number(row?.value[1])).toBeCloseTo(100 / 11, 6);
  });

  test("counts ARP requests and answers in both spellings", async () => {
    await cluster.exec("client", ["arping", "-c", "2", "-i", "eth0", "192.168.1.240"]);
    for (const name of ["requests_received", "responses_sent", "gratuitous_sent"]) {
      for (const spelling of [`metallb_layer2_${name}`, `metallb_layer2_${name}_total`]) {
        const [row] = await eventually(
          `${spelling} counts`,
          async () => {
            const rows = await query(`sum(${spelling}{ip="192.168.1.240"}) > 0`);
            return rows.length === 1 && rows;
          },
          30_000,
          500,
        );
        expect(Number(row?.value[1])).toBeGreaterThan(0);
      }
    }
  }, 60_000);

  test("promtool finds nothing to mend in what is served", async () => {
    for (const part of ["controller", "speaker-node1"]) {
      const socket = join(cluster.stateDirectory, "sockets", `${part}.sock`);
      const text = await must(["curl", "-sS", "--unix-socket", socket, "http://metallb/metrics"]);
      // Names that MetalLB gave break two of the linter's rules; parsing them must not fail.
      const { exitCode, stderr } = Bun.spawnSync(["promtool", "check", "metrics"], {
        stdin: Buffer.from(text),
      });
      expect(stderr.toString()).not.toContain("error while linting");
      expect([0, 3]).toContain(exitCode);
    }
  });

  test("every metric that alerts and dashboard ask for is served", async () => {
    const asked = new Set(
      expressions().flatMap((expression) => expression.match(/\b(?:metallb|process)_\w+/g) ?? []),
    );
    const served = new Set<string>();
    for (const part of ["controller", "speaker-node1"]) {
      const socket = join(cluster.stateDirectory, "sockets", `${part}.sock`);
      const text = await must(["curl", "-sS", "--unix-socket", socket, "http://metallb/metrics"]);
      for (const [, name = "", type] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
        served.add(name);
        if (type !== "histogram") continue;
        for (const suffix of ["bucket", "sum", "count"]) served.add(`${name}_${suffix}`);
      }
    }
    expect(asked.size).toBeGreaterThan(20);
    expect([...asked].filter((name) => !served.has(name))).toEqual([]);
  });

  test("Prometheus evaluates each of them, and none of the alerts is on without a cause", async () => {
    for (const expression of expressions()) await query(expression.replaceAll("$__rate_interval", "1m"));
    let on: string[] = [];
    const isQuiet = async () => {
      on = [];
      for (const { name, expr } of Object.values(alertGroups).flat()) {
        if ((await query(expr)).length > 0) on.push(name);
      }
      return on.length === 0;
    };
    // A condition may hold for a moment; "for" says so of most.
    await eventually("no alert's condition holds", isQuiet, 30_000, 1_000).catch(() => {});
    expect(on).toEqual([]);
  }, 40_000);

  /** What alerts and dashboard ask. */
  function expressions(): string[] {
    const panels = Object.values(panelRows).flat();
    const alerts = Object.values(alertGroups).flat();
    return [...alerts, ...panels.flatMap((panel) => panel.queries)].map(({ expr }) => expr);
  }

  async function query(
    expression: string,
  ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const body = (await response.json()) as { status: string; data?: { result: never[] }; error?: string };
    if (body.status !== "success") throw new Error(`${expression}: ${body.error}`);
    return body.data?.result ?? [];
  }
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
