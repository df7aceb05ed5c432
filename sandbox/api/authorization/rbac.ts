import { record, records, text } from "../object.ts";
import type { Collection, Store } from "../store/mod.ts";
import type { User } from "../users.ts";
import type { Attributes } from "./attributes.ts";
import { type PolicyRule, policyRules, ruleAllows } from "./rules.ts";

export interface Verdict {
  readonly allowed: boolean;
  readonly reason: string;
}

/** The rules that a user has in a namespace. */
export type RulesOf = (user: User, namespace: string) => PolicyRule[];

/** Rules that a user has by one binding. */
interface Grant {
  /** The grant holds there; undefined: everywhere. */
  readonly namespace: string | undefined;
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
}

const masters = "system:masters";

/**
 * Whether a user may do something, by the Roles, ClusterRoles and bindings that are stored (kubernetes.io "Using RBAC
 * Authorization"). Members of `system:masters` may do everything, roles or not. What a user is granted is worked out
 * once, and again after a role or binding changed.
 */
export class Rbac {
  readonly #store: Store;
  readonly #grants = new Map<string, readonly Grant[]>();

  constructor(store: Store) {
    this.#store = store;
    const ours = new Set(["roles", "clusterroles", "rolebindings", "clusterrolebindings"].map(inGroup));
    store.onChange((collection) => {
      if (ours.has(collection.id)) this.#grants.clear();
    });
  }

  readonly authorize = (user: User, attributes: Attributes): Verdict => {
    if (user.groups.includes(masters)) return { allowed: true, reason: `member of the group ${masters}` };
    const namespace = "path" in attributes ? "" : attributes.namespace;
    for (const grant of this.#grantsOf(user)) {
      if (grant.namespace !== undefined && (grant.namespace !== namespace || "path" in attributes)) continue;
      if (grant.rules.some((rule) => ruleAllows(rule, attributes)))
        return { allowed: true, reason: grant.reason };
    }
    return { allowed: false, reason: "" };
  };

  /** All that a user has in a namespace, that of every namespace included; a rule each as it is written. */
  readonly rulesOf: RulesOf = (user, namespace) =>
    this.#grantsOf(user)
      .filter((grant) => grant.namespace === undefined || grant.namespace === namespace)
      .flatMap(({ rules }) => rules);

  #grantsOf(user: User): readonly Grant[] {
    const id = `${user.username}\n${user.groups.join("\n")}`;
    let grants = this.#grants.get(id);
    if (grants === undefined) {
      grants = [...this.#bound(user, "ClusterRoleBinding"), ...this.#bound(user, "RoleBinding")];
      this.#grants.set(id, grants);
    }
    return grants;
  }

  #bound(user: User, kind: "ClusterRoleBinding" | "RoleBinding"): Grant[] {
    const grants: Grant[] = [];
    for (const stored of this.#collection(`${kind.toLowerCase()}s`).list()) {
      const { metadata, ...binding } = stored.object;
      const namespace = kind === "RoleBinding" ? metadata.namespace : undefined;
      const subject = records(binding, "subjects").find((each) => isSubject(each, user, namespace));
      if (!subject) continue;
      const roleRef = record(binding, "roleRef");
      const role = this.#role(text(roleRef, "kind"), text(roleRef, "name"), namespace);
      if (!role) continue;
      const name = namespace === undefined ? metadata.name : `${metadata.name}/${namespace}`;
      const to = `${text(subject, "kind")} "${subjectName(subject)}"`;
      const reason = `RBAC: allowed by ${kind} "${name}" of ${text(roleRef, "kind")} "${text(roleRef, "name")}" to ${to}`;
      grants.push({ namespace, rules: policyRules(role), reason });
    }
    return grants;
  }

  #role(kind: string, name: string, namespace: string | undefined): Record<string, unknown> | undefined {
    if (kind === "ClusterRole") return this.#collection("clusterroles").get("", name)?.object;
    return namespace === undefined ? undefined : this.#collection("roles").get(namespace, name)?.object;
  }

  #collection(plural: string): Collection {
    return this.#store.collection(inGroup(plural));
  }
}

function inGroup(plural: string): string {
  return `${plural}.rbac.authorization.k8s.io`;
}

function isSubject(subject: Record<string, unknown>, user: User, namespace: string | undefined): boolean {
  const name = text(subject, "name");
  switch (text(subject, "kind")) {
    case "User":
      return name === user.username;
    case "Group":
      return user.groups.includes(name);
    case "ServiceAccount":
      return (
        user.username === `system:serviceaccount:${text(subject, "namespace") || (namespace ?? "")}:${name}`
      );
    default:
      return false;
  }
}

function subjectName(subject: Record<string, unknown>): string {
  const [name, namespace] = [text(subject, "name"), text(subject, "namespace")];
  return namespace === "" ? name : `${name}/${namespace}`;
}
