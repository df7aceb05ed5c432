import { afterEach, beforeEach, expect, test } from "bun:test";
import { createSandboxApi, type SandboxApi } from "../api.ts";
import { caller } from "../testing.ts";
import { impersonationOf } from "./impersonation.ts";

const group = "rbac.authorization.k8s.io";
let api: SandboxApi;
let audited: { user: string; impersonated: string | undefined; verb: string; isAllowed: boolean }[];

beforeEach(() => {
  audited = [];
  api = createSandboxApi({
    now: Date.now,
    audit: ({ username: user }, { verb }, isAllowed, impersonated) =>
      audited.push({ user, impersonated: impersonated?.username, verb, isAllowed }),
  });
  api.addToken("admin", { username: "admin", groups: ["system:masters"] });
  api.addToken("t", { username: "ann", groups: [] });
});
afterEach(() => api.close());

async function mayImpersonate(rules: object[]): Promise<void> {
  const admin = caller(api, "admin");
  const path = `/apis/${group}/v1`;
  await admin("POST", `${path}/clusterroles`, { metadata: { name: "i" }, rules });
  await admin("POST", `${path}/clusterrolebindings`, {
    metadata: { name: "i" },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: "i" },
    subjects: [{ apiGroup: group, kind: "User", name: "ann" }],
  });
}

async function whoAmI(headers: Record<string, string>, token = "t") {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await caller(api, token)("POST", path, {}, undefined, headers);
  return status === 201 ? (body.status as { userInfo: unknown }).userInfo : `${status} ${body.message}`;
}

test("a user, his groups, uid and extra are taken by who may impersonate each", async () => {
  const rule = (resource: string, apiGroup: string, name: string) => ({
    ...{ apiGroups: [apiGroup], resources: [resource], verbs: ["impersonate"], resourceNames: [name] },
  });
  await mayImpersonate([
    rule("users", "", "bob"),
    rule("groups", "", "dev"),
    rule("uids", "authentication.k8s.io", "7"),
    rule("userextras/example.org/scope", "authentication.k8s.io", "view"),
  ]);
  const headers = {
    "impersonate-user": "bob",
    "impersonate-group": "dev",
    "impersonate-uid": "7",
    "impersonate-extra-example.org%2fscope": "view",
  };
  expect(await whoAmI(headers)).toEqual({
    ...{ username: "bob", uid: "7", groups: ["dev", "system:authenticated"] },
    extra: { "example.org/scope": ["view"] },
  });
  const refusal = (what: string, resource: string, apiGroup: string) =>
    `403 ${what} is forbidden: User "ann" cannot impersonate resource "${resource}" in API group "${apiGroup}" at the cluster scope`;
  expect(await whoAmI({ ...headers, "impersonate-user": "eve" })).toBe(refusal('users "eve"', "users", ""));
  expect(await whoAmI({ ...headers, "impersonate-group": "dev, ops" })).toBe(
    refusal('groups "ops"', "groups", ""),
  );
  expect(await whoAmI({ ...headers, "impersonate-uid": "8" })).toBe(
    refusal('uids.authentication.k8s.io "8"', "uids", "authentication.k8s.io"),
  );
  expect(await whoAmI({ ...headers, "impersonate-extra-example.org%2fscope": "edit" })).toBe(
    refusal(
      'userextras.authentication.k8s.io "edit"',
      "userextras/example.org/scope",
      "authentication.k8s.io",
    ),
  );
});

test("a ServiceAccount is a right in its namespace and brings its groups", async () => {
  await mayImpersonate([{ apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] }]);
  expect(await whoAmI({ "impersonate-user": "system:serviceaccount:default:robot" })).toEqual({
    username: "system:serviceaccount:default:robot",
    groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
  });
  expect(await whoAmI({ "impersonate-user": "bob" })).toStartWith('403 users "bob" is forbidden');
});

test("the request is judged as whom it asks to be, and the log names both", async () => {
  const as = { "impersonate-user": "bob" };
  const answer = await caller(api, "admin")("GET", "/api/v1/services", undefined, undefined, as);
  expect([answer.status, answer.body.message]).toEqual([
    403,
    'services is forbidden: User "bob" cannot list resource "services" in API group "" at the cluster scope',
  ]);
  await caller(api, "t")("GET", "/api/v1/services", undefined, undefined, as);
  expect(audited).toEqual([
    { user: "admin", impersonated: "bob", verb: "list", isAllowed: false },
    { user: "ann", impersonated: undefined, verb: "impersonate", isAllowed: false },
  ]);
});

test("a group without a user is an error, as it is to a real server", async () => {
  expect(await whoAmI({ "impersonate-group": "dev" }, "admin")).toStartWith("500 ");
});

test.each([
  [{ "impersonate-user": "bob" }, ["system:authenticated"]],
  [{ "impersonate-user": "bob", "impersonate-group": "system:authenticated" }, ["system:authenticated"]],
  [{ "impersonate-user": "system:anonymous" }, ["system:unauthenticated"]],
])("impersonationOf(%j) is of the groups %j", (headers, groups) => {
  expect(impersonationOf(new Headers(headers as Record<string, string>))?.user.groups).toEqual(groups);
});
