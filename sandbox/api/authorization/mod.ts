/**
 * May this user do this: RBAC over the Roles and bindings that are stored, as a real API server evaluates them, with
 * the check that nobody gives away more than he has himself. A controller keeps aggregated ClusterRoles
 * (`controllers/cluster_role_aggregation.ts`).
 */
export {
  type Attributes,
  cannot,
  type ResourceAttributes,
  resourceAttributes,
  reviewedAttributes,
} from "./attributes.ts";
export { defaultAuthorization } from "./default_roles.ts";
export { EscalationGuard } from "./escalation.ts";
export { Rbac, type RulesOf, type Verdict } from "./rbac.ts";
export type { PolicyRule } from "./rules.ts";
