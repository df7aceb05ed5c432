import type { ResourceType } from "#k8s/mod.ts";

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
export const customResourceDefinitions: ResourceType = {
  group: "apiextensions.k8s.io",
  version: "v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
  namespaced: false,
};

const rbac = { group: "rbac.authorization.k8s.io", version: "v1" };
const authorizationKinds: readonly ResourceType[] = [
  serviceAccounts,
  { ...rbac, plural: "roles", kind: "Role", namespaced: true },
  { ...rbac, plural: "clusterroles", kind: "ClusterRole", namespaced: false },
  { ...rbac, plural: "rolebindings", kind: "RoleBinding", namespaced: true },
  { ...rbac, plural: "clusterrolebindings", kind: "ClusterRoleBinding", namespaced: false },
];

/** Accounts, roles and bindings, by their kind. */
export function authorizationKind(kind: string | undefined): ResourceType {
  const found = authorizationKinds.find((each) => each.kind === kind);
  if (!found) throw new Error(`the manifest of accounts and roles holds a ${kind}`);
  return found;
}
