import { installedRights } from "#k8s/installation/mod.ts";
import type { KubeObject } from "#k8s/mod.ts";
import type { UpgradeFacts } from "./facts.ts";
import { type Finding, finding, named } from "./finding.ts";
import type { Installed } from "./workload.ts";

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  verbs?: string[];
}

interface Granted {
  readonly group: string;
  readonly resource: string;
  /** Empty: every object. */
  readonly name: string;
  readonly verb: string;
  readonly isClusterWide: boolean;
}

/** What the ServiceAccounts may do now, against what ours asks for. */
export function judgeRights({ rights, namespace }: UpgradeFacts, installed: Installed): Finding[] {
  if (!rights) return [];
  return (["controller", "speaker"] as const).flatMap((part) => {
    const workload = installed[part];
    if (!workload) return [];
    const { serviceAccount } = workload;
    const has = grantedTo(serviceAccount, namespace, rights.roles, rights.bindings);
    const wants = grantedTo(
      part,
      ownNamespace,
      installedRights.filter(({ kind }) => kind === "ClusterRole" || kind === "Role"),
      installedRights.filter(({ kind }) => String(kind).endsWith("Binding")),
    );
    const more = wants.filter((want) => !has.some((one) => includes(one, want)));
    const less = has.filter((one) => !wants.some((want) => includes(one, want)));
    return [
      ...(more.length > 0
        ? [finding("rights.more", { part, rules: inWords(more) })]
        : [finding("rights.ok", { part })]),
      ...(less.length > 0 ? [finding("rights.less", { part, rules: inWords(less) })] : []),
    ];
  });
}

/** Where our own manifests put everything. */
const ownNamespace = "metallb-system";

function grantedTo(
  account: string,
  namespace: string,
  roles: readonly KubeObject[],
  bindings: readonly KubeObject[],
): Granted[] {
  return bindings.flatMap((binding) => {
    const { roleRef, subjects = [] } = binding as unknown as {
      roleRef: { kind: string; name: string };
      subjects?: { kind: string; name: string; namespace?: string }[];
    };
    const isBound = subjects.some(
      ({ kind, name, namespace: inside }) =>
        kind === "ServiceAccount" && name === account && (inside ?? namespace) === namespace,
    );
    const role = roles.find(({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name);
    if (!isBound || !role) return [];
    const isClusterWide = binding.kind === "ClusterRoleBinding";
    return ((role.rules ?? []) as Rule[]).flatMap((rule) => expand(rule, isClusterWide));
  });
}

function expand(
  { apiGroups = [], resources = [], resourceNames = [""], verbs = [] }: Rule,
  isClusterWide: boolean,
): Granted[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      resourceNames.flatMap((name) => verbs.map((verb) => ({ group, resource, name, verb, isClusterWide }))),
    ),
  );
}

function includes(granted: Granted, wanted: Granted): boolean {
  const covers = (one: string, other: string) => one === "*" || one === other;
  return (
    covers(granted.group, wanted.group) &&
    covers(granted.resource, wanted.resource) &&
    covers(granted.verb, wanted.verb) &&
    (granted.name === "" || granted.name === wanted.name) &&
    (granted.isClusterWide || !wanted.isClusterWide)
  );
}

/** `services/status: patch; nodes: watch`. */
function inWords(rules: readonly Granted[]): string {
  const byResource = Map.groupBy(rules, ({ group, resource }) =>
    group === "" ? resource : `${resource}.${group}`,
  );
  return named(
    [...byResource].map(
      ([resource, each]) => `${resource} ${[...new Set(each.map(({ verb }) => verb))].join("/")}`,
    ),
  );
}
