/** Webhooks as kubernetes.io "Dynamic Admission Control" describes them, answered by a real HTTPS server. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { type Certificates, createCertificates } from "#sandbox/api/mod.ts";
import { type Caller, type TestApi, testApi, widgetDefinition } from "#sandbox/api/testing.ts";

interface Review {
  apiVersion: string;
  request: {
    uid: string;
    operation: string;
    name: string;
    namespace: string;
    dryRun: boolean;
    object: KubeObject | null;
    oldObject: KubeObject | null;
    userInfo: { username: string };
  };
}

const group = "/apis/admissionregistration.k8s.io/v1";
const maps = "/api/v1/namespaces/default/configmaps";

let certificates: Certificates;
let server: Bun.Server<undefined>;
let sandbox: TestApi;
let call: Caller;
/** What the webhook was asked, and how it answers. */
let asked: Review["request"][];
let answer: (request: Review["request"]) => object | Promise<object>;

beforeAll(async () => {
  certificates = await createCertificates({ names: [], addresses: ["127.0.0.1"], now: new Date() });
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: certificates.certPem, key: certificates.keyPem },
    async fetch(request) {
      const review = (await request.json()) as Review;
      asked.push(review.request);
      const response = { uid: review.request.uid, ...(await answer(review.request)) };
      return Response.json({ apiVersion: review.apiVersion, kind: "AdmissionReview", response });
    },
  });
});
afterAll(() => server.stop(true));

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
  asked = [];
  answer = () => ({ allowed: true });
});
afterEach(() => sandbox.api.close());

