/**
 * OpenMetrics 1.0.0 text of a prom-client registry in which every series keeps the name it has in the Prometheus
 * format, so that a scraper stores the same series whichever format it asks for.
 *
 * OpenMetrics wants a counter's samples to end in `_total` and its family not to (section "Counter"). MetalLB has
 * counters without the suffix, and pairs of both spellings. Such families are served with type `unknown`, whose
 * samples carry the family's own name, for nothing else would keep both spellings apart.
 */
import type { Registry } from "prom-client";

type Metric = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>[number];
/** Buckets, sums and counts carry their own name; prom-client's types do not say so. */
type Sample = Metric["values"][number] & { metricName?: string };

export async function renderOpenMetrics(registry: Registry): Promise<string> {
  const metrics = await registry.getMetricsAsJSON();
  const names = new Set(metrics.map((metric) => metric.name));
  const lines: string[] = [];
  for (const metric of metrics) appendFamily(lines, metric, names);
  lines.push("# EOF", "");
  return lines.join("\n");
}

function appendFamily(lines: string[], metric: Metric, names: ReadonlySet<string>): void {
  const { family, type } = familyOf(metric, names);
  lines.push(`# TYPE ${family} ${type}`, `# HELP ${family} ${escapeText(metric.help)}`);
  for (const sample of metric.values as Sample[]) {
    lines.push(`${sample.metricName ?? metric.name}${labelSet(sample.labels)} ${valueText(sample.value)}`);
  }
}

function familyOf(metric: Metric, names: ReadonlySet<string>): { family: string; type: string } {
  // prom-client types the kind as an enum but stores the word.
  const type = String(metric.type);
  if (type !== "counter") return { family: metric.name, type };
  const bare = metric.name.replace(/_total$/, "");
  const isPlainCounter = bare !== metric.name && !names.has(bare);
  return isPlainCounter ? { family: bare, type } : { family: metric.name, type: "unknown" };
}

function labelSet(labels: Sample["labels"]): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(String(value))}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-Inf" : "+Inf";
  return String(value);
}

function escapeText(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
}
