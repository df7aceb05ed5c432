import { type Panel, panelRows } from "./panels.ts";

const datasource = { type: "prometheus", uid: "$datasource" };
const heights: Readonly<Record<Panel["type"], number>> = {
  stat: 4,
  gauge: 8,
  piechart: 8,
  bargauge: 8,
  timeseries: 8,
  table: 9,
};
const breadth = 24;

/** Words on it, by the English ones; English where there are none. */
type Words = Readonly<Record<string, string>>;

/** The dashboard for Grafana 10 and later; the source of data is chosen on it. */
export function dashboard(words: Words = {}) {
  const panels: object[] = [];
  let y = 0;
  const say = (text: string) => words[text] ?? text;
  for (const [name, row] of Object.entries(panelRows)) {
    const title = say(name);
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: { h: 1, w: breadth, x: 0, y },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row) {
      if (x + panel.width > breadth) {
        y += height;
        [x, height] = [0, 0];
      }
      const h = heights[panel.type];
      panels.push({ id: panels.length + 1, ...drawn(panel, say), gridPos: { h, w: panel.width, x, y } });
      x += panel.width;
      height = Math.max(height, h);
    }
    y += height;
  }
  return {
    title: "MetalLB",
    uid: "metallb-ts",
    tags: ["metallb"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus", refresh: 1 },
      ],
    },
    panels,
  };
}

function drawn(panel: Panel, say: (text: string) => string): object {
  const { title, type, description, unit, queries, steps, columns } = panel;
  return {
    type,
    title: say(title),
    ...(description && { description: say(description) }),
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      ...(legend && { legendFormat: say(legend) }),
      // One value for a table or a dial, a curve for the rest.
      ...(type === "timeseries" ? { range: true } : { instant: true, range: false }),
      ...(type === "table" && { format: "table" }),
    })),
    fieldConfig: {
      defaults: {
        ...(unit && { unit }),
        ...(type === "gauge" && { min: 0, max: 100 }),
        ...(steps && {
          thresholds: { mode: "absolute", steps: steps.map(({ from, color }) => ({ value: from, color })) },
        }),
      },
      overrides: [],
    },
    options: drawing(panel),
    ...(columns && { transformations: [arranged(columns, say)] }),
  };
}

function drawing({ type }: Panel): object {
  const lastValue = { calcs: ["lastNotNull"], fields: "", values: false };
  switch (type) {
    case "timeseries":
      return {
        legend: { displayMode: "list", placement: "bottom" },
        tooltip: { mode: "multi", sort: "desc" },
      };
    case "piechart":
      return {
        pieType: "pie",
        displayLabels: ["percent"],
        legend: { values: ["value"] },
        reduceOptions: lastValue,
      };
    case "bargauge":
      return { orientation: "horizontal", displayMode: "basic", reduceOptions: lastValue };
    case "table":
      return { showHeader: true };
    default:
      return { reduceOptions: lastValue };
  }
}

/** Columns by the names of the labels that a query returns; the others are hidden. */
function arranged(columns: Readonly<Record<string, string>>, say: (text: string) => string): object {
  const names = Object.keys(columns);
  const renameByName = Object.fromEntries(names.map((name) => [name, say(columns[name] ?? name)]));
  const indexByName = Object.fromEntries(names.map((name, index) => [name, index]));
  return {
    id: "organize",
    options: { indexByName, renameByName, excludeByName: hidden(names) },
  };
}

/** Labels that queries bring along and nobody reads here. */
function hidden(shown: readonly string[]): Record<string, boolean> {
  const usual = [
    "Time",
    "__name__",
    "container",
    "endpoint",
    "instance",
    "job",
    "namespace",
    "pod",
    "Value",
    "vrf",
  ];
  return Object.fromEntries(usual.filter((name) => !shown.includes(name)).map((name) => [name, true]));
}
