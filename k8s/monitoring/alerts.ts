/** One row of the table below; what it becomes is told in mod.ts. */
export interface Alert {
  readonly name: string;
  readonly severity: "info" | "warning" | "critical";
  /** PromQL. Pools and Services are told by every controller replica, so that their maximum is taken. */
  readonly expr: string;
  /** How long it must hold; none: at once. */
  readonly for?: string;
  /** One line for a pager; Prometheus' template language. */
  readonly summary: string;
  /** What it means, and where to look. */
  readonly description: string;
}

const inUse = "max by (pool) (metallb_allocator_addresses_in_use_total)";
const usable = "max by (pool) (metallb_allocator_addresses_total)";
const usage = (percent: number): Alert => ({
  name: `MetalLBAddressPoolUsage${percent}Percent`,
  severity: percent >= 95 ? "critical" : "warning",
  expr: `${inUse} / ${usable} * 100 > ${percent}`,
  summary: `Pool {{ $labels.pool }} is in use to more than ${percent} %`,
  description: `{{ printf "%.0f" $value }} % of the pool's addresses are held by Services. Add a range, or another pool.`,
});

/** `node` of a speaker's series is its target's; names of targets are `instance`. */
const where = "{{ $labels.instance }}";

/** MetalLB's own alerts, by its names. */
const metallbs: readonly Alert[] = [
  {
    name: "MetalLBStaleConfig",
    severity: "warning",
    expr: "metallb_k8s_client_config_stale_bool == 1",
    for: "1m",
    summary: `An object of the configuration is rejected at ${where}`,
    description:
      "The others are in force. kubectl get configurationstates -A, or the console, says which and why.",
  },
  {
    name: "MetalLBConfigNotLoaded",
    severity: "warning",
    expr: "metallb_k8s_client_config_loaded_bool == 0",
    for: "1m",
    summary: `No configuration was read at ${where}`,
    description: "The API server does not answer, or denies the lists: the log of the Pod says which.",
  },
  {
    name: "MetalLBAddressPoolExhausted",
    severity: "critical",
    expr: `${inUse} >= ${usable}`,
    for: "1m",
    summary: "Pool {{ $labels.pool }} has no free address",
    description:
      "The next Service that asks for an address of this pool stays pending. Add a range, or another pool.",
  },
  usage(75),
  usage(85),
  usage(95),
  {
    name: "MetalLBBGPSessionDown",
    severity: "critical",
    expr: "metallb_bgp_session_up == 0",
    for: "1m",
    summary: `The BGP session of ${where} with {{ $labels.peer }} is down`,
    description:
      "The console's BGP page, and kubectl get bgpsessionstates -A, show the last error of the session.",
  },
];

const allocation: readonly Alert[] = [
  {
    name: "MetalLBServicePending",
    severity: "warning",
    expr: "max(metallb_controller_service_pending_oldest_seconds) > 300",
    for: "1m",
    summary: "A Service waits for an address for more than five minutes",
    description: "kubectl describe service, metallb explain, or the console says what it waits for.",
  },
  {
    name: "MetalLBIPAllocationFailure",
    severity: "warning",
    expr: "sum by (pool, reason) (increase(metallb_allocator_addresses_errors_total[5m])) > 0",
    summary: "No address could be given: {{ $labels.reason }}",
    description:
      "Pool {{ $labels.pool }}, empty where no single one is to blame. The Service's events say more.",
  },
  {
    name: "MetalLBPoolsVanished",
    severity: "critical",
    expr: "max(metallb_allocator_holding_bool) == 1",
    for: "1m",
    summary: "Every address pool is gone; Services keep what they have",
    description: "Nothing new is given. Apply the IPAddressPools again: addresses are taken up as they were.",
  },
];

const announcement: readonly Alert[] = [
  {
    name: "MetalLBServiceNotAnnounced",
    severity: "warning",
    expr: 'label_join(max by (namespace, service) (metallb_allocator_ip_addresses_in_use_total) > 0, "service", "/", "namespace", "service") unless on (service) metallb_speaker_announced',
    for: "5m",
    summary: "{{ $labels.service }} holds an address that no node announces",
    description:
      "No ready endpoint, no advertisement, or no node that may: metallb explain service says which.",
  },
  {
    name: "MetalLBTwoAnnouncers",
    severity: "critical",
    expr: 'count by (ip) (max by (ip, node) (metallb_speaker_announced{protocol="layer2"})) > 1',
    for: "1m",
    summary: "{{ $value }} nodes announce {{ $labels.ip }} in layer 2",
    description:
      "They do not see each other: compare the members that each speaker shows, and the network between them.",
  },
  {
    name: "MetalLBAddressConflict",
    severity: "critical",
    expr: "max by (ip, node) (metallb_speaker_address_conflicts) > 0",
    summary: "Another host answers for {{ $labels.ip }}",
    description:
      "Seen by {{ $labels.node }}. The console and the Service's events name the other one's MAC address.",
  },
  {
    name: "MetalLBAnnouncersUnsteady",
    severity: "warning",
    expr: 'sum(increase(metallb_speaker_announcer_changes_total[30m])) > 6 * count(count by (ip) (metallb_speaker_announced{protocol="layer2"}))',
    summary: "Addresses moved between nodes more than three times each in half an hour",
    description:
      "Nodes that come and go, or a network that loses what speakers send each other. See cause of the metric.",
  },
  {
    name: "MetalLBHighARPTraffic",
    severity: "warning",
    expr: "sum by (ip, node) (rate(metallb_layer2_requests_received_total[1m])) > 100",
    for: "3m",
    summary: "{{ $labels.node }} is asked for {{ $labels.ip }} more than 100 times a second",
    description: "A scan, a loop in the network, or a host that gets no answer.",
  },
  {
    name: "MetalLBARPResponseFailure",
    severity: "critical",
    expr: "sum by (ip, node) (rate(metallb_layer2_responses_sent_total[1m])) < 0.5 * sum by (ip, node) (rate(metallb_layer2_requests_received_total[1m]))",
    for: "2m",
    summary: "{{ $labels.node }} answers fewer than half of the requests for {{ $labels.ip }}",
    description: "The interface may be down, or sending may fail: the speaker's log says so.",
  },
];

