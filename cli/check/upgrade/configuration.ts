import { takeover } from "#controller/mod.ts";
import { type Config, lint, parseConfig, type Resource } from "#core/config/mod.ts";
import { reasonText } from "#core/reason/mod.ts";
import { labelsOfNamespaces, type UpgradeFacts } from "./facts.ts";
import { type Finding, finding, named } from "./finding.ts";
import { modeOf } from "./installation.ts";
import { type Installed, setting } from "./workload.ts";

/** The live objects and Services, judged by the code that controller and speakers judge them with. */
export function judgeConfiguration(facts: UpgradeFacts, installed: Installed): Finding[] {
  const { unreadKinds, configuration, nodes } = facts;
  if (unreadKinds.size > 0) return [finding("config.unread", { kinds: [...unreadKinds].join(", ") })];
  const { config, issues } = parseConfig({ ...configuration, ...(nodes && nodes.length > 0 && { nodes }) });
  const count = Object.values(configuration).reduce((sum, objects) => sum + objects.length, 0);
  const rejected = new Set(issues.map(({ kind, name }) => `${kind} ${name}`));
  return [
    ...(count > rejected.size ? [finding("config.ok", { count: count - rejected.size })] : []),
    ...issues.map(({ kind, name, path, message }) =>
      finding("config.rejected", {
        object: `${kind} ${name}`,
        message: message.startsWith(path) ? message : `${path}: ${message}`,
      }),
    ),
    ...lint(config, { ...(nodes && { nodes }) }).map(({ kind, name, why }) =>
      finding("config.warned", { object: `${kind} ${name}`, message: reasonText(why) }),
    ),
    ...judgeBgp(config, facts, installed),
    ...judgeServices(config, facts, installed),
  ];
}

/** Fields of BGPPeer that only some of MetalLB's modes had. */
const features = [
  "bfdProfile",
  "vrf",
  "interface",
  "dynamicASN",
  "localASN",
  "enableGracefulRestart",
  "ebgpMultiHop",
  "connectTime",
  "keepaliveTime",
  "password",
  "passwordSecret",
  "sourceAddress",
  "dualStackAddressFamily",
];

function judgeBgp(config: Config, { configuration }: UpgradeFacts, installed: Installed): Finding[] {
  const specs = configuration.peers.map(({ metadata, spec }) => ({
    name: metadata.name,
    spec: (spec ?? {}) as Record<string, unknown>,
  }));
  const used = features.filter((field) => specs.some(({ spec }) => isUsed(spec[field])));
  const hasInternal = config.peers.some(
    ({ myASN, peerASN, dynamicASN }) => myASN === peerASN || dynamicASN === "internal",
  );
  const isNative = modeOf(installed) === "native";
  // What this mode sends otherwise than ours: native of none, FRR of an explicit 0.
  const changed = config.bgpAdvertisements
    .filter(({ localPref }) => localPref === (isNative ? undefined : 0))
    .map(({ name }) => name);
  const untimed = config.peers.filter(({ holdTimeMs }) => holdTimeMs === 0).map(({ name }) => name);
  return [
    ...(used.length > 0 ? [finding("bgp.features", { count: specs.length, features: used.join(", ") })] : []),
    ...(specs.length > 0 && used.length === 0 ? [finding("bgp.plain", { count: specs.length })] : []),
    ...judgeObeyed(specs, installed),
    ...(hasInternal && changed.length > 0
      ? [finding(isNative ? "bgp.local-pref" : "bgp.local-pref-zero", { names: named(changed) })]
      : []),
    ...(untimed.length > 0 ? [finding("bgp.no-timers", { names: named(untimed) })] : []),
  ];
}

/** Accepted by frr-k8s and without effect there. */
const passedOver = ["sourceAddress", "localASN"];

function judgeObeyed(
  specs: readonly { name: string; spec: Record<string, unknown> }[],
  installed: Installed,
): Finding[] {
  if (!modeOf(installed).startsWith("frr-k8s")) return [];
  const fields = passedOver.filter((field) => specs.some(({ spec }) => isUsed(spec[field])));
  const names = specs
    .filter(({ spec }) => passedOver.some((field) => isUsed(spec[field])))
    .map(({ name }) => name);
  return fields.length > 0 ? [finding("bgp.obeyed", { names: named(names), fields: fields.join(", ") })] : [];
}

function isUsed(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(isUsed);
  return value !== undefined && value !== null && value !== "" && value !== false && value !== "0s";
}

function judgeServices(config: Config, facts: UpgradeFacts, installed: Installed): Finding[] {
  const { services, configuration } = facts;
  if (!services) return [];
  const loadBalancerClass = setting(installed.controller, "lb-class") ?? "";
  const accepted = new Set(config.pools.map(({ name }) => name));
  const present = configuration.pools.map(({ metadata }: Resource) => metadata.name);
  const { services: count, changes } = takeover({
    services,
    namespaces: labelsOfNamespaces(facts),
    config,
    heldPools: new Set(present.filter((name) => !accepted.has(name))),
    loadBalancerClass,
  });
  const moved = changes.filter(({ kind }) => kind === "moves" || kind === "loses");
  const records = changes.filter(({ kind }) => kind === "records").length;
  const legacy = services.filter(({ annotations }) =>
    Object.keys(annotations).some((name) => name.startsWith("metallb.universe.tf/")),
  ).length;
  const ofOthers = services.filter(
    (view) => view.type === "LoadBalancer" && (view.loadBalancerClass ?? "") !== loadBalancerClass,
  );
  const classes = [...new Set(ofOthers.map((view) => view.loadBalancerClass ?? "-"))].sort();
  return [
    ...(moved.length === 0 ? [finding("service.ok", { count })] : []),
    ...changes.flatMap(({ service, kind, has, wants, why }) =>
      kind === "records"
        ? []
        : [
            finding(`service.${kind}`, {
              service,
              has: has.addresses.join(", "),
              wants: wants.addresses.join(", "),
              why: why ? reasonText(why) : "",
            }),
          ],
    ),
    ...(records > 0 ? [finding("service.records", { count: records })] : []),
    ...(legacy > 0 ? [finding("service.legacy", { count: legacy })] : []),
    ...(ofOthers.length > 0
      ? [finding("service.class", { count: ofOthers.length, classes: classes.join(", ") })]
      : []),
  ];
}
