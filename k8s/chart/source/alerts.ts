import { type Alert, alertGroups } from "../../monitoring/mod.ts";
import { madeFrom } from "./template.ts";

/** MetalLB's alerts -> their keys below prometheus.prometheusRule; the rest are turned on and off together. */
const keys: Record<string, string> = {
  MetalLBStaleConfig: "staleConfig",
  MetalLBConfigNotLoaded: "configNotLoaded",
  MetalLBAddressPoolExhausted: "addressPoolExhausted",
  MetalLBBGPSessionDown: "bgpSessionDown",
};

/** The steps of use are as many as the values name: one of them stands for all. */
const usage = /^MetalLBAddressPoolUsage(\d+)Percent$/;

/** The alerts of k8s/monitoring with the switches, labels and exceptions of MetalLB's chart. */
export function alertTemplate(): string {
  const groups = Object.entries(alertGroups).map(([name, alerts]) => [
    `    - name: ${name}`,
    "      rules:",
    ...withOneUsage(alerts).map(alertText),
    ...(alerts.some(({ name }) => name in keys) ? [extra] : []),
  ]);
  return [
    madeFrom("k8s/monitoring/alerts.ts").trimEnd(),
    head,
    ...groups.flat(),
    "{{- end }}\n{{- end }}\n",
  ].join("\n");
}

const head = `{{- with .Values.prometheus.prometheusRule }}
{{- if .enabled }}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "metallb.fullname" $ }}
  namespace: {{ $.Release.Namespace | quote }}
  labels:
    {{- include "metallb.labels" $ | nindent 4 }}
    {{- with .additionalLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  groups:`;

const extra = `        {{- with .extraAlerts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}`;

function withOneUsage(alerts: readonly Alert[]): Alert[] {
  const first = alerts.find(({ name }) => usage.test(name));
  return alerts.filter((alert) => alert === first || !usage.test(alert.name));
}

function alertText(alert: Alert): string {
  const percent = usage.exec(alert.name)?.[1];
  if (percent) return usageText(alert, percent);
  const key = keys[alert.name];
  if (!key) {
    const severity = { ...alert, labels: `severity: ${alert.severity}` };
    const wanted = `and .moreAlerts.enabled (not (has "${alert.name}" .moreAlerts.except))`;
    return `        {{- if ${wanted} }}\n${rule(severity)}\n        {{- end }}`;
  }
  const expr = alert.expr.replace(/metallb_allocator_\w+/g, `$&{{ include "metallb.pools" .${key} }}`);
  const labels = `{{- toYaml .${key}.labels | nindent 12 }}`;
  return `        {{- if .${key}.enabled }}\n${rule({ ...alert, expr, labels })}\n        {{- end }}`;
}

function usageText(alert: Alert, percent: string): string {
  const step = (text: string) => text.replaceAll(percent, "{{ .percent | int }}");
  const expr = step(alert.expr).replace(/metallb_allocator_\w+/g, '$&{{ include "metallb.pools" $usage }}');
  const texts = rule({
    ...alert,
    name: step(alert.name),
    expr,
    labels: "{{- toYaml .labels | nindent 12 }}",
  });
  return [
    "        {{- if .addressPoolUsage.enabled }}",
    "        {{- $usage := .addressPoolUsage }}",
    "        {{- range .addressPoolUsage.thresholds }}",
    // The number stands within a text that Helm leaves alone: that ends before it and begins again.
    texts.replace(`than ${percent} %`, "than ` }}{{ .percent | int }}{{ ` %"),
    "        {{- end }}",
    "        {{- end }}",
  ].join("\n");
}

function rule({
  name,
  expr,
  for: duration,
  labels,
  summary,
  description,
}: Omit<Alert, "severity"> & { labels: string }) {
  return [
    `        - alert: ${name}`,
    // A query may hold what YAML would read; it is text to the end of the line.
    "          expr: >-",
    `            ${expr}`,
    ...(duration ? [`          for: ${duration}`] : []),
    "          labels:",
    `            ${labels}`,
    "          annotations:",
    `            summary: ${verbatim(summary)}`,
    `            description: ${verbatim(description)}`,
  ].join("\n");
}

/** Prometheus has the same brackets as Helm, which must print them as they are. */
function verbatim(text: string): string {
  if (text.includes("`")) throw new Error(`An alert's text holds a backquote: ${text}`);
  return `{{ \`${JSON.stringify(text)}\` }}`;
}
