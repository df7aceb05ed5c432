/**
 * The user-facing roles (kubernetes.io "Using RBAC Authorization", User-facing roles), cut to the kinds that the
 * sandbox serves. As in a real cluster each of `admin`, `edit` and `view` is an aggregate: its rules are those of the
 * roles with its label, and whoever adds kinds, such as MetalLB, adds rules by labelling a role of his own.
 */
export interface UserFacingRole {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A role that is kept equal to the roles with this label, instead of rules of its own. */
  readonly aggregates?: string;
  readonly rules: readonly object[];
}

const read = ["get", "list", "watch"];
const write = ["create", "delete", "deletecollection", "patch", "update"];
const rbac = "rbac.authorization.k8s.io";
const label = (name: string) => ({ [`${rbac}/aggregate-to-${name}`]: "true" });

const rules = (verbs: readonly string[], group: string, ...resources: string[]) => ({
  apiGroups: [group],
  resources,
  verbs,
});

const editable = [
  rules(write, "", "pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"),
  rules(["create"], "", "pods/eviction"),
  rules(write, "", "configmaps", "events", "secrets", "serviceaccounts", "services", "services/proxy"),
  rules(["create"], "", "serviceaccounts/token"),
  rules(write, "apps", "daemonsets", "statefulsets", "statefulsets/scale"),
  rules(write, "apps", "deployments", "deployments/rollback", "deployments/scale"),
  rules(write, "apps", "replicasets", "replicasets/scale"),
  rules(write, "policy", "poddisruptionbudgets"),
  rules(write, "networking.k8s.io", "networkpolicies"),
  rules([...write, ...read], "coordination.k8s.io", "leases"),
  // What holds secrets or leads to them is read by those who may edit only.
  rules(read, "", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"),
  rules(["impersonate"], "", "serviceaccounts"),
];

const viewable = [
  rules(read, "", "configmaps", "endpoints", "serviceaccounts", "services", "services/status"),
  rules(read, "", "pods", "pods/log", "pods/status", "events", "namespaces", "namespaces/status"),
  rules(read, "discovery.k8s.io", "endpointslices"),
  rules(read, "apps", "daemonsets", "daemonsets/status", "deployments", "deployments/scale"),
  rules(read, "apps", "deployments/status", "replicasets", "replicasets/scale", "replicasets/status"),
  rules(read, "apps", "statefulsets", "statefulsets/scale", "statefulsets/status"),
  rules(read, "policy", "poddisruptionbudgets", "poddisruptionbudgets/status"),
  rules(read, "networking.k8s.io", "networkpolicies"),
];

export const userFacingRoles: readonly UserFacingRole[] = [
  { name: "admin", labels: {}, aggregates: "admin", rules: [] },
  { name: "edit", labels: label("admin"), aggregates: "edit", rules: [] },
  { name: "view", labels: label("edit"), aggregates: "view", rules: [] },
  {
    name: "system:aggregate-to-admin",
    labels: label("admin"),
    rules: [
      rules(["create"], "authorization.k8s.io", "localsubjectaccessreviews"),
      rules([...write, ...read], rbac, "rolebindings", "roles"),
    ],
  },
  { name: "system:aggregate-to-edit", labels: label("edit"), rules: editable },
  { name: "system:aggregate-to-view", labels: label("view"), rules: viewable },
];

export function aggregationOf({ aggregates }: UserFacingRole): object {
  if (aggregates === undefined) return {};
  return { aggregationRule: { clusterRoleSelectors: [{ matchLabels: label(aggregates) }] } };
}
