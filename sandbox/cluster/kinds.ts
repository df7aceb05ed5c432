import { type ResourceType, resources } from "#k8s/mod.ts";

/** Kinds that only the sandbox itself writes. */
const serviceAccounts: ResourceType = {
  group: "",
  version: "v1",
  plural: "serviceaccounts",
  kind: "ServiceAccount",
  namespaced: true,
};
export const daemonSets: ResourceType = {
  group: "apps",
  version: "v1",
  plural: "daemonsets",
  kind: "DaemonSet",
  namespaced: true,
};
export const { customResourceDefinitions } = resources;

const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
const manifestKinds: readonly ResourceType[] = [
  resources.services,
  resources.secrets,
  resources.validatingWebhookConfigurations,
  serviceAccounts,
  { group: "", version: "v1", plural: "configmaps", kind: "ConfigMap", namespaced: true },
  { ...rbac, plural: "roles", kind: "Role", namespaced: true },
  { ...rbac, plural: "clusterroles", kind: "ClusterRole", namespaced: false },
  { ...rbac, plural: "rolebindings", kind: "RoleBinding", namespaced: true },
  { ...rbac, plural: "clusterrolebindings", kind: "ClusterRoleBinding", namespaced: false },
];

/** Of an object in one of k8s/manifests that the sandbox applies. */
export function manifestKind(kind: string | undefined): ResourceType {
  const found = manifestKinds.find((each) => each.kind === kind);
  if (!found) throw new Error(`the sandbox's manifests hold a ${kind}, a kind that it does not apply`);
  return found;
}
