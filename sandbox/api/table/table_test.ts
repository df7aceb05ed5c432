import { describe, expect, test } from "bun:test";
import { ageOf, humanDuration, parseJsonPath, printerColumn, tableOf } from "./mod.ts";

describe("humanDuration()", () => {
  const second = 1_000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const day = 24 * hour;
  // Rows of apimachinery's TestHumanDuration.
  test.each([
    [1 * second, "1s"],
    [70 * second, "70s"],
    [190 * second, "3m10s"],
    [70 * minute, "70m"],
    [47 * hour, "47h"],
    [49 * hour, "2d1h"],
    [8 * day + 2 * hour, "8d"],
    [367 * day, "367d"],
    [(365 * 2 + 25) * day, "2y25d"],
    [(365 * 8 + 2) * day, "8y"],
    [5 * minute, "5m"],
    [4 * hour, "4h"],
    [0, "0s"],
    [-500, "0s"],
    [-5_000, "<invalid>"],
  ])("%d ms -> %s", (milliseconds, expected) => {
    expect(humanDuration(milliseconds)).toBe(expected);
  });

  test("ageOf() tells an absent time from a broken one", () => {
    expect([ageOf(undefined, 0), ageOf("x", 0), ageOf("1970-01-01T00:00:00Z", 5_000)]).toEqual([
      "<unknown>",
      "<invalid>",
      "5s",
    ]);
  });
});

describe("parseJsonPath()", () => {
  const object = {
    spec: { replicas: 3, addresses: ["a", "b"], "odd.key": 1 },
    status: {
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Other", status: "False", weight: 4 },
      ],
    },
  };
  test.each([
    [".spec.replicas", [3]],
    [".spec.addresses", [["a", "b"]]],
    [".spec.addresses[0]", ["a"]],
    [".spec.addresses[-1]", ["b"]],
    [".spec.addresses[*]", ["a", "b"]],
    [".spec['odd.key']", [1]],
    [".spec.odd\\.key", [1]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type!='Ready')].status", ["False"]],
    [".status.conditions[?(@.weight>3)].type", ["Other"]],
    [".absent.field", []],
  ])("%s", (path, expected) => {
    expect(parseJsonPath(path)?.(object)).toEqual(expected);
  });

  test("is undefined for what is no path", () => {
    expect(parseJsonPath("spec.x")).toBeUndefined();
    expect(parseJsonPath(".spec[")).toBeUndefined();
  });
});

describe("printerColumn()", () => {
  const cells = (type: string, value: unknown) =>
    printerColumn({ name: "X", type, jsonPath: ".v" }).cell(
      { metadata: { name: "a" }, v: value },
      { now: 60_000 },
    );
  test.each([
    ["string", ["1.2.3.4/32", "b"], '["1.2.3.4/32","b"]'],
    ["string", 5, "5"],
    ["string", true, "true"],
    ["string", undefined, null],
    ["integer", 5, 5],
    ["integer", "5", null],
    ["boolean", false, false],
    ["date", "1970-01-01T00:00:00Z", "60s"],
  ])("%s of %j is %j", (type, value, expected) => {
    expect(cells(type, value)).toEqual(expected as never);
  });
});

test("tableOf() carries the object or its metadata with each row", () => {
  const columns = [printerColumn({ name: "Kind", type: "string", jsonPath: ".kind" })];
  const objects = [{ kind: "Pod", metadata: { name: "a" } }];
  const base = { columns, objects, metadata: { resourceVersion: "7" }, context: { now: 0 } };
  const table = tableOf({ ...base, includeObject: "Metadata" });
  expect(table).toMatchObject({
    kind: "Table",
    metadata: { resourceVersion: "7" },
    columnDefinitions: [{ name: "Kind", type: "string", format: "", priority: 0 }],
    rows: [{ cells: ["Pod"], object: { kind: "PartialObjectMetadata", metadata: { name: "a" } } }],
  });
  expect(tableOf({ ...base, includeObject: "Object", withColumns: false })).toMatchObject({
    columnDefinitions: null,
    rows: [{ object: { kind: "Pod" } }],
  });
  expect(tableOf({ ...base, includeObject: "None" }).rows).toEqual([{ cells: ["Pod"] }]);
});
