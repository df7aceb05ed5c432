import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { KubeObject } from "#k8s/mod.ts";
import { type Caller, type TestApi, testApi, widgetDefinition, widgets } from "../testing.ts";

let sandbox: TestApi;
let call: Caller;

beforeEach(() => {
  sandbox = testApi();
  call = sandbox.call;
});
afterEach(() => sandbox.api.close());

describe("CustomResourceDefinitions", () => {
  const widgetsPath = "/apis/example.io/v1/namespaces/default/widgets";
  const define = (definition = widgetDefinition()) =>
    call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);

  test("are established at once and served with defaults, pruning and columns", async () => {
    const { body } = await define();
    expect(body.status).toMatchObject({
      conditions: [
        { type: "NamesAccepted", status: "True" },
        { type: "Established", status: "True" },
      ],
      acceptedNames: { plural: "widgets", singular: "widget", listKind: "WidgetList" },
      storedVersions: ["v1"],
    });
    const widget = { metadata: { name: "a" }, spec: { addresses: ["1.2.3.4/32"], nested: {}, unknown: 1 } };
    const created = await call("POST", widgetsPath, widget);
    expect(created.body.spec).toEqual({ addresses: ["1.2.3.4/32"], nested: { on: true }, size: 3 });
    const table = await call("GET", `${widgetsPath}/a`, undefined, undefined, {
      accept: "application/json;as=Table;v=v1;g=meta.k8s.io",
    });
    expect(table.body.rows).toMatchObject([{ cells: ["a", 3, '["1.2.3.4/32"]', "0s"] }]);
  });

  test("objects are validated in a real server's words", async () => {
    await define();
    const widget = {
      metadata: { name: "a" },
      spec: {
        size: 50,
        mode: "z",
        addresses: ["foo", 1],
        ports: [{ port: 80 }, { port: 80 }],
        nested: { on: "yes" },
      },
    };
    const { status, body } = await call("POST", widgetsPath, widget);
    expect(status).toBe(422);
    const causes = (body.details as { causes: { field: string; message: string }[] }).causes;
    expect(causes.map(({ field, message }) => `${field}: ${message}`).sort()).toEqual([
      "spec.addresses[0]: Invalid value: \"foo\": spec.addresses[0] in body should match '^[0-9./-]+$'",
      'spec.addresses[1]: Invalid value: "integer": spec.addresses[1] in body must be of type string: "integer"',
      'spec.mode: Unsupported value: "z": supported values: "a", "b"',
      'spec.nested.on: Invalid value: "string": spec.nested.on in body must be of type boolean: "string"',
      'spec.ports[1]: Duplicate value: {"port":80}',
      "spec.size: Invalid value: 50: spec.size in body should be less than or equal to 10",
    ]);
  });

  test("status and metadata stay apart on /status, and a PUT names its resourceVersion", async () => {
    await define();
    await call("POST", widgetsPath, {
      metadata: { name: "a" },
      spec: { addresses: ["1"] },
      status: { size: 1 },
    });
    const patch = { metadata: { labels: { a: "b" } }, spec: { size: 9 }, status: { size: 7 } };
    const { body } = await call("PATCH", `${widgetsPath}/a/status`, patch, "merge");
    expect(body).toMatchObject({ spec: { size: 3 }, status: { size: 7 } });
    expect(body.metadata.labels).toBeUndefined();
    const put = await call("PUT", `${widgetsPath}/a`, {
      metadata: { name: "a" },
      spec: { addresses: ["1"] },
    });
    expect(put.body.message).toContain(
      "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
    );
  });

  test("serve every version of one set of objects", async () => {
    await define();
    await call("POST", widgetsPath, { metadata: { name: "a" }, spec: { addresses: ["1"] } });
    const old = await call("GET", "/apis/example.io/v1beta1/namespaces/default/widgets/a");
    expect(old.body).toMatchObject({ apiVersion: "example.io/v1beta1", spec: { size: 3 } });
    const path = "/apis/example.io/v1beta1/namespaces/default/widgets/a";
    await call("PATCH", path, { spec: { size: 4 } }, "merge");
    const current = await call("GET", `${widgetsPath}/a`);
    expect(current.body).toMatchObject({ apiVersion: "example.io/v1", spec: { size: 4 } });
  });

  test("warn of a version that is deprecated", async () => {
    const definition = widgetDefinition();
    const { versions } = definition.spec as { versions: { deprecated?: boolean }[] };
    Object.assign(versions[1] ?? {}, { deprecated: true });
    await define(definition);
    const old = await call("GET", "/apis/example.io/v1beta1/widgets");
    expect(old.headers.get("warning")).toBe('299 - "example.io/v1beta1 Widget is deprecated"');
    expect((await call("GET", "/apis/example.io/v1/widgets")).headers.get("warning")).toBeNull();
  });

  test("take their objects along, end their watches, and are gone from discovery", async () => {
    await define();
    await sandbox.api.client.create(widgets, {
      metadata: { name: "a", namespace: "default" },
      spec: { addresses: ["1"] },
    });
    const seen: string[] = [];
    const { resourceVersion } = await sandbox.api.client.list(widgets);
    const watching = (async () => {
      const options = { signal: new AbortController().signal, timeoutSeconds: 60 };
      for await (const { type } of sandbox.api.client.watch(widgets, resourceVersion, options))
        seen.push(type);
    })();
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.io";
    await call("DELETE", path);
    await watching;
    expect(seen.slice(0, 1)).toEqual(["DELETED"]);
    expect((await call("GET", path)).status).toBe(404);
    expect((await call("GET", widgetsPath)).status).toBe(404);
    expect((await call("GET", "/apis/example.io")).status).toBe(404);
  });

  test.each([
    [
      "a name that does not follow from its parts",
      { metadata: { name: "x.example.io" } },
      'must be spec.names.plural+"."+spec.group',
    ],
    [
      "no schema",
      { spec: { versions: [{ name: "v1", served: true, storage: true }] } },
      "schemas are required",
    ],
    [
      "a field without a type",
      {
        spec: {
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", properties: { spec: {} } } },
            },
          ],
        },
      },
      "properties[spec].type: Required value: must not be empty for specified object fields",
    ],
  ])("refuse %s", async (_, change, message) => {
    const definition = widgetDefinition();
    const { metadata, spec } = change as Partial<KubeObject>;
    const { status, body } = await define({
      ...definition,
      metadata: { ...definition.metadata, ...metadata },
      spec: { ...(definition.spec as object), ...(spec as object) },
    });
    expect(status).toBe(422);
    expect(body.message).toContain(message);
  });
});
