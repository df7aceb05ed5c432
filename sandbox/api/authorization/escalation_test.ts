import { describe, expect, test } from "bun:test";
import { type Caller, caller, testApi } from "../testing.ts";

const group = "rbac.authorization.k8s.io";
const base = `/apis/${group}/v1`;
const roles = `${base}/namespaces/default/roles`;
const bindings = `${base}/namespaces/default/rolebindings`;
const rule = (resources: string[], verbs: string[], apiGroups = [""]) => ({ apiGroups, resources, verbs });
const mayWriteRbac = rule(
  ["roles", "rolebindings", "clusterroles", "clusterrolebindings"],
  ["create", "update", "patch", "get"],
  [group],
);

/** A user who may write roles and bindings everywhere, and has these rules too. */
async function writer(rules: object[]): Promise<[ann: Caller, admin: Caller]> {
  const { api, call } = testApi();
  await call("POST", `${base}/clusterroles`, {
    metadata: { name: "writer" },
    rules: [mayWriteRbac, ...rules],
  });
  await call("POST", `${base}/clusterrolebindings`, {
    metadata: { name: "writer" },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: "writer" },
    subjects: [{ apiGroup: group, kind: "User", name: "ann" }],
  });
  api.addToken("t", { username: "ann", groups: ["team"] });
  return [caller(api, "t"), call];
}
const role = (...rules: object[]) => ({ metadata: { name: "r" }, rules });
const binding = (name: string, kind = "ClusterRole") => ({
  metadata: { name: "b" },
  roleRef: { apiGroup: group, kind, name },
  subjects: [{ apiGroup: group, kind: "User", name: "ann" }],
});

describe("privilege escalation prevention", () => {
  test("a role takes rules that its writer has, and no other, in a real server's words", async () => {
    const [ann] = await writer([rule(["pods"], ["get", "list"])]);
    const refused = await ann("POST", roles, role(rule(["pods", "secrets"], ["get", "list", "watch"])));
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject({
      reason: "Forbidden",
      message: [
        'roles.rbac.authorization.k8s.io "r" is forbidden: user "ann" (groups=["team" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
        '{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}',
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list" "watch"]}',
      ].join("\n"),
    });
    expect((await ann("GET", `${roles}/r`)).status).toBe(404);
    expect((await ann("POST", roles, role(rule(["pods"], ["get"])))).status).toBe(201);
  });

  test.each([
    ["PATCH", "merge"],
    ["PATCH", "apply"],
    ["PUT", undefined],
  ] as const)("%s (%s) is judged by what would be stored", async (method, patch) => {
    const [ann] = await writer([rule(["pods"], ["get"])]);
    await ann("POST", roles, role(rule(["pods"], ["get"])));
    const write = (verb: string) =>
      ann(
        method,
        `${roles}/r?${patch === "apply" ? "fieldManager=m&force=true" : ""}`,
        { apiVersion: `${group}/v1`, kind: "Role", ...role(rule(["pods"], [verb])) },
        patch,
      );
    expect((await write("delete")).status).toBe(403);
    expect((await write("get")).status).toBe(200);
  });

  test("the verb escalate frees the writer of roles, the verb bind that of bindings", async () => {
    const [ann, admin] = await writer([rule(["roles"], ["escalate"], [group])]);
    expect((await ann("POST", roles, role(rule(["secrets"], ["get"])))).status).toBe(201);
    expect((await ann("POST", bindings, binding("r", "Role"))).status).toBe(403);
    const may = { apiGroups: [group], resources: ["roles"], verbs: ["bind"], resourceNames: ["r"] };
    await admin("PATCH", `${base}/clusterroles/writer`, { rules: [mayWriteRbac, may] }, "merge");
    expect((await ann("POST", bindings, binding("r", "Role"))).status).toBe(201);
  });

  test("a binding to a role with more is refused, to one that is not there is not found", async () => {
    const [ann, admin] = await writer([rule(["pods"], ["*"])]);
    const refused = await ann("POST", `${base}/clusterrolebindings`, binding("cluster-admin"));
    expect(refused.body.message).toContain(
      '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
    );
    expect((await ann("POST", bindings, binding("nobody"))).body.message).toBe(
      'clusterroles.rbac.authorization.k8s.io "nobody" not found',
    );
    expect((await ann("POST", bindings, binding("writer"))).status).toBe(201);
    expect((await admin("POST", `${base}/clusterrolebindings`, binding("cluster-admin"))).status).toBe(201);
  });

  test("an aggregationRule needs everything", async () => {
    const [ann] = await writer([]);
    const refused = await ann("POST", `${base}/clusterroles`, {
      metadata: { name: "r" },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
      rules: [],
    });
    expect(refused.body.message).toBe(
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    );
  });
});
