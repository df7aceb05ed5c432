import type { KubeObject } from "#k8s/mod.ts";
import type { UpgradeFacts } from "./facts.ts";

/** A container of a Deployment or DaemonSet, with what was said to it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  /** `--lb-class=x`, `--lb-class x` and `--ml-wan-config` alike, by name without dashes. */
  readonly flags: ReadonlyMap<string, string>;
  /** Those with a literal value; others as undefined. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  readonly hostPorts: readonly number[];
  /** It is started as `metallb controller` or `metallb speaker`: this program and not MetalLB. */
  readonly isOurs: boolean;
}

/** A Deployment or DaemonSet, cut down to what the check asks about. */
export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  readonly isHostNetwork: boolean;
  readonly serviceAccount: string;
  readonly graceSeconds: number | undefined;
}

interface PodTemplate {
  metadata?: { labels?: Record<string, string> };
  spec?: {
    hostNetwork?: boolean;
    serviceAccountName?: string;
    terminationGracePeriodSeconds?: number;
    containers?: {
      name?: string;
      image?: string;
      args?: string[];
      command?: string[];
      env?: { name: string; value?: string }[];
      ports?: { containerPort?: number; hostPort?: number }[];
    }[];
  };
}

export function workloadOf(object: KubeObject): Workload {
  const { metadata } = object;
  const template = ((object.spec ?? {}) as { template?: PodTemplate }).template ?? {};
  const { spec = {} } = template;
  return {
    kind: String(object.kind),
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    podLabels: template.metadata?.labels ?? {},
    isHostNetwork: spec.hostNetwork === true,
    serviceAccount: spec.serviceAccountName ?? "default",
    graceSeconds: spec.terminationGracePeriodSeconds,
    containers: (spec.containers ?? []).map(
      ({ name = "", image = "", args = [], command = [], ...more }) => ({
        name,
        image,
        flags: flagsOf([...command, ...args]),
        isOurs: [...command, ...args].some((word) => word === "controller" || word === "speaker"),
        variables: new Map((more.env ?? []).map(({ name: variable, value }) => [variable, value])),
        hostPorts: (more.ports ?? []).flatMap(({ containerPort, hostPort }) =>
          hostPort !== undefined ? [hostPort] : spec.hostNetwork && containerPort ? [containerPort] : [],
        ),
      }),
    ),
  };
}

function flagsOf(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  words.forEach((word, index) => {
    const [, name, value] = word.match(/^--?([a-z][\w-]*)(?:=(.*))?$/s) ?? [];
    if (name === undefined) return;
    const next = words[index + 1];
    flags.set(name, value ?? (next === undefined || next.startsWith("-") ? "true" : next));
  });
  return flags;
}

/** MetalLB as it is installed. */
export interface Installed {
  readonly controller?: Workload;
  readonly speaker?: Workload;
  readonly all: readonly Workload[];
}

/** By the labels of its manifests (app) or of its chart (app.kubernetes.io/name), and by nothing else. */
export function installedIn({
  deployments = [],
  daemonSets = [],
  namespace,
}: Pick<UpgradeFacts, "deployments" | "daemonSets" | "namespace">): Installed {
  const all = [...deployments, ...daemonSets].map(workloadOf);
  const part = (component: string) =>
    all.find(
      ({ namespace: inside, podLabels }) =>
        inside === namespace &&
        ((podLabels.app === "metallb" && podLabels.component === component) ||
          (podLabels["app.kubernetes.io/name"] === "metallb" &&
            podLabels["app.kubernetes.io/component"] === component)),
    );
  const [controller, speaker] = [part("controller"), part("speaker")];
  return { all, ...(controller && { controller }), ...(speaker && { speaker }) };
}

/** The container that is MetalLB itself, not a sidecar. */
export function mainContainer(workload: Workload): Container | undefined {
  const { containers } = workload;
  return containers.find(({ name }) => name === "controller" || name === "speaker") ?? containers[0];
}

/** By flag, or else by variable. */
export function setting(workload: Workload | undefined, flag: string, variable?: string): string | undefined {
  const container = workload && mainContainer(workload);
  return (
    container?.flags.get(flag) ?? (variable === undefined ? undefined : container?.variables.get(variable))
  );
}
