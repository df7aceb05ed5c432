import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { dashboard } from "./dashboard.ts";
import { prometheusRule, ruleFile } from "./rules.ts";

const origin = '# Made of k8s/monitoring/alerts.ts: change that, and run "bun run rendered".\n';
const yaml = (value: object) => origin + stringify(value, { lineWidth: 0 });

/** The files of `rendered/`, by name. */
export function monitoringFiles(): Record<string, string> {
  return {
    "alerts.yaml": yaml(ruleFile()),
    "prometheus-rule.yaml": yaml(prometheusRule()),
    "dashboard.json": `${JSON.stringify(dashboard(), undefined, 2)}\n`,
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(monitoringFiles()))
    writeFileSync(join(import.meta.dir, "rendered", name), text);
}
