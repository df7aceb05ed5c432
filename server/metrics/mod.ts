/** `/metrics` in Prometheus text 0.0.4 and OpenMetrics 1.0.0, from one prom-client registry. */
export { ComponentMetrics } from "./component_metrics.ts";
export { registryMetrics, wantsOpenMetrics } from "./metrics_port.ts";
