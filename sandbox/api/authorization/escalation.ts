import type { KubeObject } from "#k8s/mod.ts";
import type { Kind } from "../kinds/mod.ts";
import { isEqual, record, text } from "../object.ts";
import { forbiddenRequest, notFound } from "../status_error.ts";
import type { Store } from "../store/mod.ts";
import type { User } from "../users.ts";
import { describeRights, missingRights, quoted } from "./covers.ts";
import { Rbac } from "./rbac.ts";
import { type PolicyRule, policyRules } from "./rules.ts";

const group = "rbac.authorization.k8s.io";
const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"], resourceNames: [], nonResourceURLs: [] },
  { verbs: ["*"], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ["*"] },
];

/** A role or binding as it would be stored. */
export interface RbacWrite {
  readonly kind: Kind;
  readonly user: User;
  readonly verb: "create" | "update" | "patch";
  readonly before: KubeObject | undefined;
  readonly after: KubeObject;
}

/**
 * Nobody gives away what he has not himself (kubernetes.io "Using RBAC Authorization", Privilege escalation prevention
 * and bootstrapping): a role may be written with rules that its writer has, or by the verb `escalate`; a binding by whom
 * has all that the role has, or by the verb `bind` on the role. Members of `system:masters` are not asked.
 */
export class EscalationGuard {
  readonly #store: Store;
  readonly #rbac: Rbac;

  constructor(store: Store) {
    this.#store = store;
    this.#rbac = new Rbac(store);
  }

  isAskedOf(kind: Kind, user: User): boolean {
    return kind.group === group && !user.groups.includes("system:masters");
  }

  /** Throws the refusal. */
  check(write: RbacWrite): void {
    const { before, after, kind } = write;
    if (before !== undefined && isEqual(withoutLifecycle(before), withoutLifecycle(after))) return;
    if (kind.kind.endsWith("Binding")) this.#checkBinding(write);
    else this.#checkRole(write);
  }

  #checkRole(write: RbacWrite): void {
    const { kind, user, verb, before, after } = write;
    const { name, namespace = "" } = after.metadata;
    const asked = { group, resource: kind.plural, subresource: "", namespace };
    const named = verb === "create" ? "" : name;
    if (this.#rbac.authorize(user, { ...asked, verb: "escalate", name: named }).allowed) return;
    this.#confirm(write, policyRules(after));
    const isAggregate = [before, after].some((each) => each?.aggregationRule !== undefined);
    if (!isAggregate || missingRights(this.#rbac.rulesOf(user, namespace), everything).length === 0) return;
    // Its rules will be whatever the roles that it selects have.
    throw forbiddenRequest(kind, name, "must have cluster-admin privileges to use the aggregationRule");
  }

  #checkBinding(write: RbacWrite): void {
    const { user, after } = write;
    const { namespace = "" } = after.metadata;
    const roleRef = record(after, "roleRef");
    const [roleKind, name] = [text(roleRef, "kind"), text(roleRef, "name")];
    const plural = roleKind === "ClusterRole" ? "clusterroles" : "roles";
    const bind = { verb: "bind", group, resource: plural, subresource: "", namespace, name };
    if (this.#rbac.authorize(user, bind).allowed) return;
    const home = plural === "clusterroles" ? "" : namespace;
    const role = this.#store.collection(`${plural}.${group}`).get(home, name)?.object;
    if (role === undefined) throw notFound({ group, plural, kind: roleKind }, name);
    this.#confirm(write, policyRules(role));
  }

  #confirm({ kind, user, after }: RbacWrite, wanted: readonly PolicyRule[]): void {
    const missing = missingRights(this.#rbac.rulesOf(user, after.metadata.namespace ?? ""), wanted);
    if (missing.length === 0) return;
    const who = `user ${JSON.stringify(user.username)} (groups=${quoted(user.groups)})`;
    const why = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRights(missing).join("\n")}`;
    throw forbiddenRequest(kind, after.metadata.name, why);
  }
}

/** Without what the garbage collector needs to change, and who changed what. */
function withoutLifecycle({ metadata, ...rest }: KubeObject): object {
  const {
    ownerReferences: _owners,
    finalizers: _finalizers,
    managedFields: _managers,
    resourceVersion: _version,
    ...kept
  } = metadata;
  return { ...rest, metadata: kept };
}
