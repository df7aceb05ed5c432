import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { dashboard } from "./dashboard.ts";
import { koreanAlerts, koreanDashboard } from "./korean.ts";
import { prometheusRule, ruleFile } from "./rules.ts";

const origin = '# Made of k8s/monitoring/alerts.ts: change that, and run "bun run rendered".\n';
const yaml = (value: object) => origin + stringify(value, { lineWidth: 0 });

const json = (value: object) => `${JSON.stringify(value, undefined, 2)}\n`;

/** The files of `rendered/`, by name. */
export function monitoringFiles(): Record<string, string> {
  return {
    "alerts.yaml": yaml(ruleFile()),
    "alerts.ko.yaml": yaml(ruleFile(koreanAlerts)),
    "prometheus-rule.yaml": yaml(prometheusRule()),
    "dashboard.json": json(dashboard()),
    "dashboard.ko.json": json(dashboard(koreanDashboard)),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(monitoringFiles()))
    writeFileSync(join(import.meta.dir, "rendered", name), text);
}
