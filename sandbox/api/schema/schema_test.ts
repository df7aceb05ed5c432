import { describe, expect, test } from "bun:test";
import { fieldErrorText } from "../field_error.ts";
import {
  applyDefaults,
  builtInSchema,
  decodeAsGoType,
  pruneUnknown,
  type Schema,
  validateBuiltIn,
  validateValue,
} from "./mod.ts";

describe("builtInSchema()", () => {
  test("knows the fields, their words, and which are required", () => {
    const port = builtInSchema("V1ServicePort");
    expect(port.required).toEqual(["port"]);
    expect(port.properties?.nodePort).toMatchObject({ type: "integer", format: "int32" });
    expect(port.properties?.protocol).toMatchObject({ default: "TCP", enum: ["SCTP", "TCP", "UDP"] });
    expect(port.properties?.targetPort?.["x-kubernetes-int-or-string"]).toBe(true);
    expect(port.properties?.port?.description).toStartWith("The port that will be exposed");
  });

  test("types refer to one another, and to themselves", () => {
    const props = builtInSchema("V1JSONSchemaProps");
    expect(props.properties?.not?.properties).toBe(props.properties as Record<string, Schema>);
    const template = builtInSchema("V1DeploymentSpec").properties?.template;
    expect(template?.properties?.spec?.properties?.containers?.items?.properties?.image?.type).toBe("string");
  });
});

describe("pruneUnknown()", () => {
  test("removes and reports what the schema does not name, lists and maps included", () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a", labels: { any: "thing" }, foo: 1 },
      spec: { containers: [{ name: "c", bar: 1 }], nodeSelector: { any: "thing" } },
      baz: {},
    };
    expect(pruneUnknown(pod, builtInSchema("V1Pod"))).toEqual([
      "metadata.foo",
      "spec.containers[0].bar",
      "baz",
    ]);
    expect(pod).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a", labels: { any: "thing" } },
      spec: { containers: [{ name: "c" }], nodeSelector: { any: "thing" } },
    } as never);
  });

  test("keeps what a schema says to keep, and the fields of an embedded object", () => {
    const schema: Schema = {
      type: "object",
      properties: {
        raw: { "x-kubernetes-preserve-unknown-fields": true, properties: { known: { type: "object" } } },
        embedded: { type: "object", "x-kubernetes-embedded-resource": true },
      },
    };
    const value = { raw: { any: 1, known: { gone: 1 } }, embedded: { kind: "X", metadata: {}, gone: 1 } };
    expect(pruneUnknown(value, schema)).toEqual(["raw.known.gone", "embedded.gone"]);
  });

  test("drops a null that is not allowed without a word, so that a default may come", () => {
    const schema: Schema = {
      type: "object",
      properties: {
        a: { type: "string", default: "x" },
        b: { type: "string", nullable: true },
        c: { type: "string" },
      },
    };
    const value: Record<string, unknown> = { a: null, b: null, c: null };
    expect(pruneUnknown(value, schema)).toEqual([]);
    applyDefaults(value, schema);
    expect(value).toEqual({ a: "x", b: null });
  });
});

describe("applyDefaults()", () => {
  test("fills objects that are there or are defaulted, in lists and maps too, and shares nothing", () => {
    const leaf: Schema = { type: "object", properties: { on: { type: "boolean", default: true } } };
    const schema: Schema = {
      type: "object",
      properties: {
        absent: leaf,
        made: { ...leaf, default: {} },
        list: { type: "array", items: leaf },
        map: { type: "object", additionalProperties: leaf },
      },
    };
    const first: Record<string, unknown> = { list: [{}, { on: false }], map: { a: {} } };
    applyDefaults(first, schema);
    expect(first).toEqual({
      made: { on: true },
      list: [{ on: true }, { on: false }],
      map: { a: { on: true } },
    });
    const second: Record<string, unknown> = {};
    applyDefaults(second, schema);
    expect(second.made).not.toBe(first.made);
  });
});

