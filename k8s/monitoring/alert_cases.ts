/** Series by the minute, in promtool's notation (prometheus.io "Unit testing for rules"). */
type Series = Readonly<Record<string, string>>;

/** Of one alert: what makes it fire at a time, with which labels, and what comes near and does not. */
export interface AlertCase {
  readonly alert: string;
  readonly at: string;
  readonly firing: Series;
  /** Beside its severity; one that fires per pool says of which. */
  readonly labels: Readonly<Record<string, string>>;
  readonly quiet: Series;
}

const target = 'instance="10.0.0.1:7472",job="metallb"';
const labels = { instance: "10.0.0.1:7472", job: "metallb" };
const pool = (inUse: string, total = "100x20"): Series => ({
  'metallb_allocator_addresses_in_use_total{pool="a",instance="c1"}': inUse,
  'metallb_allocator_addresses_total{pool="a",instance="c1"}': total,
  // The other replica.
  'metallb_allocator_addresses_in_use_total{pool="a",instance="c2"}': inUse,
  'metallb_allocator_addresses_total{pool="a",instance="c2"}': total,
});
const peer = `${target},peer="192.0.2.1",vrf="default"`;
const peerLabels = { ...labels, peer: "192.0.2.1", vrf: "default" };
const announced = (node: string, service = "default/web", protocol = "layer2") =>
  `metallb_speaker_announced{ip="192.0.2.9",node="${node}",protocol="${protocol}",service="${service}",instance="${node}"}`;
const holds = (service: string) =>
  `metallb_allocator_ip_addresses_in_use_total{pool="a",namespace="default",service="${service}"}`;
const layer2 = (name: string) => `metallb_layer2_${name}_total{ip="192.0.2.9",node="n1"}`;
const members = (instance: string, state = "alive") =>
  `metallb_speaker_members{state="${state}",instance="${instance}"}`;

