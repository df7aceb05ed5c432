import { type Alert, alertGroups } from "./alerts.ts";

/** A rule as Prometheus reads it (prometheus.io "Alerting rules"). */
function rule({ name, severity, expr, for: duration, summary, description }: Alert) {
  return {
    alert: name,
    expr,
    ...(duration && { for: duration }),
    labels: { severity },
    annotations: { summary, description },
  };
}

/** A rule file of Prometheus itself. */
export function ruleFile() {
  const groups = Object.entries(alertGroups);
  return { groups: groups.map(([name, alerts]) => ({ name, rules: alerts.map(rule) })) };
}

/** The same for the Prometheus operator. */
export function prometheusRule() {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "metallb", namespace: "metallb-system", labels: { app: "metallb" } },
    spec: ruleFile(),
  };
}
