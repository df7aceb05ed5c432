/**
 * May this user do this: RBAC over the Roles and bindings that are stored, as a real API server evaluates them. Left
 * out: aggregated ClusterRoles, and the check that nobody writes a Role with more than he has himself.
 */
export {
  type Attributes,
  cannot,
  type ResourceAttributes,
  resourceAttributes,
  reviewedAttributes,
} from "./attributes.ts";
export { defaultAuthorization } from "./default_roles.ts";
export { Rbac, type RulesOf, type Verdict } from "./rbac.ts";
export type { PolicyRule } from "./rules.ts";