export const alertCases: readonly AlertCase[] = [
  {
    alert: "MetalLBStaleConfig",
    at: "5m",
    firing: { [`metallb_k8s_client_config_stale_bool{${target}}`]: "0 1x10" },
    labels,
    quiet: { [`metallb_k8s_client_config_stale_bool{${target}}`]: "0 0 0 0 0 1" },
  },
  {
    alert: "MetalLBConfigNotLoaded",
    at: "5m",
    firing: { [`metallb_k8s_client_config_loaded_bool{${target}}`]: "0x10" },
    labels,
    quiet: { [`metallb_k8s_client_config_loaded_bool{${target}}`]: "0 1x10" },
  },
  {
    alert: "MetalLBAddressPoolExhausted",
    at: "5m",
    firing: pool("100x20"),
    labels: { pool: "a" },
    quiet: pool("99x20"),
  },
  {
    alert: "MetalLBAddressPoolUsage75Percent",
    at: "5m",
    firing: pool("76x20"),
    labels: { pool: "a" },
    quiet: pool("75x20"),
  },
  {
    alert: "MetalLBAddressPoolUsage85Percent",
    at: "5m",
    firing: pool("86x20"),
    labels: { pool: "a" },
    quiet: pool("85x20"),
  },
  {
    alert: "MetalLBAddressPoolUsage95Percent",
    at: "5m",
    firing: pool("96x20"),
    labels: { pool: "a" },
    quiet: pool("95x20"),
  },
  {
    alert: "MetalLBBGPSessionDown",
    at: "5m",
    firing: { [`metallb_bgp_session_up{${peer}}`]: "1 1 0x10" },
    labels: peerLabels,
    quiet: { [`metallb_bgp_session_up{${peer}}`]: "1 1 1 0 1x10" },
  },
  {
    alert: "MetalLBServicePending",
    at: "10m",
    firing: { [`metallb_controller_service_pending_oldest_seconds{${target}}`]: "0+60x20" },
    labels: {},
    quiet: { [`metallb_controller_service_pending_oldest_seconds{${target}}`]: "300x20" },
  },
  {
    alert: "MetalLBIPAllocationFailure",
    at: "10m",
    firing: { 'metallb_allocator_addresses_errors_total{pool="a",reason="pool-full"}': "0x7 1x10" },
    labels: { pool: "a", reason: "pool-full" },
    quiet: { 'metallb_allocator_addresses_errors_total{pool="a",reason="pool-full"}': "3x20" },
  },
  {
    alert: "MetalLBPoolsVanished",
    at: "5m",
    firing: { [`metallb_allocator_holding_bool{${target}}`]: "0 1x10" },
    labels: {},
    quiet: { [`metallb_allocator_holding_bool{${target}}`]: "0x10" },
  },
  {
    alert: "MetalLBServiceNotAnnounced",
    at: "10m",
    firing: { [holds("web")]: "1x20", [announced("n1", "default/other")]: "1x20" },
    labels: { namespace: "default", service: "default/web" },
    // The same name elsewhere announces nothing for it; this one does.
    quiet: { [holds("web")]: "1x20", [announced("n1", "default/web")]: "1x20" },
  },
  {
    alert: "MetalLBTwoAnnouncers",
    at: "5m",
    firing: { [announced("n1")]: "1x10", [announced("n2")]: "1x10" },
    labels: { ip: "192.0.2.9" },
    // Two Services share it on one node, and BGP announces from every node.
    quiet: {
      [announced("n1")]: "1x10",
      [announced("n1", "default/other")]: "1x10",
      [announced("n2", "default/web", "bgp")]: "1x10",
    },
  },
  {
    alert: "MetalLBAddressConflict",
    at: "5m",
    firing: {
      'metallb_speaker_address_conflicts{ip="192.0.2.9",node="n1",phase="announced",instance="n1"}':
        "0 0 1x10",
    },
    labels: { ip: "192.0.2.9", node: "n1" },
    quiet: {
      'metallb_speaker_address_conflicts{ip="192.0.2.9",node="n1",phase="announced",instance="n1"}':
        "1 1 stale",
    },
  },
  {
    alert: "MetalLBAnnouncersUnsteady",
    at: "40m",
    firing: {
      'metallb_speaker_announcer_changes_total{cause="node-died",instance="n1"}': "0+1x60",
      [announced("n1")]: "1x60",
    },
    labels: {},
    // One rollout of all speakers: each address goes and comes back.
    quiet: {
      'metallb_speaker_announcer_changes_total{cause="node-left",instance="n1"}': "0x20 4x40",
      [announced("n1")]: "1x60",
    },
  },
  {
    alert: "MetalLBHighARPTraffic",
    at: "10m",
    firing: { [layer2("requests_received")]: "0+7200x20" },
    labels: { ip: "192.0.2.9", node: "n1" },
    quiet: { [layer2("requests_received")]: "0+5400x20" },
  },
  {
    alert: "MetalLBARPResponseFailure",
    at: "10m",
    firing: { [layer2("requests_received")]: "0+60x20", [layer2("responses_sent")]: "0+6x20" },
    labels: { ip: "192.0.2.9", node: "n1" },
    quiet: { [layer2("requests_received")]: "0+60x20", [layer2("responses_sent")]: "0+60x20" },
  },
  {
    alert: "MetalLBBGPFlapping",
    at: "15m",
    firing: { [`metallb_bgp_session_up{${peer}}`]: "1 0 1 0 1 0 1x10" },
    labels: peerLabels,
    quiet: { [`metallb_bgp_session_up{${peer}}`]: "1 0 1x20" },
  },
  {
    alert: "MetalLBBGPNothingAnnounced",
    at: "20m",
    firing: {
      [`metallb_bgp_session_up{${peer}}`]: "1x30",
      [`metallb_bgp_announced_prefixes_total{${peer}}`]: "0x30",
      [announced("n2", "default/web", "bgp")]: "1x30",
    },
    labels: peerLabels,
    // Nobody announces anything by BGP.
    quiet: {
      [`metallb_bgp_session_up{${peer}}`]: "1x30",
      [`metallb_bgp_announced_prefixes_total{${peer}}`]: "0x30",
      [announced("n2")]: "1x30",
    },
  },
  {
    alert: "MetalLBBFDSessionDown",
    at: "5m",
    firing: { [`metallb_bfd_session_up{${peer}}`]: "1 0x10" },
    labels: peerLabels,
    quiet: { [`metallb_bfd_session_up{${peer}}`]: "1x10" },
  },
  {
    alert: "MetalLBBFDFlapping",
    at: "15m",
    firing: { [`metallb_bfd_session_down_events{${peer}}`]: "0+1x20" },
    labels: peerLabels,
    quiet: { [`metallb_bfd_session_down_events{${peer}}`]: "0x5 1x20" },
  },
  {
    alert: "MetalLBControllerAbsent",
    at: "10m",
    firing: { up: "0x20" },
    labels: {},
    quiet: { [`metallb_controller_services_pending{${target}}`]: "0x20" },
  },
  {
    alert: "MetalLBSpeakerMissing",
    at: "10m",
    firing: { 'metallb_controller_speakers{answers="false"}': "1x20" },
    labels: {},
    quiet: {
      'metallb_controller_speakers{answers="false"}': "0x20",
      'metallb_controller_speakers{answers="true"}': "3x20",
    },
  },
  {
    alert: "MetalLBMembersDisagree",
    at: "10m",
    firing: { [members("n1")]: "2x20", [members("n2")]: "1x20" },
    labels: {},
    quiet: { [members("n1")]: "2x20", [members("n2")]: "2x20", [members("n2", "dead")]: "1x20" },
  },
  {
    alert: "MetalLBCachedState",
    at: "10m",
    firing: { [`metallb_k8s_client_cached_state_bool{${target}}`]: "0 1x20" },
    labels,
    quiet: { [`metallb_k8s_client_cached_state_bool{${target}}`]: "0 1x3 0x20" },
  },
  {
    alert: "MetalLBForbidden",
    at: "10m",
    firing: { [`metallb_k8s_client_forbidden{${target},verb="list",resource="nodes"}`]: "1x20" },
    labels: { ...labels, verb: "list", resource: "nodes" },
    quiet: { [`metallb_k8s_client_forbidden{${target},verb="list",resource="nodes"}`]: "1 1 stale" },
  },
  {
    alert: "MetalLBCertificateEnds",
    at: "70m",
    // promtool's clock begins at 1970.
    firing: { 'metallb_tls_certificate_not_after_seconds{use="webhooks",instance="c1"}': "1000000x100" },
    labels: { instance: "c1", use: "webhooks" },
    quiet: { 'metallb_tls_certificate_not_after_seconds{use="webhooks",instance="c1"}': "2000000x100" },
  },
  {
    alert: "MetalLBVersionSkew",
    at: "40m",
    firing: {
      'metallb_build_info{version="1.0.0",instance="n1"}': "1x60",
      'metallb_build_info{version="1.1.0",instance="n2"}': "1x60",
    },
    labels: {},
    quiet: {
      'metallb_build_info{version="1.1.0",instance="n1"}': "1x60",
      'metallb_build_info{version="1.1.0",instance="n2"}': "1x60",
    },
  },
  {
    alert: "MetalLBEventLoopLag",
    at: "10m",
    firing: { [`metallb_event_loop_lag_seconds{${target}}`]: "1.5x20" },
    labels,
    quiet: { [`metallb_event_loop_lag_seconds{${target}}`]: "0.3x20" },
  },
];