describe("decodeAsGoType()", () => {
  const decode = (spec: unknown) => {
    const pod = { apiVersion: "v1", spec } as Record<string, unknown>;
    decodeAsGoType(pod, builtInSchema("V1Pod"), "Pod");
    return pod.spec;
  };
  const prefix = 'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal';
  test.each([
    [
      { containers: [{ name: 1 }] },
      "number into Go struct field Container.spec.containers.name of type string",
    ],
    [{ containers: {} }, "object into Go struct field PodSpec.spec.containers of type []v1.Container"],
    [{ hostNetwork: "yes" }, "string into Go struct field PodSpec.spec.hostNetwork of type bool"],
    [{ priority: 1.5 }, "number 1.5 into Go struct field PodSpec.spec.priority of type int32"],
    [
      { priority: 3_000_000_000 },
      "number 3000000000 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [{ nodeSelector: { a: 1 } }, "number into Go struct field PodSpec.spec.nodeSelector of type string"],
  ])("%j", (spec, message) => {
    expect(() => decode(spec)).toThrow(`${prefix} ${message}`);
  });

  test("takes quantities as numbers and writes them as text", () => {
    const spec = { containers: [{ name: "a", resources: { limits: { cpu: 2, memory: "64Mi" } } }] };
    expect(decode(spec)).toMatchObject({
      containers: [{ resources: { limits: { cpu: "2", memory: "64Mi" } } }],
    });
  });
});

describe("validateBuiltIn()", () => {
  test("refuses fields left empty and values outside a closed set", () => {
    const pod = { spec: { containers: [{ name: "", image: "i", imagePullPolicy: "Sometimes" }] } };
    expect(validateBuiltIn(pod, builtInSchema("V1Pod")).map(fieldErrorText)).toEqual([
      "spec.containers[0].name: Required value",
      'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ]);
    expect(validateBuiltIn({ spec: {} }, builtInSchema("V1Pod")).map(fieldErrorText)).toEqual([
      "spec.containers: Required value",
    ]);
  });
});

describe("validateValue()", () => {
  const errors = (schema: Schema, value: unknown) => validateValue(value, schema, "v").map(fieldErrorText);
  const rows: [string, Schema, unknown, string[]][] = [
    [
      "type",
      { type: "integer" },
      "x",
      ['v: Invalid value: "string": v in body must be of type integer: "string"'],
    ],
    [
      "null",
      { type: "string" },
      null,
      ['v: Invalid value: "null": v in body must be of type string: "null"'],
    ],
    ["nullable", { type: "string", nullable: true }, null, []],
    ["an integer is a number", { type: "number" }, 1, []],
    [
      "a number is no integer",
      { type: "integer" },
      1.5,
      ['v: Invalid value: "number": v in body must be of type integer: "number"'],
    ],
    [
      "int or string",
      { "x-kubernetes-int-or-string": true },
      true,
      ['v: Invalid value: "boolean": v in body must be of type integer,string: "boolean"'],
    ],
    [
      "int32",
      { type: "integer", format: "int32" },
      2 ** 31,
      ["v: Invalid value: 2147483648: v in body must be of type int32: 2147483648"],
    ],
    [
      "minimum",
      { type: "integer", minimum: 2 },
      1,
      ["v: Invalid value: 1: v in body should be greater than or equal to 2"],
    ],
    [
      "exclusive minimum",
      { type: "integer", minimum: 2, exclusiveMinimum: true },
      2,
      ["v: Invalid value: 2: v in body should be greater than 2"],
    ],
    [
      "maximum",
      { type: "integer", maximum: 2 },
      3,
      ["v: Invalid value: 3: v in body should be less than or equal to 2"],
    ],
    [
      "multipleOf",
      { type: "integer", multipleOf: 5 },
      7,
      ["v: Invalid value: 7: v in body should be a multiple of 5"],
    ],
    [
      "minLength",
      { type: "string", minLength: 2 },
      "a",
      ['v: Invalid value: "a": v in body should be at least 2 chars long'],
    ],
    ["maxLength", { type: "string", maxLength: 2 }, "abc", ["v: Too long: may not be more than 2 bytes"]],
    [
      "pattern",
      { type: "string", pattern: "^a+$" },
      "b",
      ["v: Invalid value: \"b\": v in body should match '^a+$'"],
    ],
    ["enum", { type: "string", enum: ["a"] }, "b", ['v: Unsupported value: "b": supported values: "a"']],
    [
      "format",
      { type: "string", format: "ipv4" },
      "300.1.1.1",
      ['v: Invalid value: "300.1.1.1": v in body must be of type ipv4: "300.1.1.1"'],
    ],
    ["a format that is not known", { type: "string", format: "anything" }, "x", []],
    ["duration", { type: "string", format: "duration" }, "1h30m", []],
    [
      "minItems",
      { type: "array", minItems: 1 },
      [],
      ["v: Invalid value: 0: v in body should have at least 1 items"],
    ],
    ["maxItems", { type: "array", maxItems: 1 }, [1, 2], ["v: Too many: 2: must have at most 1 items"]],
    ["set", { type: "array", "x-kubernetes-list-type": "set" }, ["a", "a"], ['v[1]: Duplicate value: "a"']],
    ["required", { type: "object", required: ["a"] }, {}, ["v.a: Required value"]],
    [
      "maxProperties",
      { type: "object", maxProperties: 1 },
      { a: 1, b: 2 },
      ["v: Too many: 2: must have at most 1 items"],
    ],
    [
      "anyOf",
      { anyOf: [{ required: ["a"] }, { required: ["b"] }] },
      {},
      ['v: Invalid value: {}: "v" must validate at least one schema (anyOf)'],
    ],
    [
      "oneOf",
      { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      { a: 1, b: 1 },
      [
        'v: Invalid value: {"a":1,"b":1}: "v" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      "not",
      { not: { required: ["a"] } },
      { a: 1 },
      ['v: Invalid value: {"a":1}: "v" must not validate the schema (not)'],
    ],
  ];
  test.each(rows)("%s", (_, schema, value, expected) => {
    expect(errors(schema, value)).toEqual(expected);
  });

  test("hands rules, values and earlier values to an evaluator, list elements by their keys", () => {
    const element: Schema = { type: "object", "x-kubernetes-validations": [{ rule: "self.n >= oldSelf.n" }] };
    const schema: Schema = {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["id"],
      items: { ...element, properties: { id: { type: "string" }, n: { type: "integer" } } },
    };
    const seen: unknown[] = [];
    const evaluate = (_: Schema, value: unknown, before: unknown, path: string) => {
      seen.push([path, value, before]);
      return [];
    };
    validateValue(
      [
        { id: "b", n: 2 },
        { id: "c", n: 1 },
      ],
      schema,
      "v",
      evaluate,
      [{ id: "b", n: 1 }],
    );
    expect(seen).toEqual([
      ["v[0]", { id: "b", n: 2 }, { id: "b", n: 1 }],
      ["v[1]", { id: "c", n: 1 }, undefined],
    ]);
  });
});
