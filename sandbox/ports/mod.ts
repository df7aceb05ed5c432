/**
 * The only doors between the host and the namespaces: loopback ports of the console and of each `/metrics`, carried to
 * Unix sockets, and the Prometheus configuration that names them.
 */
export { onFreePort } from "./free_port.ts";
export { type HostPorts, openHostPorts } from "./host_ports.ts";
export { type MetricsTarget, prometheusConfig } from "./prometheus.ts";
