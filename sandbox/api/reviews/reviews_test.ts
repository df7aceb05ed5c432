import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Caller, caller, type TestApi, testApi } from "../testing.ts";

const group = "rbac.authorization.k8s.io";
const authorization = "/apis/authorization.k8s.io/v1";
const secretsRule = { apiGroups: [""], resources: ["secrets"], verbs: ["get"], resourceNames: ["s"] };

let sandbox: TestApi;
let ann: Caller;
beforeEach(async () => {
  sandbox = testApi();
  sandbox.api.addToken("t", { username: "ann", groups: [] });
  ann = caller(sandbox.api, "t");
  const path = `/apis/${group}/v1/namespaces/default`;
  await sandbox.call("POST", `${path}/roles`, { metadata: { name: "r" }, rules: [secretsRule] });
  await sandbox.call("POST", `${path}/rolebindings`, {
    metadata: { name: "b" },
    roleRef: { apiGroup: group, kind: "Role", name: "r" },
    subjects: [{ apiGroup: group, kind: "User", name: "ann" }],
  });
});
afterEach(() => sandbox.api.close());

const secretOf = (namespace?: string) => ({ verb: "get", resource: "secrets", name: "s", namespace });

describe("SelfSubjectRulesReview", () => {
  const rules = async (namespace: string) =>
    (await ann("POST", `${authorization}/selfsubjectrulesreviews`, { spec: { namespace } })).body.status;

  test("lists the rules of the namespace and those of everywhere", async () => {
    expect(await rules("default")).toMatchObject({
      incomplete: false,
      resourceRules: expect.arrayContaining([
        secretsRule,
        { apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
      ]),
      nonResourceRules: expect.arrayContaining([
        expect.objectContaining({ nonResourceURLs: expect.arrayContaining(["/healthz"]), verbs: ["get"] }),
      ]),
    });
    const elsewhere = (await rules("kube-system")) as { resourceRules: { resources: string[] }[] };
    expect(elsewhere.resourceRules.some(({ resources }) => resources.includes("secrets"))).toBe(false);
    expect(elsewhere.resourceRules.length).toBeGreaterThan(0);
  });

  test("is refused without a namespace", async () => {
    const answer = await ann("POST", `${authorization}/selfsubjectrulesreviews`, { spec: {} });
    expect([answer.status, answer.body.message]).toEqual([400, "no namespace on request"]);
  });
});

describe("LocalSubjectAccessReview", () => {
  const path = `${authorization}/namespaces/default/localsubjectaccessreviews`;
  const review = async (spec: object, to = path) => await sandbox.call("POST", to, { spec });

  test("asks within the namespace of its URL", async () => {
    for (const namespace of [undefined, "", "default"]) {
      const answer = await review({ user: "ann", resourceAttributes: secretOf(namespace) });
      expect([answer.status, answer.body.metadata.namespace]).toEqual([201, "default"]);
      expect(answer.body.status).toMatchObject({ allowed: true });
    }
    const other = await review({ user: "bob", resourceAttributes: secretOf() });
    expect(other.body.status).toMatchObject({ allowed: false });
  });

  test("is refused for another namespace, for a path, without a user, and outside a namespace", async () => {
    expect((await review({ user: "ann", resourceAttributes: secretOf("kube-system") })).status).toBe(422);
    expect((await review({ user: "ann", nonResourceAttributes: { path: "/", verb: "get" } })).status).toBe(
      422,
    );
    expect((await review({ resourceAttributes: secretOf() })).status).toBe(422);
    const outside = `${authorization}/localsubjectaccessreviews`;
    expect((await review({ user: "ann", resourceAttributes: secretOf() }, outside)).status).toBe(404);
  });
});

describe("SubjectAccessReview", () => {
  const review = async (spec: object) =>
    await sandbox.call("POST", `${authorization}/subjectaccessreviews`, { spec });

  test("takes a uid and extra beside user and groups", async () => {
    const spec = { user: "ann", uid: "1", extra: { scopes: ["a"] }, resourceAttributes: secretOf("default") };
    const { body } = await review(spec);
    expect(body).toMatchObject({ spec, status: { allowed: true } });
  });

  test("is refused unless it asks for one thing of somebody", async () => {
    const nobody = await review({ resourceAttributes: secretOf("default") });
    expect([nobody.status, nobody.body.message]).toEqual([
      422,
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
    ]);
    expect((await review({ user: "ann" })).status).toBe(422);
    const path = { path: "/", verb: "get" };
    const both = { user: "ann", resourceAttributes: secretOf(), nonResourceAttributes: path };
    expect((await review(both)).status).toBe(422);
  });
});

test("a TokenReview of a registered token tells the API's audience, and refuses any other", async () => {
  const api = "https://kubernetes.default.svc.cluster.local";
  const review = async (audiences?: string[]) =>
    (
      await sandbox.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
        spec: { token: "t", audiences },
      })
    ).body.status;
  expect(await review()).toMatchObject({ authenticated: true, user: { username: "ann" }, audiences: [api] });
  expect(await review(["x", api])).toMatchObject({ authenticated: true, audiences: [api] });
  expect(await review(["x"])).toMatchObject({ authenticated: false });
});
