import type { KubeObject } from "#k8s/mod.ts";
import { aggregationOf, userFacingRoles } from "./user_facing_roles.ts";

/** A role of every cluster and who has it (kubernetes.io "Using RBAC Authorization", Default roles and role bindings). */
interface DefaultRole {
  readonly name: string;
  readonly groups: readonly string[];
  readonly rules: readonly object[];
}

const everything = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const discoveryPaths = ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", "/"];
const publicPaths = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

const defaultRoles: readonly DefaultRole[] = [
  {
    name: "cluster-admin",
    groups: ["system:masters"],
    rules: [everything, { nonResourceURLs: ["*"], verbs: ["*"] }],
  },
  {
    name: "system:discovery",
    groups: ["system:authenticated"],
    rules: [{ nonResourceURLs: [...discoveryPaths, ...publicPaths], verbs: ["get"] }],
  },
  {
    name: "system:basic-user",
    groups: ["system:authenticated"],
    rules: [
      {
        apiGroups: ["authorization.k8s.io"],
        resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        verbs: ["create"],
      },
      { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
    ],
  },
  {
    // What a kubelet and a kube-proxy need of what the sandbox has; in a real cluster the Node authorizer narrows it.
    name: "system:node",
    groups: ["system:nodes"],
    rules: [
      { apiGroups: [""], resources: ["nodes", "pods", "services"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["nodes/status", "pods/status"], verbs: ["patch", "update"] },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "update"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["create", "delete"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        verbs: ["create", "get", "patch", "update"],
      },
    ],
  },
];

const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const apiGroup = "rbac.authorization.k8s.io";

/** The ClusterRoles that are there from the first moment, and their bindings. */
export function defaultAuthorization(): { plural: string; object: KubeObject }[] {
  const bound = defaultRoles.flatMap(({ name, groups, rules }) => [
    { plural: "clusterroles", object: { metadata: { name, labels }, rules } },
    {
      plural: "clusterrolebindings",
      object: {
        metadata: { name, labels },
        roleRef: { apiGroup, kind: "ClusterRole", name },
        subjects: groups.map((group) => ({ apiGroup, kind: "Group", name: group })),
      },
    },
  ]);
  const userFacing = userFacingRoles.map((role) => ({
    plural: "clusterroles",
    object: {
      metadata: { name: role.name, labels: { ...labels, ...role.labels } },
      ...aggregationOf(role),
      rules: role.rules,
    },
  }));
  return [...bound, ...userFacing];
}