function configure(kind: "Validating" | "Mutating", change: object = {}, client: object = {}) {
  const webhook = {
    name: "test.example.com",
    clientConfig: {
      url: `https://127.0.0.1:${server.port}/review`,
      caBundle: Buffer.from(certificates.caPem).toString("base64"),
      ...client,
    },
    rules: [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    ...change,
  };
  const path = `${group}/${kind.toLowerCase()}webhookconfigurations`;
  return call("POST", path, { metadata: { name: `test-${kind.toLowerCase()}` }, webhooks: [webhook] });
}

const configMap = (name: string, data: object = {}) => ({ metadata: { name }, data });

describe("a validating webhook", () => {
  test("hears of create, update and delete with the object before and after, and of nothing else", async () => {
    expect((await configure("Validating")).status).toBe(201);
    await call("POST", maps, configMap("a", { key: "1" }));
    await call("PATCH", `${maps}/a`, { data: { key: "2" } }, "merge");
    await call("DELETE", `${maps}/a`);
    await call("POST", "/api/v1/namespaces", { metadata: { name: "other" } });
    expect(
      asked.map(({ operation, name, object, oldObject }) => [
        operation,
        name,
        (object?.data as Record<string, string>)?.key,
        (oldObject?.data as Record<string, string>)?.key,
      ]),
    ).toEqual([
      ["CREATE", "a", "1", undefined],
      ["UPDATE", "a", "2", "1"],
      ["DELETE", "a", undefined, "2"],
    ]);
    expect(asked[0]).toMatchObject({
      namespace: "default",
      dryRun: false,
      userInfo: { username: "admin" },
    });
  });

  test("refuses with its own code and words, and nothing is stored", async () => {
    await configure("Validating");
    answer = () => ({ allowed: false, status: { code: 422, reason: "Invalid", message: "no such luck" } });
    const refused = await call("POST", maps, configMap("a"));
    expect(refused.status).toBe(422);
    expect(refused.body.message).toBe(
      'admission webhook "test.example.com" denied the request: no such luck',
    );
    expect((await call("GET", `${maps}/a`)).status).toBe(404);
  });

  test("warns whoever writes, once, and is told of a dry run", async () => {
    await configure("Validating");
    answer = () => ({ allowed: true, warnings: ["mind the gap"] });
    const written = await call("POST", `${maps}?dryRun=All`, configMap("a"));
    expect(written.headers.get("warning")).toContain("mind the gap");
    expect(asked.map(({ dryRun }) => dryRun)).toEqual([true]);
    expect((await call("GET", `${maps}/a`)).status).toBe(404);
  });

  test("selects by labels of object and namespace", async () => {
    await configure("Validating", {
      objectSelector: { matchLabels: { watched: "yes" } },
      namespaceSelector: { matchExpressions: [{ key: "quiet", operator: "DoesNotExist" }] },
    });
    await call("POST", "/api/v1/namespaces", { metadata: { name: "quiet", labels: { quiet: "" } } });
    const watched = { metadata: { name: "w", labels: { watched: "yes" } } };
    await call("POST", maps, configMap("plain"));
    await call("POST", maps, watched);
    await call("POST", "/api/v1/namespaces/quiet/configmaps", watched);
    expect(asked.map(({ name, namespace }) => `${namespace}/${name}`)).toEqual(["default/w"]);
  });

  test("that may have side effects refuses a dry run", async () => {
    await configure("Validating", { sideEffects: "Some" });
    const refused = await call("POST", `${maps}?dryRun=All`, configMap("a"));
    expect([refused.status, refused.body.message]).toEqual([
      400,
      'admission webhook "test.example.com" does not support dry run',
    ]);
    expect(asked).toEqual([]);
    expect((await call("POST", maps, configMap("a"))).status).toBe(201);
  });

  test("for one version of a kind hears of another in its own, unless it wants that version exactly", async () => {
    await call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", widgetDefinition());
    const rules = [
      { operations: ["*"], apiGroups: ["example.io"], apiVersions: ["v1"], resources: ["widgets"] },
    ];
    await configure("Validating", { rules });
    const widgets = "/apis/example.io/v1beta1/namespaces/default/widgets";
    await call("POST", widgets, { metadata: { name: "a" }, spec: { addresses: ["10.0.0.1"] } });
    expect(asked).toEqual([
      expect.objectContaining({
        kind: { group: "example.io", version: "v1", kind: "Widget" },
        requestKind: { group: "example.io", version: "v1beta1", kind: "Widget" },
        object: expect.objectContaining({ apiVersion: "example.io/v1" }),
      }),
    ]);
    await call("DELETE", `${group}/validatingwebhookconfigurations/test-validating`);
    await configure("Validating", { rules, matchPolicy: "Exact" });
    await call("POST", widgets, { metadata: { name: "b" }, spec: { addresses: ["10.0.0.1"] } });
    expect(asked).toHaveLength(1);
  });

  test("that cannot be reached blocks or is ignored, as its failurePolicy says", async () => {
    const away = { url: "https://127.0.0.1:1/review" };
    await configure("Validating", {}, away);
    const refused = await call("POST", maps, configMap("a"));
    expect(refused.status).toBe(500);
    expect(refused.body.message).toStartWith(
      'Internal error occurred: failed calling webhook "test.example.com": failed to call webhook: ',
    );
    await call("DELETE", `${group}/validatingwebhookconfigurations/test-validating`);
    await configure("Validating", { failurePolicy: "Ignore" }, away);
    expect((await call("POST", maps, configMap("a"))).status).toBe(201);
  });

  test("of a Service without an address in the sandbox is said to have no endpoints", async () => {
    const service = { namespace: "default", name: "hook" };
    await configure("Validating", {}, { url: undefined, service });
    const { body } = await call("POST", maps, configMap("a"));
    expect(body.message).toEndWith('no endpoints available for service "hook" in namespace "default"');
  });

  test("with another authority than it shows is not believed", async () => {
    const strangers = await createCertificates({ names: [], addresses: ["127.0.0.1"], now: new Date() });
    await configure("Validating", {}, { caBundle: Buffer.from(strangers.caPem).toString("base64") });
    expect((await call("POST", maps, configMap("a"))).status).toBe(500);
    expect(asked).toEqual([]);
  });

  test("judges what is stored: a write that comes between is judged too", async () => {
    await call("POST", maps, configMap("a", { key: "1" }));
    await configure("Validating");
    let isFirst = true;
    answer = async () => {
      if (isFirst) {
        isFirst = false;
        await call("PATCH", `${maps}/a`, { data: { other: "x" } }, "merge");
      }
      return { allowed: true };
    };
    const written = await call("PATCH", `${maps}/a`, { data: { key: "2" } }, "merge");
    expect(written.body.data).toEqual({ key: "2", other: "x" });
    const judged = asked.map(({ object }) => object?.data);
    expect(judged).toContainEqual({ key: "1", other: "x" });
    expect(judged.at(-1)).toEqual({ key: "2", other: "x" });
  });
});

test("a mutating webhook changes what is created and updated, before it is validated", async () => {
  await configure("Mutating");
  await configure("Validating");
  answer = ({ object }) =>
    object?.data && "added" in (object.data as object)
      ? { allowed: true }
      : {
          allowed: true,
          patchType: "JSONPatch",
          patch: Buffer.from(JSON.stringify([{ op: "add", path: "/data/added", value: "yes" }])).toString(
            "base64",
          ),
        };
  const created = await call("POST", maps, configMap("a", { key: "1" }));
  expect(created.body.data).toEqual({ key: "1", added: "yes" });
  expect(asked.at(-1)?.object?.data).toEqual({ key: "1", added: "yes" });
  const replaced = await call("PATCH", `${maps}/a`, { data: { key: "2", added: null } }, "merge");
  expect(replaced.body.data).toEqual({ key: "2", added: "yes" });
});
