import type { UpgradeFacts } from "./facts.ts";
import { type Finding, finding } from "./finding.ts";
import { type Installed, mainContainer, setting, type Workload } from "./workload.ts";

const releaseAnnotation = "meta.helm.sh/release-name";
const sidecarNames = ["frr", "reloader", "frr-metrics"];

/** What runs now: version, mode, how it was installed. */
export function judgeInstallation(facts: UpgradeFacts, installed: Installed): Finding[] {
  const { namespace } = facts;
  const { controller, speaker } = installed;
  if (!controller && !speaker) {
    if (!facts.deployments || !facts.daemonSets) return [];
    const elsewhere = installed.all.find(({ podLabels }) => isMetallb(podLabels))?.namespace;
    if (elsewhere === undefined || elsewhere === namespace) return [finding("metallb.absent", { namespace })];
    return [finding("metallb.elsewhere", { namespace, elsewhere })];
  }
  const release = releaseOf(controller) ?? releaseOf(speaker);
  const sidecars = (speaker?.containers ?? [])
    .map(({ name }) => name)
    .filter((name) => sidecarNames.includes(name));
  return [
    finding("metallb.version", {
      version: versionOf(speaker ?? controller),
      mode: modeOf(installed),
      controller: controller ? `${controller.kind} ${controller.name}` : "-",
      speaker: speaker ? `${speaker.kind} ${speaker.name}` : "-",
    }),
    ...judgeOurs(installed),
    ...(needsConversion(facts) ? [finding("metallb.config-map", { namespace })] : []),
    ...(release === undefined ? [] : [finding("metallb.helm", { release })]),
    ...(sidecars.length > 0 ? [finding("metallb.sidecars", { sidecars: sidecars.join(", ") })] : []),
  ];
}

/** Where the swap is under way, or done. */
function judgeOurs(installed: Installed): Finding[] {
  const parts = (["controller", "speaker"] as const).filter((part) => isOurs(installed[part]));
  const [first] = parts;
  const workload = first && installed[first];
  const image = (workload && mainContainer(workload)?.image) ?? "";
  return first ? [finding("metallb.ours", { parts: parts.join(", "), image })] : [];
}

export function isOurs(workload: Workload | undefined): boolean {
  return (workload && mainContainer(workload)?.isOurs) ?? false;
}

/** The BGP implementation: `native` where nothing is said (METALLB_BGP_TYPE). */
export function modeOf({ speaker }: Installed): string {
  const container = speaker && mainContainer(speaker);
  return container?.variables.get("METALLB_BGP_TYPE") || "native";
}

export function releaseOf(workload: Workload | undefined): string | undefined {
  return workload?.annotations[releaseAnnotation];
}

/** The Secret with the ring's key, as the controller is told to make it. */
export function ringSecretName({ controller }: Installed): string | undefined {
  return setting(controller, "ml-secret-name", "METALLB_ML_SECRET_NAME") || undefined;
}

function isMetallb(labels: Readonly<Record<string, string>>): boolean {
  return labels.app === "metallb" || labels["app.kubernetes.io/name"] === "metallb";
}

function versionOf(workload: Workload | undefined): string {
  const image = (workload && mainContainer(workload)?.image) ?? "";
  const [, tag] = image.match(/:([\w.-]+)(?:@|$)/) ?? [];
  return tag ?? (image.includes("@") ? image.slice(image.indexOf("@") + 1) : "?");
}

function needsConversion({ configMaps, configuration, unreadKinds }: UpgradeFacts): boolean {
  const { data } = (configMaps.get("config") ?? {}) as { data?: { config?: string } };
  const isEmpty = Object.values(configuration).every((objects) => objects.length === 0);
  return data?.config !== undefined && isEmpty && unreadKinds.size === 0;
}
