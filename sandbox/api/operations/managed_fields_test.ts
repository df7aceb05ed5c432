/** kubernetes.io "Server-Side Apply": ownership, conflicts, sharing, giving up, taking over, clearing. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { type Answer, type TestApi, testApi, widgetDefinition } from "../testing.ts";

interface Entry {
  manager: string;
  operation: string;
  time: string;
  subresource?: string;
  fieldsV1: Record<string, unknown>;
}

const maps = "/api/v1/namespaces/default/configmaps";
const services = "/api/v1/namespaces/default/services";
const widgets = "/apis/example.io/v1/namespaces/default/widgets";

let sandbox: TestApi;
beforeEach(() => {
  sandbox = testApi();
});

const configMap = (data: object): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "m" },
  data,
});

function apply(manager: string, body: KubeObject, query = "", path = `${maps}/m`): Promise<Answer> {
  return sandbox.call("PATCH", `${path}?fieldManager=${manager}${query}`, body, "apply");
}

function merge(manager: string, patch: object, path = `${maps}/m`): Promise<Answer> {
  return sandbox.call("PATCH", `${path}?fieldManager=${manager}`, patch, "merge");
}

function entries({ body }: Answer): Entry[] {
  return (body.metadata.managedFields ?? []) as Entry[];
}

function owners(answer: Answer): Record<string, unknown> {
  return Object.fromEntries(
    entries(answer).map(({ manager, operation, subresource, fieldsV1 }) => [
      `${operation} ${manager}${subresource ? `/${subresource}` : ""}`,
      fieldsV1,
    ]),
  );
}

describe("an update", () => {
  test("is written down with the manager of the query, or else the user agent's first word", async () => {
    const created = await sandbox.call("POST", maps, configMap({ a: "1" }), undefined, {
      "user-agent": "curl/8.0 (linux)",
    });
    expect(entries(created)).toEqual([
      {
        manager: "curl",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-02T03:04:05Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { ".": {}, "f:a": {} } },
      } as unknown as Entry,
    ]);
    const patched = await merge("editor", { data: { a: "2", b: "3" }, metadata: { labels: { x: "y" } } });
    expect(owners(patched)).toEqual({
      "Update curl": { "f:data": {} },
      "Update editor": {
        "f:data": { "f:a": {}, "f:b": {} },
        "f:metadata": { "f:labels": { ".": {}, "f:x": {} } },
      },
    });
  });

  test("that changes nothing moves no time and writes nothing", async () => {
    const created = await sandbox.call("POST", `${maps}?fieldManager=one`, configMap({ a: "1" }));
    sandbox.advance(60_000);
    const same = await merge("two", { data: { a: "1" } });
    expect(same.body).toEqual(created.body);
    const changed = await merge("one", { data: { a: "2" } });
    expect(entries(changed).map(({ manager, time }) => [manager, time])).toEqual([
      ["one", "2026-01-02T03:05:05Z"],
    ]);
  });

  test("of the status is told apart, and owns nothing but the status of a custom kind", async () => {
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await sandbox.call("POST", definitions, widgetDefinition());
    const widget = { metadata: { name: "w" }, spec: { addresses: ["10.0.0.1"] }, status: { size: 9 } };
    const created = await sandbox.call("POST", `${widgets}?fieldManager=one`, widget);
    // A custom kind's spec is a field of its own; defaults belong to who created it.
    expect(owners(created)).toEqual({
      "Update one": { "f:spec": { ".": {}, "f:addresses": {}, "f:size": {} } },
    });
    const status = await merge(
      "two",
      { status: { size: 1 }, metadata: { labels: { a: "b" } } },
      `${widgets}/w/status`,
    );
    expect(owners(status)["Update two/status"]).toEqual({ "f:status": { ".": {}, "f:size": {} } });
  });

  test("of ports is by their keys", async () => {
    const body = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };
    const created = await sandbox.call("POST", `${services}?fieldManager=one`, body);
    expect(owners(created)["Update one"]).toMatchObject({
      "f:spec": { "f:ports": { ".": {}, 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } },
    });
  });

  test("of scale is told as one of scale", async () => {
    const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    await sandbox.call("POST", definitions, widgetDefinition());
    await sandbox.call("POST", widgets, { metadata: { name: "w" }, spec: { addresses: ["10.0.0.1"] } });
    await merge("kubectl", { spec: { replicas: 7 } }, `${widgets}/w/scale`);
    expect(owners(await sandbox.call("GET", `${widgets}/w`))["Update kubectl/scale"]).toEqual({
      "f:spec": { "f:size": {} },
    });
  });
});

describe("an apply", () => {
  test("needs a manager, and only an apply may force", async () => {
    const nameless = await sandbox.call("PATCH", `${maps}/m`, configMap({}), "apply");
    expect([nameless.status, nameless.body.message]).toEqual([
      400,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ]);
    await apply("one", configMap({ a: "1" }));
    const forced = await sandbox.call("PATCH", `${maps}/m?force=true`, {}, "merge");
    expect([forced.status, forced.body.message]).toEqual([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
    ]);
  });

  test("of a field that another owns with another value is a conflict, told field by field", async () => {
    await sandbox.call("POST", `${maps}?fieldManager=writer`, configMap({ a: "1", b: "1" }));
    const one = await apply("applier", configMap({ a: "2" }));
    expect([one.status, one.body.reason, one.body.message]).toEqual([
      409,
      "Conflict",
      'Apply failed with 1 conflict: conflict with "writer" using v1: .data.a',
    ]);
    expect(one.body.details).toEqual({
      causes: [
        { reason: "FieldManagerConflict", message: 'conflict with "writer" using v1', field: ".data.a" },
      ],
    });
    await apply("first", configMap({ c: "1" }));
    const three = await apply("applier", configMap({ a: "2", b: "2", c: "2" }));
    expect(three.body.message).toBe(
      'Apply failed with 3 conflicts: conflicts with "first":\n- .data.c\nconflicts with "writer" using v1:\n- .data.a\n- .data.b',
    );
    expect((await sandbox.call("GET", `${maps}/m`)).body.data).toEqual({ a: "1", b: "1", c: "1" });
  });

  test("with force takes over: the field is the applier's alone", async () => {
    await sandbox.call("POST", `${maps}?fieldManager=writer`, configMap({ a: "1", b: "1" }));
    const forced = await apply("applier", configMap({ a: "2" }), "&force=true");
    expect(forced.body.data).toEqual({ a: "2", b: "1" });
    expect(owners(forced)).toEqual({
      "Apply applier": { "f:data": { "f:a": {} } },
      "Update writer": { "f:data": { ".": {}, "f:b": {} } },
    });
  });

  test("of the same value shares the field, and whoever lets go leaves it to the other", async () => {
    await apply("one", configMap({ a: "1", b: "1" }));
    const shared = await apply("two", configMap({ a: "1" }));
    expect(owners(shared)).toEqual({
      "Apply one": { "f:data": { "f:a": {}, "f:b": {} } },
      "Apply two": { "f:data": { "f:a": {} } },
    });
    const { data: _none, ...bare } = configMap({});
    expect((await apply("one", bare as KubeObject)).body.data).toEqual({ a: "1" });
    expect((await apply("two", bare as KubeObject)).body.data).toBeUndefined();
  });

  test("that drops a field which an update wrote since leaves it there", async () => {
    await apply("applier", configMap({ a: "1", b: "1" }));
    await merge("writer", { data: { a: "2" } });
    const dropped = await apply("applier", configMap({ b: "1" }));
    expect(dropped.body.data).toEqual({ a: "2", b: "1" });
  });

  test("merges lists by keys: each applier has his ports, and conflicts name the port", async () => {
    const service = (...ports: object[]): KubeObject => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s" },
      spec: { ports },
    });
    const path = `${services}/s`;
    await apply("one", service({ name: "a", port: 80 }), "", path);
    const both = await apply("two", service({ name: "b", port: 81 }), "", path);
    const numbers = ({ body }: Answer) =>
      (body.spec as { ports: { port: number }[] }).ports.map(({ port }) => port);
    expect(numbers(both)).toEqual([80, 81]);
    const refused = await apply("two", service({ name: "b", port: 81 }, { name: "c", port: 80 }), "", path);
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.ports[port=80,protocol="TCP"].name',
    );
    expect(numbers(await apply("one", service(), "", path))).toEqual([81]);
  });

  test("of an undeclared field is refused", async () => {
    const refused = await apply("one", { ...configMap({}), nonsense: 1 });
    expect([refused.status, refused.body.message]).toEqual([
      500,
      "failed to create typed patch object (default/m; /v1, Kind=ConfigMap): .nonsense: field not declared in schema",
    ]);
    const strict = await apply("one", { ...configMap({}), nonsense: 1 }, "&fieldValidation=Strict");
    expect(strict.body.message).toContain('strict decoding error: unknown field "nonsense"');
  });

  test("as a dry run shows the conflict and keeps nothing", async () => {
    await apply("one", configMap({ a: "1" }));
    expect((await apply("two", configMap({ a: "2" }), "&dryRun=All")).status).toBe(409);
    const shown = await apply("two", configMap({ b: "2" }), "&dryRun=All");
    expect(Object.keys(owners(shown))).toEqual(["Apply one", "Apply two"]);
    expect(Object.keys(owners(await sandbox.call("GET", `${maps}/m`)))).toEqual(["Apply one"]);
  });
});

describe("managed fields", () => {
  test("are cleared by a list of one empty entry, and not by an empty list", async () => {
    await sandbox.call("POST", `${maps}?fieldManager=one`, configMap({ a: "1" }));
    const kept = await merge("two", { metadata: { managedFields: [] } });
    expect(Object.keys(owners(kept))).toEqual(["Update one"]);
    const cleared = await merge("two", { metadata: { managedFields: [{}] } });
    expect(cleared.body.metadata.managedFields).toBeUndefined();
    // Not tracked until somebody applies; who made it what it is has no name then.
    expect(owners(await merge("two", { data: { b: "1" } }))).toEqual({});
    const refused = await apply("three", configMap({ a: "2" }));
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    );
    expect(owners(await apply("three", configMap({ a: "1" })))).toEqual({
      "Apply three": { "f:data": { "f:a": {} } },
      "Update before-first-apply": { "f:data": { ".": {}, "f:a": {}, "f:b": {} } },
    });
  });

  test("may be written by a client, but for nonsense", async () => {
    const created = await sandbox.call("POST", `${maps}?fieldManager=one`, configMap({ a: "1" }));
    const renamed = entries(created).map((entry) => ({ ...entry, manager: "other", operation: "Apply" }));
    const replace = [{ op: "replace", path: "/metadata/managedFields", value: renamed }];
    const written = await sandbox.call("PATCH", `${maps}/m?fieldManager=x`, replace, "json");
    expect(Object.keys(owners(written))).toEqual(["Apply other"]);
    const nonsense = await merge("x", {
      metadata: { managedFields: [{ manager: "x", operation: "Guess" }] },
    });
    expect(Object.keys(owners(nonsense))).toEqual(["Apply other"]);
  });

  test("remember ten updaters by name and the oldest as one", async () => {
    await sandbox.call("POST", `${maps}?fieldManager=m00`, configMap({ k0: "" }));
    for (let index = 1; index < 13; index++) {
      sandbox.advance(1_000);
      await merge(`m${String(index).padStart(2, "0")}`, { data: { [`k${index}`]: "" } });
    }
    const all = entries(await sandbox.call("GET", `${maps}/m`));
    expect(all).toHaveLength(10);
    expect(all.find(({ manager }) => manager === "ancient-changes")?.fieldsV1).toEqual({
      "f:data": { ".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {}, "f:k3": {} },
    });
  });

  test("of kubectl's client-side apply go over to its server-side apply without a conflict", async () => {
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const last = configMap({ a: "1", b: "1" });
    const body = { ...last, metadata: { name: "m", annotations: { [annotation]: JSON.stringify(last) } } };
    await sandbox.call("POST", `${maps}?fieldManager=kubectl-client-side-apply`, body);
    expect((await apply("somebody", configMap({ a: "2" }))).status).toBe(409);
    const taken = await apply("kubectl", configMap({ a: "2" }));
    expect(taken.status).toBe(200);
    expect(JSON.parse(taken.body.metadata.annotations?.[annotation] ?? "").data).toEqual({ a: "2" });
    // What somebody changed since is a conflict for kubectl too.
    await merge("writer", { data: { b: "9" } });
    expect((await apply("kubectl", configMap({ a: "2", b: "2" }))).body.message).toBe(
      'Apply failed with 1 conflict: conflict with "writer" using v1: .data.b',
    );
  });
});
