import { describe, expect, test } from "bun:test";
import { type Caller, caller, type TestApi, testApi } from "../testing.ts";
import { ruleAllows } from "./rules.ts";

const group = "rbac.authorization.k8s.io";
const roles = `/apis/${group}/v1`;

/** A user of the group "team" with these rules in namespace default. */
async function teamMember(rules: object[], resourceNamespace = "default"): Promise<[TestApi, Caller]> {
  const sandbox = testApi();
  const path = `${roles}/namespaces/${resourceNamespace}`;
  await sandbox.call("POST", `${path}/roles`, { metadata: { name: "r" }, rules });
  await sandbox.call("POST", `${path}/rolebindings`, {
    metadata: { name: "b" },
    roleRef: { apiGroup: group, kind: "Role", name: "r" },
    subjects: [{ apiGroup: group, kind: "Group", name: "team" }],
  });
  sandbox.api.addToken("t", { username: "ann", groups: ["team"] });
  return [sandbox, caller(sandbox.api, "t")];
}

describe("RBAC", () => {
  test("a user without a role may ask what is served and who he is, and nothing else", async () => {
    const sandbox = testApi();
    sandbox.api.addToken("t", { username: "ann", groups: [] });
    const ann = caller(sandbox.api, "t");
    expect((await ann("GET", "/apis")).status).toBe(200);
    const self = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    expect((await ann("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", self)).status).toBe(201);
    const denied = await ann("GET", "/api/v1/services");
    expect(denied.status).toBe(403);
    expect(denied.body.message).toBe(
      'services is forbidden: User "ann" cannot list resource "services" in API group "" at the cluster scope',
    );
  });

  test("a Role counts in its own namespace, for its verbs, and for the object and not its status", async () => {
    const [, ann] = await teamMember([{ apiGroups: [""], resources: ["services"], verbs: ["list", "get"] }]);
    expect((await ann("GET", "/api/v1/namespaces/default/services")).status).toBe(200);
    expect((await ann("GET", "/api/v1/namespaces/default/services/kubernetes")).status).toBe(200);
    expect((await ann("GET", "/api/v1/services")).status).toBe(403);
    expect((await ann("GET", "/api/v1/namespaces/kube-system/services")).status).toBe(403);
    expect((await ann("GET", "/api/v1/namespaces/default/services?watch=true")).status).toBe(403);
    const denied = await ann(
      "PATCH",
      "/api/v1/namespaces/default/services/kubernetes/status",
      { status: {} },
      "merge",
    );
    expect(denied.body.message).toBe(
      'services "kubernetes" is forbidden: User "ann" cannot patch resource "services/status" in API group "" in the namespace "default"',
    );
  });

  test("resourceNames narrow a rule to objects, also for a list of one name", async () => {
    const [, ann] = await teamMember([
      { apiGroups: [""], resources: ["services"], verbs: ["*"], resourceNames: ["kubernetes"] },
    ]);
    expect((await ann("GET", "/api/v1/namespaces/default/services/kubernetes")).status).toBe(200);
    expect((await ann("GET", "/api/v1/namespaces/default/services/other")).status).toBe(403);
    expect((await ann("GET", "/api/v1/namespaces/default/services")).status).toBe(403);
    const one = "/api/v1/namespaces/default/services?fieldSelector=metadata.name%3Dkubernetes";
    expect((await ann("GET", one)).status).toBe(200);
  });

  test("a server-side apply of what is not there needs create beside patch", async () => {
    const rule = { apiGroups: [""], resources: ["configmaps"], verbs: ["patch"] };
    const [sandbox, ann] = await teamMember([rule]);
    const path = "/api/v1/namespaces/default/configmaps/c?fieldManager=m";
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } };
    const denied = await ann("PATCH", path, body, "apply");
    expect(denied.body.message).toContain('cannot create resource "configmaps"');
    const role = `${roles}/namespaces/default/roles/r`;
    await sandbox.call("PATCH", role, { rules: [{ ...rule, verbs: ["patch", "create"] }] }, "merge");
    expect((await ann("PATCH", path, body, "apply")).status).toBe(201);
  });

  test("a ClusterRole counts everywhere by a ClusterRoleBinding, in one namespace by a RoleBinding", async () => {
    const sandbox = testApi();
    await sandbox.call("POST", `${roles}/clusterroles`, {
      metadata: { name: "reader" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["get", "list"] }],
    });
    const roleRef = { apiGroup: group, kind: "ClusterRole", name: "reader" };
    const subjects = [{ kind: "ServiceAccount", name: "s", namespace: "default" }];
    const user = { username: "system:serviceaccount:default:s", groups: [] };
    sandbox.api.addToken("t", user);
    const account = caller(sandbox.api, "t");
    const binding = `${roles}/namespaces/default/rolebindings`;
    await sandbox.call("POST", binding, { metadata: { name: "b" }, roleRef, subjects });
    expect((await account("GET", "/api/v1/namespaces/default/pods")).status).toBe(200);
    expect((await account("GET", "/api/v1/nodes")).status).toBe(403);
    await sandbox.call("POST", `${roles}/clusterrolebindings`, {
      metadata: { name: "b" },
      roleRef,
      subjects,
    });
    expect((await account("GET", "/api/v1/nodes")).status).toBe(200);
    await sandbox.call("DELETE", `${roles}/clusterrolebindings/b`);
    expect((await account("GET", "/api/v1/nodes")).status).toBe(403);
  });

  test("an access review answers as the same request would be judged, and names the binding", async () => {
    const [sandbox, ann] = await teamMember([{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }]);
    const review = (resourceAttributes: object) => ({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: "ann", groups: ["team"], resourceAttributes },
    });
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const asked = { namespace: "default", verb: "get", resource: "pods" };
    expect((await sandbox.call("POST", path, review(asked))).body.status).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/default" of Role "r" to Group "team"',
    });
    const other = await sandbox.call("POST", path, review({ ...asked, namespace: "kube-system" }));
    expect(other.body.status).toEqual({ allowed: false, reason: "" });
    expect((await ann("POST", path, review(asked))).status).toBe(403);
  });
});

test("ruleAllows reads wildcards as the API server does", () => {
  const rule = { apiGroups: ["apps"], nonResourceURLs: [], resourceNames: [], verbs: ["update"] };
  const scale = { group: "apps", namespace: "", name: "a", verb: "update", subresource: "scale" };
  const allows = (resource: string) =>
    ruleAllows({ ...rule, resources: [resource] }, { ...scale, resource: "deployments" });
  expect(["deployments", "deployments/scale", "*/scale", "*", "*/status"].map(allows)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  const paths = { ...rule, resources: [], verbs: ["get"], nonResourceURLs: ["/metrics", "/logs/*"] };
  const covers = (path: string) => ruleAllows(paths, { verb: "get", path });
  expect(["/metrics", "/metrics/a", "/logs/a", "/logs"].map(covers)).toEqual([true, false, true, false]);
});
