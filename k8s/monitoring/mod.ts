/**
 * What an administrator watches this product with, from two tables: alerts.ts and panels.ts. `bun run rendered` writes
 * what comes of them into `rendered/`: rules for the Prometheus operator, the same as a plain rule file, and a
 * dashboard for Grafana. Git keeps the result, and a test says when it is stale.
 */
export { type Alert, alertGroups } from "./alerts.ts";
export { monitoringFiles } from "./build.ts";
export { dashboard } from "./dashboard.ts";
export { type Panel, panelRows } from "./panels.ts";
export { prometheusRule, ruleFile } from "./rules.ts";
