import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type Caller, service, type TestApi, testApi } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

const servicesPath = "/api/v1/namespaces/default/services";

describe("create", () => {
  test("gives identity, version and time, and answers 201", async () => {
    const { status, body } = await call("POST", servicesPath, service("web"));
    expect(status).toBe(201);
    expect(body.metadata).toMatchObject({
      name: "web",
      namespace: "default",
      creationTimestamp: "2026-01-02T03:04:05Z",
      uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resourceVersion: expect.stringMatching(/^\d+$/),
    });
  });

  test("makes names from generateName", async () => {
    const map = { metadata: { generateName: "job-" } };
    const names = await Promise.all(
      [1, 2].map(
        async () => (await call("POST", "/api/v1/namespaces/default/configmaps", map)).body.metadata.name,
      ),
    );
    expect(names[0]).toMatch(/^job-[a-z0-9]{5}$/);
    expect(names[0]).not.toBe(names[1] as string);
  });

  test.each([
    [
      "a namespace that is not there",
      "/api/v1/namespaces/nope/configmaps",
      { metadata: { name: "a" } },
      404,
      'namespaces "nope" not found',
    ],
    [
      "another namespace than the URL's",
      "/api/v1/namespaces/default/configmaps",
      { metadata: { name: "a", namespace: "x" } },
      400,
      "does not match the namespace sent on the request",
    ],
    [
      "another kind",
      servicesPath,
      { kind: "Pod", metadata: { name: "a" } },
      400,
      "does not match the expected kind",
    ],
    [
      "another version",
      servicesPath,
      { apiVersion: "v2", metadata: { name: "a" } },
      400,
      "does not match the expected API version (v1)",
    ],
    [
      "no name",
      servicesPath,
      { spec: { ports: [{ port: 80 }] } },
      422,
      "metadata.name: Required value: name or generateName is required",
    ],
    [
      "a wrong JSON type",
      servicesPath,
      { metadata: { name: "a" }, spec: { ports: [{ port: "x" }] } },
      400,
      "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
    ],
    [
      "a bad label",
      "/api/v1/namespaces/default/configmaps",
      { metadata: { name: "a", labels: { "-": "x" } } },
      422,
      "metadata.labels: Invalid value",
    ],
    [
      "a resourceVersion",
      servicesPath,
      { metadata: { name: "a", resourceVersion: "1" } },
      400,
      "resourceVersion should not be set",
    ],
    [
      "an unknown path",
      "/api/v1/namespaces/default/foos",
      { metadata: { name: "a" } },
      404,
      "could not find the requested resource",
    ],
  ])("refuses %s", async (_, path, body, code, message) => {
    const answer = await call("POST", path, body);
    expect(answer.status).toBe(code);
    expect(answer.body).toMatchObject({ kind: "Status", status: "Failure", code });
    expect(answer.body.message).toContain(message);
  });

  test("refuses a name that is taken, with details", async () => {
    await call("POST", servicesPath, service("web"));
    const { status, body } = await call("POST", servicesPath, service("web"));
    expect(status).toBe(409);
    expect(body).toMatchObject({
      reason: "AlreadyExists",
      message: 'services "web" already exists',
      details: { name: "web", kind: "services" },
    });
  });

  test("unknown fields are refused, warned of or dropped, as asked", async () => {
    const body = { ...service("a"), spec: { ports: [{ port: 80, foo: 1 }], bar: 2 } };
    const strict = await call("POST", `${servicesPath}?fieldValidation=Strict`, body);
    expect(strict.body.message).toBe(
      'Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.ports[0].foo", unknown field "spec.bar"',
    );
    const warned = await call("POST", servicesPath, body);
    expect(warned.status).toBe(201);
    expect(warned.headers.get("warning")).toBe(
      '299 - "unknown field \\"spec.ports[0].foo\\"", 299 - "unknown field \\"spec.bar\\""',
    );
    expect(warned.body.spec).not.toHaveProperty("bar");
    const ignored = await call("POST", `${servicesPath}?fieldValidation=Ignore`, {
      ...body,
      metadata: { name: "b" },
    });
    expect(ignored.headers.get("warning")).toBeNull();
  });

  test("a dry run validates, answers and stores nothing", async () => {
    const dry = await call("POST", `${servicesPath}?dryRun=All`, service("web"));
    expect(dry.status).toBe(201);
    expect((dry.body.spec as { clusterIP: string }).clusterIP).toStartWith("10.96.");
    expect((await call("GET", `${servicesPath}/web`)).status).toBe(404);
  });

  test("refuses a body that is too large, no JSON, or of an unknown type", async () => {
    const post = (body: string, type: string) =>
      sandbox.api.fetch(
        new Request(`http://sandbox${servicesPath}`, {
          method: "POST",
          body,
          headers: { authorization: "Bearer secret", "content-type": type },
        }),
      );
    expect((await post("x".repeat(4_000_000), "application/json")).status).toBe(413);
    expect((await post("{", "application/json")).status).toBe(400);
    expect((await post("<a/>", "application/xml")).status).toBe(415);
    expect((await post("metadata: {name: y}\nspec: {ports: [{port: 80}]}", "application/yaml")).status).toBe(
      201,
    );
  });
});
