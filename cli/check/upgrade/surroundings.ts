import { readProxyConfig } from "../../strictarp/proxy_config.ts";
import type { UpgradeFacts } from "./facts.ts";
import { type Finding, finding, named } from "./finding.ts";
import { modeOf } from "./installation.ts";
import type { Installed, Workload } from "./workload.ts";

const webhookName = "metallb-webhook-configuration";

export function judgeWebhooks({ webhooks }: UpgradeFacts): Finding[] {
  const configuration = webhooks?.find(({ metadata }) => metadata.name === webhookName);
  if (!configuration) return [];
  const list = (configuration.webhooks ?? []) as { failurePolicy?: string }[];
  return [
    finding(
      list.some(({ failurePolicy = "Fail" }) => failurePolicy === "Fail") ? "webhook.fail" : "webhook.ok",
    ),
  ];
}

/** What only FRR reads. */
export function judgeFrr(
  { configMaps, frrConfigurations = [] }: UpgradeFacts,
  installed: Installed,
): Finding[] {
  const { data } = (configMaps.get("bgpextras") ?? {}) as { data?: { extras?: string } };
  const lines = (data?.extras ?? "").split("\n").filter((line) => line.trim() !== "").length;
  const isMade = (name: string) => name.startsWith("metallb-");
  const names = frrConfigurations.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const foreign = names.filter((name) => !isMade(name.split("/")[1] ?? ""));
  const made = names.length - foreign.length;
  return [
    ...(lines > 0 ? [finding("frr.extras", { lines })] : []),
    ...(foreign.length > 0 ? [finding("frr.configurations", { names: named(foreign) })] : []),
    ...(made > 0 && modeOf(installed).startsWith("frr-k8s") ? [finding("frr.made", { count: made })] : []),
  ];
}

export function judgeProxy({ configMaps, unread }: UpgradeFacts): Finding[] {
  const { data } = (configMaps.get("kube-proxy") ?? {}) as { data?: Record<string, string> };
  const text = data?.["config.conf"];
  if (text === undefined) {
    return unread.some(({ what }) => what.endsWith("/kube-proxy")) ? [] : [finding("proxy.unknown")];
  }
  const { mode, mustAct } = readProxyConfig(text);
  return [mustAct ? finding("proxy.strict-arp") : finding("proxy.ok", { mode: mode || "iptables" })];
}

type Sign = (workload: Workload) => boolean;
const image =
  (pattern: RegExp): Sign =>
  ({ containers }) =>
    containers.some((container) => pattern.test(container.image));

/** Who else gives addresses to Services, by what runs. */
const loadBalancers: readonly (readonly [string, Sign])[] = [
  ["kube-vip", image(/\/kube-vip(-cloud-provider)?[:@]/)],
  // k3s runs one DaemonSet for each Service.
  [
    "ServiceLB (klipper-lb)",
    (workload) => workload.name.startsWith("svclb-") || image(/klipper-lb[:@]/)(workload),
  ],
  ["OpenELB", image(/\/openelb[:@]/)],
  ["PureLB", image(/purelb/)],
  ["LoxiLB", image(/kube-loxilb[:@]/)],
];

const bgpSpeakers: readonly (readonly [string, Sign])[] = [["kube-router", image(/\/kube-router[:@]/)]];

/** Other products on the same nodes. */
export function judgeNeighbours(facts: UpgradeFacts, installed: Installed): Finding[] {
  const seen = (signs: readonly (readonly [string, Sign])[]) =>
    signs.flatMap(([name, sign]) => {
      const found = installed.all.find(sign);
      return found ? [{ name, where: `${found.kind} ${found.namespace}/${found.name}` }] : [];
    });
  const cilium = dataOf(facts, "cilium-config");
  const hasCrd = (name: string) => facts.definitions?.some(({ metadata }) => metadata.name === name) ?? false;
  const ciliumPools = "ciliumloadbalancerippools.cilium.io";
  const balancers = [
    ...seen(loadBalancers),
    ...(hasCrd(ciliumPools) ? [{ name: "Cilium LB-IPAM", where: `CRD ${ciliumPools}` }] : []),
  ];
  const speakers = [
    ...seen(bgpSpeakers),
    ...(cilium["enable-bgp-control-plane"] === "true"
      ? [{ name: "Cilium", where: "enable-bgp-control-plane" }]
      : []),
    ...calico(facts, installed),
  ];
  return [
    ...balancers.map((values) => finding("other.load-balancer", values)),
    ...speakers.map((values) => finding("other.bgp", values)),
  ];
}

/** BIRD runs in calico-node unless its backend says otherwise. */
function calico(facts: UpgradeFacts, { all }: Installed): { name: string; where: string }[] {
  const node = all.find((workload) => image(/calico\/node[:@]/)(workload));
  if (!node) return [];
  const said = node.containers
    .map(({ variables }) => variables.get("CALICO_NETWORKING_BACKEND"))
    .find(Boolean);
  const backend = said ?? dataOf(facts, "calico-config").calico_backend ?? "bird";
  return backend === "bird" ? [{ name: "Calico", where: `DaemonSet ${node.namespace}/${node.name}` }] : [];
}

function dataOf({ configMaps }: UpgradeFacts, name: string): Record<string, string> {
  return ((configMaps.get(name) ?? {}) as { data?: Record<string, string> }).data ?? {};
}

const enforceLabel = "pod-security.kubernetes.io/enforce";

/** Pod Security Admission: the speaker needs the host's network and NET_RAW, which only `privileged` allows. */
export function judgePodSecurity({ namespaces, namespace }: UpgradeFacts): Finding[] {
  const own = namespaces?.find(({ metadata }) => metadata.name === namespace);
  if (!own) return [];
  const level = own.metadata.labels?.[enforceLabel] ?? "-";
  const code = level === "-" || level === "privileged" ? "psa.ok" : "psa.refuses";
  return [finding(code, { namespace, level })];
}
