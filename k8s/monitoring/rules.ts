import { type Alert, alertGroups } from "./alerts.ts";

type Words = Pick<Alert, "summary" | "description">;

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

/** A rule file of Prometheus itself; its annotations are English where there are no words by the alert's name. */
export function ruleFile(words: Readonly<Record<string, Words>> = {}) {
  return {
    groups: Object.entries(alertGroups).map(([name, alerts]) => ({
      name,
      rules: alerts.map((alert) => rule({ ...alert, ...words[alert.name] })),
    })),
  };
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
