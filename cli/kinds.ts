import type { ResourceType } from "#k8s/mod.ts";

/** Kinds that only the command line looks at. */
const rights = { group: "rbac.authorization.k8s.io", version: "v1" };

export const daemonSets: ResourceType = {
  group: "apps",
  version: "v1",
  plural: "daemonsets",
  kind: "DaemonSet",
  namespaced: true,
};
export const configMaps: ResourceType = {
  group: "",
  version: "v1",
  plural: "configmaps",
  kind: "ConfigMap",
  namespaced: true,
};
export const roles: ResourceType = { ...rights, plural: "roles", kind: "Role", namespaced: true };
export const roleBindings: ResourceType = {
  ...rights,
  plural: "rolebindings",
  kind: "RoleBinding",
  namespaced: true,
};
export const clusterRoles: ResourceType = {
  ...rights,
  plural: "clusterroles",
  kind: "ClusterRole",
  namespaced: false,
};
export const clusterRoleBindings: ResourceType = {
  ...rights,
  plural: "clusterrolebindings",
  kind: "ClusterRoleBinding",
  namespaced: false,
};
/** frr-k8s's configuration of a node; users may have added objects of their own. */
export const frrConfigurations: ResourceType = {
  group: "frrk8s.metallb.io",
  version: "v1beta1",
  plural: "frrconfigurations",
  kind: "FRRConfiguration",
  namespaced: true,
};
