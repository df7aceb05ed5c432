import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alertCases } from "./alert_cases.ts";
import { koreanAlerts, koreanDashboard } from "./korean.ts";
import { alertGroups, dashboard, monitoringFiles, panelRows } from "./mod.ts";

const alerts = Object.values(alertGroups).flat();
const rendered = join(import.meta.dir, "rendered");
const promtool = Bun.which("promtool");
const folder = mkdtempSync(join(tmpdir(), "mlbt-monitoring-"));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(Object.entries(monitoringFiles()))("%s is what the tables say", async (name, text) => {
  expect(await Bun.file(join(rendered, name)).text()).toBe(text);
});

test("every alert is named once, and has a case", () => {
  const names = alerts.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(alertCases.map(({ alert }) => alert)).toEqual(names);
});

test("everything that is said to people is said in Korean, too", () => {
  const letters = /[가-힣]/;
  const untold = alerts.filter(({ name, summary, description }) => {
    const { [name]: told } = koreanAlerts;
    const values = (text = "") => (text.match(/\{\{.*?\}\}/g) ?? []).sort().join();
    return (
      !letters.test(`${told?.summary}`) ||
      !letters.test(`${told?.description}`) ||
      values(told?.summary) !== values(summary) ||
      values(told?.description) !== values(description)
    );
  });
  expect(untold.map(({ name }) => name)).toEqual([]);
  expect(Object.keys(koreanAlerts)).toEqual(alerts.map(({ name }) => name));

  const panels = Object.values(panelRows).flat();
  const said = [
    ...Object.keys(panelRows),
    ...panels.flatMap(({ title, description, columns = {} }) => [
      title,
      description ?? title,
      ...Object.values(columns),
    ]),
    ...panels
      .flatMap(({ queries }) => queries.map(({ legend }) => legend ?? ""))
      .filter((text) => /^[a-z ]+$/.test(text)),
  ];
  expect([...new Set(said)].filter((text) => !(text in koreanDashboard))).toEqual([]);
  expect(Object.keys(koreanDashboard).filter((text) => !said.includes(text))).toEqual([]);
});

test.each(["monitoring.md", "monitoring.ko.md"])("docs/%s explains every alert", async (name) => {
  const text = await Bun.file(join(import.meta.dir, "..", "..", "docs", name)).text();
  const rows = alerts.map(({ name, severity }) => ({
    name,
    isThere: new RegExp(`^\\| [^|]*\\b${name}\\b[^|]*\\| ${severity} \\|`, "m").test(text),
  }));
  expect(rows.filter(({ isThere }) => !isThere)).toEqual([]);
});

describe.skipIf(promtool === null)(`alerts${promtool ? "" : " (needs promtool)"}`, () => {
  /** Runs promtool's unit tests; gives what it finds wrong. */
  async function judge(file: string, tests: object[]): Promise<string> {
    const path = join(folder, file);
    const rules = join(rendered, "alerts.yaml");
    await Bun.write(path, JSON.stringify({ rule_files: [rules], evaluation_interval: "1m", tests }));
    const { exitCode, stdout, stderr } = Bun.spawnSync([promtool ?? "", "test", "rules", path]);
    return exitCode === 0 ? "" : `${stdout}${stderr}`;
  }

  const firingOf = (alert: string) => `ALERTS{alertname="${alert}",alertstate="firing"}`;
  const inputs = (series: Readonly<Record<string, string>>) =>
    Object.entries(series).map(([name, values]) => ({ series: name, values }));

  test.each(["alerts.yaml", "alerts.ko.yaml"])("promtool finds no fault in %s", (file) => {
    const line = [promtool ?? "", "check", "rules", "--lint-fatal", join(rendered, file)];
    const { exitCode, stdout } = Bun.spawnSync(line);
    expect([exitCode, stdout.toString()]).toEqual([
      0,
      expect.stringContaining(`${alerts.length} rules found`),
    ]);
  });

  test("each fires when it should, with its labels, and not when it only comes near", async () => {
    const tests = alertCases.flatMap(({ alert, at, firing, labels, quiet }) => {
      const { severity } = alerts.find(({ name }) => name === alert) ?? { severity: "" };
      const named = { alertname: alert, alertstate: "firing", severity, ...labels };
      const text = Object.entries(named).map(([name, value]) => `${name}="${value}"`);
      const query = { expr: firingOf(alert), eval_time: at };
      return [
        {
          interval: "1m",
          input_series: inputs(firing),
          promql_expr_test: [{ ...query, exp_samples: [{ labels: `ALERTS{${text.join(",")}}`, value: 1 }] }],
        },
        { interval: "1m", input_series: inputs(quiet), promql_expr_test: [{ ...query, exp_samples: [] }] },
      ];
    });
    expect(await judge("cases.json", tests)).toBe("");
  }, 60_000);

  test("says in words what is wrong, with the values in their places", async () => {
    const wrong = await judge("words.json", [
      {
        interval: "1m",
        input_series: inputs({
          'metallb_allocator_addresses_in_use_total{pool="a"}': "80x20",
          'metallb_allocator_addresses_total{pool="a"}': "100x20",
        }),
        alert_rule_test: [
          {
            alertname: "MetalLBAddressPoolUsage75Percent",
            eval_time: "5m",
            exp_alerts: [
              {
                exp_labels: { pool: "a", severity: "warning" },
                exp_annotations: {
                  summary: "Pool a is in use to more than 75 %",
                  description:
                    "80 % of the pool's addresses are held by Services. Add a range, or another pool.",
                },
              },
            ],
          },
        ],
      },
    ]);
    expect(wrong).toBe("");
  });
});

describe("the dashboard", () => {
  const drawn = dashboard().panels as {
    id: number;
    type: string;
    gridPos: Record<"x" | "y" | "w" | "h", number>;
  }[];

  test("has every panel, under ids of their own, none upon another", () => {
    const rows = Object.entries(panelRows);
    expect(drawn).toHaveLength(rows.length + rows.flatMap(([, panels]) => panels).length);
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(drawn.length);
    const cells = new Set<string>();
    for (const { gridPos } of drawn) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(cells.has(`${column},${line}`)).toBeFalse();
          cells.add(`${column},${line}`);
        }
      }
    }
  });

  test("asks in PromQL that promtool reads", async () => {
    if (!promtool) return;
    const queries = Object.values(panelRows).flatMap((panels) => panels.flatMap((panel) => panel.queries));
    const rules = queries.map(({ expr }, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll("$__rate_interval", "5m"),
    }));
    const path = join(folder, "panels.json");
    await Bun.write(path, JSON.stringify({ groups: [{ name: "panels", rules }] }));
    const { exitCode, stderr } = Bun.spawnSync([promtool, "check", "rules", path]);
    expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  });
});