const sessions: readonly Alert[] = [
  {
    name: "MetalLBBGPFlapping",
    severity: "warning",
    expr: "changes(metallb_bgp_session_up[15m]) > 4",
    summary: `The BGP session of ${where} with {{ $labels.peer }} comes and goes`,
    description: "{{ $value }} changes in 15 minutes. Its last error is on the console's BGP page.",
  },
  {
    name: "MetalLBBGPNothingAnnounced",
    severity: "info",
    expr: 'metallb_bgp_announced_prefixes_total == 0 and metallb_bgp_session_up == 1 and on () count(metallb_speaker_announced{protocol="bgp"}) > 0',
    for: "15m",
    summary: `${where} tells {{ $labels.peer }} no prefix`,
    description:
      "Others are told some. Meant, where advertisements name peers or Services are local to other nodes.",
  },
  {
    name: "MetalLBBFDSessionDown",
    severity: "critical",
    expr: "metallb_bfd_session_up == 0",
    for: "1m",
    summary: `The BFD session of ${where} with {{ $labels.peer }} is down`,
    description: "The BGP session that it guards is held down too, until it is up again.",
  },
  {
    name: "MetalLBBFDFlapping",
    severity: "warning",
    expr: "increase(metallb_bfd_session_down_events[15m]) > 3",
    summary: `The BFD session of ${where} with {{ $labels.peer }} comes and goes`,
    description: "Its intervals may be shorter than what the path, or the router's CPU, keeps up with.",
  },
];

const health: readonly Alert[] = [
  {
    name: "MetalLBControllerAbsent",
    severity: "critical",
    expr: "absent(metallb_controller_services_pending)",
    for: "5m",
    summary: "No controller is scraped",
    description:
      "Announcements go on; no Service gets an address, and none of the alerts about pools can fire.",
  },
  {
    name: "MetalLBSpeakerMissing",
    severity: "warning",
    expr: 'max(metallb_controller_speakers{answers="false"}) > 0',
    for: "5m",
    summary: "{{ $value }} speakers do not answer the controller",
    description: "The console's page of speakers names them. What they announced is announced by others.",
  },
  {
    name: "MetalLBMembersDisagree",
    severity: "warning",
    expr: 'max(metallb_speaker_members{state="alive"}) - min(metallb_speaker_members{state="alive"}) > 0',
    for: "5m",
    summary: "Speakers do not agree on who of them lives",
    description: "Port 7946 (TCP and UDP) or 7947 (UDP) may be closed between some nodes.",
  },
  {
    name: "MetalLBCachedState",
    severity: "warning",
    expr: "metallb_k8s_client_cached_state_bool == 1",
    for: "5m",
    summary: `${where} has not reached the API server for five minutes`,
    description: "What is announced stays announced; changes of Services and endpoints are not seen.",
  },
  {
    name: "MetalLBForbidden",
    severity: "warning",
    expr: "metallb_k8s_client_forbidden == 1",
    for: "5m",
    summary: `The API server denies ${where} to {{ $labels.verb }} {{ $labels.resource }}`,
    description: "Apply the ClusterRoles and Roles of this version again.",
  },
  {
    name: "MetalLBCertificateEnds",
    severity: "warning",
    expr: "min by (instance, use) (metallb_tls_certificate_not_after_seconds) - time() < 14 * 86400",
    for: "1h",
    summary: `The certificate of {{ $labels.use }} at ${where} ends in {{ $value | humanizeDuration }}`,
    description:
      "Those made here are renewed long before: who writes the folder of --*-cert-dir must renew his.",
  },
  {
    name: "MetalLBVersionSkew",
    severity: "info",
    expr: "count(count by (version) (metallb_build_info)) > 1",
    for: "30m",
    summary: "{{ $value }} versions run side by side",
    description: "Right during an upgrade; a rollout that stands still is shown by kubectl rollout status.",
  },
  {
    name: "MetalLBEventLoopLag",
    severity: "warning",
    expr: "metallb_event_loop_lag_seconds > 1",
    for: "5m",
    summary: `The main thread of ${where} runs late`,
    description:
      "By {{ $value | humanizeDuration }}. The node has too little CPU, or there is a fault of ours to report.",
  },
];

/** Every alert, grouped as they are evaluated. */
export const alertGroups: Readonly<Record<string, readonly Alert[]>> = {
  "metallb.rules": metallbs,
  "metallb.allocation": allocation,
  "metallb.announcement": announcement,
  "metallb.sessions": sessions,
  "metallb.health": health,
};
