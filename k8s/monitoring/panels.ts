/** A panel of the dashboard; widths are in 24ths of its breadth. */
export interface Panel {
  readonly title: string;
  readonly type: "gauge" | "timeseries" | "bargauge" | "stat" | "piechart" | "table";
  readonly width: number;
  readonly description?: string;
  /** Grafana's name of the unit. */
  readonly unit?: string;
  /** PromQL, with the legend of its series; a table joins its queries by their labels. */
  readonly queries: readonly { readonly expr: string; readonly legend?: string }[];
  /** Of a table: its columns in order, by label or by `Value`, and what stands above each. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Colours from these values on. */
  readonly steps?: readonly { readonly from: number | null; readonly color: "green" | "yellow" | "red" }[];
}

const inUse = "max by (pool) (metallb_allocator_addresses_in_use_total)";
const usable = "max by (pool) (metallb_allocator_addresses_total)";
const badAbove = (limit: number) =>
  [
    { from: null, color: "green" },
    { from: limit, color: "red" },
  ] as const;
const counter = (name: string, by: string, legend: string) => ({
  expr: `sum by (${by}) (rate(${name}[$__rate_interval]))`,
  legend,
});

/** Rows of the dashboard, by their titles. */
export const panelRows: Readonly<Record<string, readonly Panel[]>> = {
  "At a glance": [
    {
      title: "Services that wait for an address",
      type: "stat",
      width: 4,
      queries: [{ expr: "max(metallb_controller_services_pending)" }],
      steps: badAbove(1),
    },
    {
      title: "Addresses in conflict",
      type: "stat",
      width: 4,
      queries: [{ expr: "sum(metallb_speaker_address_conflicts) or vector(0)" }],
      steps: badAbove(1),
    },
    {
      title: "BGP sessions up",
      type: "stat",
      width: 4,
      queries: [{ expr: "sum(metallb_bgp_session_up) or vector(0)" }],
    },
    {
      title: "BGP sessions down",
      type: "stat",
      width: 4,
      queries: [{ expr: "count(metallb_bgp_session_up == 0) or vector(0)" }],
      steps: badAbove(1),
    },
    {
      title: "Speakers that answer",
      type: "stat",
      width: 4,
      queries: [{ expr: 'max(metallb_controller_speakers{answers="true"})' }],
    },
    {
      title: "Objects of the configuration that are rejected",
      type: "stat",
      width: 4,
      queries: [{ expr: "sum(max by (kind) (metallb_controller_config_rejected)) or vector(0)" }],
      steps: badAbove(1),
    },
  ],
  Addresses: [
    {
      title: "Use of each pool",
      type: "gauge",
      width: 6,
      unit: "percent",
      queries: [{ expr: `${inUse} / ${usable} * 100`, legend: "{{pool}}" }],
      steps: [
        { from: null, color: "green" },
        { from: 75, color: "yellow" },
        { from: 95, color: "red" },
      ],
    },
    {
      title: "LoadBalancer usage",
      type: "piechart",
      width: 6,
      queries: [
        { expr: `sum(${inUse})`, legend: "in use" },
        { expr: `sum(${usable}) - sum(${inUse})`, legend: "free" },
      ],
    },
    {
      title: "Addresses in use, by pool",
      type: "bargauge",
      width: 6,
      queries: [{ expr: inUse, legend: "{{pool}}" }],
    },
    {
      title: "Addresses by namespace",
      type: "bargauge",
      width: 6,
      queries: [
        {
          expr: "sum by (namespace) (max by (namespace, service, pool) (metallb_allocator_ip_addresses_in_use_total))",
          legend: "{{namespace}}",
        },
      ],
    },
    {
      title: "Addresses in use over time",
      type: "timeseries",
      width: 12,
      queries: [{ expr: inUse, legend: "{{pool}}" }],
    },
    {
      title: "Allocations that failed",
      type: "timeseries",
      width: 12,
      unit: "ops",
      queries: [counter("metallb_allocator_addresses_errors_total", "pool, reason", "{{pool}} {{reason}}")],
    },
    {
      title: "LoadBalancer list",
      type: "table",
      width: 16,
      description: "Every address that is announced, and by which node.",
      queries: [{ expr: "max by (service, ip, protocol, node) (metallb_speaker_announced)" }],
      columns: { service: "Service", ip: "LoadBalancer", protocol: "Protocol", node: "Node" },
    },
    {
      title: "Held, but announced by nobody",
      type: "table",
      width: 8,
      description: "Services without a ready endpoint, without an advertisement, or without a node that may.",
      queries: [
        {
          expr: 'label_join(max by (namespace, service) (metallb_allocator_ip_addresses_in_use_total) > 0, "service", "/", "namespace", "service") unless on (service) metallb_speaker_announced',
        },
      ],
      columns: { service: "Service", Value: "Addresses" },
    },
  ],
  "Layer 2": [
    {
      title: "ARP and NDP requests",
      type: "timeseries",
      width: 8,
      unit: "ops",
      queries: [counter("metallb_layer2_requests_received_total", "node", "{{node}}")],
    },
    {
      title: "Answers",
      type: "timeseries",
      width: 8,
      unit: "ops",
      queries: [counter("metallb_layer2_responses_sent_total", "node", "{{node}}")],
    },
    {
      title: "Unasked announcements",
      type: "timeseries",
      width: 8,
      unit: "ops",
      queries: [counter("metallb_layer2_gratuitous_sent_total", "node", "{{node}}")],
    },
    {
      title: "Announced addresses, by node",
      type: "timeseries",
      width: 8,
      queries: [
        {
          expr: 'count by (node) (max by (node, ip) (metallb_speaker_announced{protocol="layer2"}))',
          legend: "{{node}}",
        },
      ],
    },
    {
      title: "Changes of announcer, by cause",
      type: "timeseries",
      width: 8,
      queries: [
        {
          expr: "sum by (cause) (increase(metallb_speaker_announcer_changes_total[$__rate_interval]))",
          legend: "{{cause}}",
        },
      ],
    },
    {
      title: "Takeovers: 95 % were faster than",
      type: "timeseries",
      width: 8,
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.95, sum by (le) (increase(metallb_speaker_takeover_duration_seconds_bucket[1h])))",
          legend: "0.95",
        },
      ],
    },
  ],
  "BGP and BFD": [
    {
      title: "BGP sessions",
      type: "table",
      width: 8,
      queries: [{ expr: "metallb_bgp_session_up" }],
      columns: { instance: "Speaker", peer: "Peer", vrf: "VRF", Value: "Up" },
    },
    {
      title: "Announced prefixes",
      type: "timeseries",
      width: 8,
      queries: [{ expr: "metallb_bgp_announced_prefixes_total", legend: "{{instance}} {{peer}}" }],
    },
    {
      title: "UPDATE messages sent",
      type: "timeseries",
      width: 8,
      unit: "ops",
      queries: [counter("metallb_bgp_updates_total", "peer", "{{peer}}")],
    },
    {
      title: "BFD sessions up",
      type: "timeseries",
      width: 12,
      queries: [{ expr: "metallb_bfd_session_up", legend: "{{instance}} {{peer}}" }],
    },
    {
      title: "BFD sessions that went down",
      type: "timeseries",
      width: 12,
      queries: [
        {
          expr: "sum by (peer) (increase(metallb_bfd_session_down_events[$__rate_interval]))",
          legend: "{{peer}}",
        },
      ],
    },
  ],
  Health: [
    {
      title: "Fellow speakers alive, as each one sees it",
      type: "timeseries",
      width: 8,
      queries: [{ expr: 'metallb_speaker_members{state="alive"}', legend: "{{instance}}" }],
    },
    {
      title: "Calls of the API server: 95 % were faster than",
      type: "timeseries",
      width: 8,
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.95, sum by (le, verb) (rate(metallb_k8s_client_api_duration_seconds_bucket[$__rate_interval])))",
          legend: "{{verb}}",
        },
      ],
    },
    {
      title: "Decisions: 95 % were faster than",
      type: "timeseries",
      width: 8,
      unit: "s",
      queries: [
        {
          expr: "histogram_quantile(0.95, sum by (le) (rate(metallb_controller_reconcile_duration_seconds_bucket[$__rate_interval])))",
          legend: "0.95",
        },
      ],
    },
    {
      title: "Running on cached state",
      type: "timeseries",
      width: 8,
      queries: [{ expr: "metallb_k8s_client_cached_state_bool", legend: "{{instance}}" }],
    },
    {
      title: "Delay of the main thread",
      type: "timeseries",
      width: 8,
      unit: "s",
      queries: [{ expr: "metallb_event_loop_lag_seconds", legend: "{{instance}}" }],
    },
    {
      title: "Memory",
      type: "timeseries",
      width: 8,
      unit: "bytes",
      queries: [
        {
          expr: "process_resident_memory_bytes * on (instance) group_left (version) metallb_build_info",
          legend: "{{instance}}",
        },
      ],
    },
  ],
};
